"""Looks whether every link of the built book leads to a file and an anchor that is there."""

import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.anchors.add(value)
            elif name in ("href", "src") and value and "{{" not in value:
                self.links.append(value)


def main(book):
    pages = {path.resolve(): Page(path) for path in book.rglob("*.html")}
    wrong = []
    for path, page in pages.items():
        # Its base is the root of a server, wherever that is.
        if path.name == "404.html":
            continue
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            name = urllib.parse.unquote(parts.path)
            target = (path.parent / name).resolve() if name else path
            anchor = urllib.parse.unquote(parts.fragment)
            if not target.exists():
                wrong.append(f"{path.name}: {link} leads nowhere")
            elif anchor and target in pages and anchor not in pages[target].anchors:
                wrong.append(f"{path.name}: {link} has no such anchor")
    if wrong:
        sys.exit("\n".join(sorted(set(wrong))))
    links = sum(len(page.links) for page in pages.values())
    print(f"{len(pages)} pages, {links} links, none broken")


main(pathlib.Path(sys.argv[1]))
