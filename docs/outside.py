"""A preprocessor of mdBook for links that lead out of docs/.

The book is read without the repository. A link to an example leads to a chapter of the book, which has
the files of that example; every other link that leads out shows what it says and leads nowhere.
"""

import json
import pathlib
import posixpath
import re
import sys

CHAPTER = "examples.md"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```[^\n]*$)", re.MULTILINE | re.DOTALL)


def target(page, link):
    """Where a link of a page leads in the book; None where it leads out of it."""
    if "://" in link or link.startswith("#"):
        return link
    path, _, anchor = link.partition("#")
    found = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), path))
    if found == "docs/README.md" and anchor:
        # mdBook has it as index.html, and turns the links that have no anchor alone.
        return f"{path.removesuffix('README.md')}index.md#{anchor}"
    if found.startswith("docs/"):
        return link
    if found.startswith("examples/"):
        chapter = posixpath.relpath(CHAPTER, posixpath.dirname(page) or ".")
        return f"{chapter}#files-of-{found.split('/')[1]}"
    return None


def rewritten(page, text):
    """The text of a page with its links turned; blocks of code stay as they are."""

    def link(match):
        leads = target(page, match[3])
        return f"{match[1]}[{match[2]}]({leads})" if leads else match[2]

    parts = FENCE.split(text)
    parts[::2] = [LINK.sub(link, part) for part in parts[::2]]
    return "".join(parts)


def examples(root):
    """The files of all examples, each folder under a heading of its own."""
    for folder in sorted((root / "examples").iterdir()):
        if not folder.is_dir():
            continue
        yield f"\n\n## Files of {folder.name}\n"
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            kind = file.suffix.lstrip(".")
            name = file.relative_to(folder)
            yield f"\n`{name}`\n\n````{kind}\n{file.read_text().rstrip()}\n````\n"


def visit(items, root):
    """Turns the links of chapters, and those below them."""
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if not chapter:
            continue
        # README.md is index.md by now; what counts is the folder.
        page = chapter["source_path"] or chapter["path"]
        chapter["content"] = rewritten(page, chapter["content"])
        if page == CHAPTER:
            chapter["content"] += "".join(examples(root))
        visit(chapter["sub_items"], root)


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    context, book = json.load(sys.stdin)
    visit(book["items"], pathlib.Path(context["root"]))
    json.dump(book, sys.stdout)


main()
