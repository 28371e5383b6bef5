//! Templates that nobody wrote, from a seed.

use serde_json::{Value, json};

use crate::liquidjs::Case;

/// A generator of numbers (splitmix64): the same seed gives the same templates everywhere.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another.
    pub fn below(&mut self, most: usize) -> usize {
        let most = u64::try_from(most).unwrap().max(1);
        usize::try_from(self.next() % most).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// The variables that generated templates read.
pub fn variables() -> Value {
    json!({
        "code": "482913",
        "locale": "fr-CA",
        "friendly_name": "Acme & Söhne",
        "pause": "",
        "blank_text": "  \n ",
        "n": 3,
        "half": 2.5,
        "minus": -7,
        "big": 12_345_678_901_234_567_890_u64,
        "tiny": 0.000_000_12,
        "yes": true,
        "no": false,
        "nothing": null,
        "tags": ["b", "A", "c", "a", "B"],
        "numbers": [3, 1, 2.5, 10, -4],
        "mixed": ["b", 2, null, true, "10", [1, 2], {"k": 1}],
        "nested": [[1, [2, 3]], ["x"], []],
        "none": [],
        "map": {"z": 1, "10": "ten", "2": "two", "a": {"b": "deep"}},
        "void": {},
        "people": [
            {"name": "Zoë", "age": 31, "city": {"name": "Lyon"}},
            {"name": "ada", "age": 9, "city": {"name": "Bonn"}},
            {"name": "Bob", "age": null}
        ],
        "user": {"name": "Zoë O'Hara", "email": "zoe@example.com", "size": 9, "first": "one"},
        "html": "<p class=\"x\">1 &lt; 2 &amp; 3</p><script>y</script>",
        "lines": "one\r\ntwo\nthree",
        "date": "2026-03-04T05:06:07Z",
        "long": "Ground control to Major Tom, the circuit is dead"
    })
}

const PATHS: [&str; 44] = [
    "code",
    "locale",
    "friendly_name",
    "pause",
    "blank_text",
    "n",
    "half",
    "minus",
    "big",
    "tiny",
    "yes",
    "no",
    "nothing",
    "tags",
    "numbers",
    "mixed",
    "nested",
    "none",
    "map",
    "void",
    "people",
    "user",
    "html",
    "lines",
    "date",
    "long",
    "ghost",
    "user.name",
    "user.ghost.deep",
    "tags[1]",
    "tags[-1]",
    "tags.first",
    "tags.last",
    "tags.size",
    "map.a.b",
    "map['10']",
    "people[0].name",
    "nested[0][1]",
    "user['email']",
    "user.size",
    "code.size",
    "size",
    "x",
    "y",
];

const LITERALS: [&str; 26] = [
    "'a'",
    "\"b c\"",
    "''",
    "' '",
    "','",
    "'-'",
    "'é'",
    "'name'",
    "'city.name'",
    "'%Y-%m-%d %H:%M'",
    "0",
    "1",
    "2",
    "-1",
    "3.5",
    "10",
    "100",
    "true",
    "false",
    "nil",
    "null",
    "empty",
    "blank",
    "(1..3)",
    "(2..n)",
    "'\\u00e9\\n\\'x'",
];

const OPERATORS: [&str; 9] = ["==", "!=", ">", "<", ">=", "<=", "contains", "and", "or"];

const FILTERS: [&str; 60] = [
    "plus",
    "minus",
    "modulo",
    "times",
    "floor",
    "ceil",
    "round",
    "divided_by",
    "abs",
    "at_least",
    "at_most",
    "append",
    "prepend",
    "capitalize",
    "upcase",
    "downcase",
    "strip",
    "lstrip",
    "rstrip",
    "strip_newlines",
    "split",
    "replace",
    "replace_first",
    "remove",
    "remove_first",
    "truncate",
    "truncatewords",
    "escape",
    "escape_once",
    "url_encode",
    "url_decode",
    "strip_html",
    "newline_to_br",
    "slice",
    "map",
    "sort",
    "sort_natural",
    "first",
    "last",
    "join",
    "reverse",
    "size",
    "date",
    "default",
    "frobnicate",
    "uniq",
    "compact",
    "concat",
    "sum",
    "json",
    "replace_last",
    "remove_last",
    "squish",
    "cgi_escape",
    "uri_escape",
    "base64_encode",
    "push",
    "where",
    "find",
    "array_to_sentence_string",
];

const DATES: [&str; 46] = [
    "'2026-03-04'",
    "'2026-03'",
    "'2026'",
    "'2026-03-04T05:06'",
    "'2026-03-04T05:06:07'",
    "'2026-03-04T05:06:07.089Z'",
    "'2026-03-04T05:06:07+02:30'",
    "'2026-03-04 05:06:07'",
    "'2026-03-04 05:06:07 +0100'",
    "'2026/03/04'",
    "'3/4/2026'",
    "'March 4, 2026'",
    "'4 March 2026'",
    "'Mar 4 2026 5:06 PM'",
    "'Wed, 04 Mar 2026 05:06:07 GMT'",
    "'Wed Mar 04 2026 05:06:07 GMT+0100 (CET)'",
    "'12:30 3/4/2026'",
    "'3/4/99'",
    "'2026-13-01'",
    "'2026-02-30'",
    "'2024-02-29'",
    "'1999-12-31T24:00:00'",
    "'not a date'",
    "'now-ish'",
    "'-7'",
    "'1 2 3 4'",
    "'May'",
    "'May 2026'",
    "'0'",
    "'1772600767'",
    "1772600767",
    "1772600767.5",
    "-1",
    "0",
    "true",
    "nothing",
    "tags",
    "'2026-1-5'",
    "'5-Mar-2026'",
    "'2026-03-04T05:06:07Z extra'",
    "'+012026-03-04'",
    "'1/32/2026'",
    "'11:60 1/1/2026'",
    "'12:00 AM 1/1/2026'",
    "'1/1/2026 12:00:00.5 PM'",
    "'2026-03-04T5:06'",
];

const DIRECTIVES: [&str; 48] = [
    "%Y-%m-%dT%H:%M:%S",
    "%a",
    "%A",
    "%b",
    "%B",
    "%c",
    "%C",
    "%d",
    "%e",
    "%-d",
    "%_m",
    "%05d",
    "%H",
    "%I",
    "%j",
    "%k",
    "%l",
    "%L",
    "%m",
    "%M",
    "%N",
    "%3N",
    "%12N",
    "%p",
    "%P",
    "%q",
    "%s",
    "%S",
    "%u",
    "%U",
    "%w",
    "%W",
    "%x",
    "%X",
    "%y",
    "%Y",
    "%z",
    "%:z",
    "%Z",
    "%t",
    "%n",
    "%%",
    "%^b",
    "%#p",
    "%Q",
    "%",
    "%-",
    "%10",
];

const TEXTS: [&str; 14] = [
    "a",
    " ",
    "\n",
    " x ",
    "Your code: ",
    "é",
    "{",
    "}",
    "%",
    "{code}",
    "'",
    "\"",
    "-",
    "  \n  ",
];

/// Makes templates.
pub struct Generator {
    random: Random,
}

impl Generator {
    pub const fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
        }
    }

    pub fn case(&mut self) -> Case {
        let mut template = self.body(3);
        if self.random.chance(15) {
            template = self.damaged(&template);
        }
        Case {
            template,
            variables: variables(),
        }
    }

    /// A template with a character that is gone, doubled or out of place.
    fn damaged(&mut self, template: &str) -> String {
        let mut letters: Vec<char> = template.chars().collect();
        for _ in 0..=self.random.below(2) {
            let at = self.random.below(letters.len() + 1);
            match self.random.below(3) {
                0 if at < letters.len() => {
                    letters.remove(at);
                }
                1 if at < letters.len() => letters.insert(at, letters[at]),
                _ => {
                    let odd = [
                        "{", "}", "%", "|", ":", ",", "'", "\"", "[", "]", "(", ")", ".", "-", "=",
                        " ",
                    ];
                    let odd = self.random.pick(&odd);
                    letters.insert(at, odd.chars().next().unwrap());
                }
            }
        }
        letters.into_iter().collect()
    }

    /// A date as somebody may write it, and a format for it.
    fn date(&mut self) -> String {
        let date = self.random.pick(&DATES);
        let directive = self.random.pick(&DIRECTIVES);
        let other = self.random.pick(&DIRECTIVES);
        let zone = self.random.pick(&[
            "", "", "", ", 60", ", -330", ", 'UTC'", ", 0", ", nil", ", ghost",
        ]);
        format!("{{{{ {date} | date: '{directive}|{other}'{zone} }}}}")
    }

    fn body(&mut self, depth: usize) -> String {
        let mut body = String::new();
        for _ in 0..=self.random.below(3) {
            let piece = match self.random.below(10) {
                0..=2 => self.random.pick(&TEXTS).to_owned(),
                3..=6 if self.random.chance(8) => self.date(),
                3..=6 => self.output(),
                _ => self.tag(depth),
            };
            body.push_str(&piece);
        }
        body
    }

    fn output(&mut self) -> String {
        let filtered = self.filtered();
        let (left, right) = self.hyphens();
        format!("{{{{{left} {filtered} {right}}}}}")
    }

    fn hyphens(&mut self) -> (&'static str, &'static str) {
        let mut hyphen = || if self.random.chance(10) { "-" } else { "" };
        (hyphen(), hyphen())
    }

    fn open(&mut self, inside: &str) -> String {
        let (left, right) = self.hyphens();
        format!("{{%{left} {inside} {right}%}}")
    }

    fn tag(&mut self, depth: usize) -> String {
        let kind = if depth == 0 {
            self.random.below(7)
        } else {
            self.random.below(16)
        };
        let name = self.random.pick(&["x", "y", "item"]);
        match kind {
            0 | 1 => {
                let filtered = self.filtered();
                self.open(&format!("assign {name} = {filtered}"))
            }
            2 => {
                let (first, second) = (self.value(), self.value());
                let group = if self.random.chance(30) { "'g': " } else { "" };
                self.open(&format!("cycle {group}{first}, {second}"))
            }
            3 => self.open("increment n"),
            4 => self.open("decrement counter"),
            5 => {
                let word = self
                    .random
                    .pick(&["break", "continue", "echo code", "# note", "echo"]);
                self.open(word)
            }
            6 => self
                .random
                .pick(&[
                    "{% raw %} {{ code }} {% endraw %}",
                    "{%- raw -%} a {%- b %} {% endraw -%}  ",
                    "{% comment %} {{ code }} {% if %} {% endcomment %}",
                    "{% liquid\n assign x = 'l'\n echo x\n%}",
                ])
                .to_owned(),
            7..=9 => self.choice(depth, "if"),
            10 => self.choice(depth, "unless"),
            11 => self.case_tag(depth),
            12..=13 => self.for_tag(depth),
            14 => self.table(depth),
            _ => {
                let body = self.body(depth - 1);
                format!("{{% capture {name} %}}{body}{{% endcapture %}}")
            }
        }
    }

    fn choice(&mut self, depth: usize, tag: &str) -> String {
        let condition = self.condition();
        let mut text = self.open(&format!("{tag} {condition}"));
        text += &self.body(depth - 1);
        while self.random.chance(30) {
            let condition = self.condition();
            text += &self.open(&format!("elsif {condition}"));
            text += &self.body(depth - 1);
        }
        if self.random.chance(50) {
            text += &self.open("else");
            text += &self.body(depth - 1);
        }
        text + &self.open(&format!("end{tag}"))
    }

    fn case_tag(&mut self, depth: usize) -> String {
        let value = self.value();
        let mut text = self.open(&format!("case {value}"));
        for _ in 0..=self.random.below(3) {
            let (first, second) = (self.value(), self.value());
            let when = match self.random.below(3) {
                0 => format!("when {first}, {second}"),
                1 => format!("when {first} or {second}"),
                _ => format!("when {first}"),
            };
            text += &self.open(&when);
            text += &self.body(depth - 1);
        }
        if self.random.chance(50) {
            text += &self.open("else");
            text += &self.body(depth - 1);
        }
        text + &self.open("endcase")
    }

    fn options(&mut self, names: &[&'static str]) -> String {
        let mut options = String::new();
        for name in names {
            if self.random.chance(25) {
                let value = self.random.pick(&[
                    "0", "1", "2", "5", "-1", "n", "half", "'2'", "nothing", "ghost",
                ]);
                options += &format!(" {name}:{value}");
            }
        }
        options
    }

    fn for_tag(&mut self, depth: usize) -> String {
        let name = self.random.pick(&["x", "item", "y"]);
        let collection = self.value();
        let mut options = self.options(&["limit", "offset"]);
        if self.random.chance(20) {
            options += " reversed";
        }
        if self.random.chance(10) {
            options += " offset:continue";
        }
        let mut text = self.open(&format!("for {name} in {collection}{options}"));
        if self.random.chance(50) {
            let property = self.random.pick(&[
                "index", "index0", "rindex", "rindex0", "first", "last", "length", "name",
            ]);
            text += &format!("{{{{ forloop.{property} }}}}");
        }
        text += &self.body(depth - 1);
        text += &format!("{{{{ {name} }}}}");
        if self.random.chance(30) {
            text += "{% else %}none";
        }
        text + &self.open("endfor")
    }

    fn table(&mut self, depth: usize) -> String {
        let collection = self.value();
        let options = self.options(&["cols", "limit", "offset"]);
        let mut text = self.open(&format!("tablerow item in {collection}{options}"));
        text += &self.body(depth - 1);
        text += "{{ item }}{{ tablerowloop.col_last }}";
        text + &self.open("endtablerow")
    }

    fn condition(&mut self) -> String {
        let mut condition = self.value();
        for _ in 0..self.random.below(3) {
            let operator = self.random.pick(&OPERATORS);
            let not = if self.random.chance(5) { "not " } else { "" };
            condition = format!("{condition} {operator} {not}{}", self.value());
        }
        condition
    }

    fn value(&mut self) -> String {
        if self.random.chance(65) {
            self.random.pick(&PATHS).to_owned()
        } else {
            self.random.pick(&LITERALS).to_owned()
        }
    }

    fn filtered(&mut self) -> String {
        let mut text = if self.random.chance(10) {
            self.condition()
        } else {
            self.value()
        };
        for _ in 0..self.random.below(4) {
            text += &self.filter();
        }
        text
    }

    fn filter(&mut self) -> String {
        let name = self.random.pick(&FILTERS);
        let usual = match name {
            "plus" | "minus" | "modulo" | "times" | "divided_by" | "at_least" | "at_most"
            | "append" | "prepend" | "split" | "remove" | "remove_first" | "remove_last"
            | "map" | "default" | "concat" | "push" => 1,
            "replace" | "replace_first" | "replace_last" => 2,
            "round" | "truncate" | "truncatewords" | "slice" | "join" | "sort" | "date"
            | "where" | "find" | "strip" => self.random.below(3),
            _ => 0,
        };
        let count = if self.random.chance(5) {
            self.random.below(3)
        } else {
            usual
        };
        let mut arguments: Vec<String> = (0..count).map(|_| self.value()).collect();
        if name == "default" && self.random.chance(30) {
            arguments.push("allow_false: true".to_owned());
        }
        if arguments.is_empty() {
            format!(" | {name}")
        } else {
            format!(" | {name}: {}", arguments.join(", "))
        }
    }
}
