//! Templates that nobody wrote, from a seed.

use crate::liquidjs::Case;
use crate::words::{
    DATE_PIECES, DATES, DIRECTIVES, FILTERS, LITERALS, OPERATORS, PATHS, TEXTS, variables,
};

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
        let date = if self.random.chance(50) {
            self.random.pick(&DATES).to_owned()
        } else {
            self.odd_date()
        };
        let directive = self.random.pick(&DIRECTIVES);
        let other = self.random.pick(&DIRECTIVES);
        let zone = self.random.pick(&[
            "", "", "", ", 60", ", -330", ", 'UTC'", ", 0", ", nil", ", ghost",
        ]);
        format!("{{{{ {date} | date: '{directive}|{other}'{zone} }}}}")
    }

    /// What may once have been a date.
    fn odd_date(&mut self) -> String {
        let pieces = 2 + self.random.below(9);
        let pieces = (0..pieces).map(|_| self.random.pick(&DATE_PIECES));
        format!("'{}'", pieces.collect::<String>())
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
                options.extend([" ", name, ":", value]);
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
            text.extend(["{{ forloop.", property, " }}"]);
        }
        text += &self.body(depth - 1);
        text.extend(["{{ ", name, " }}"]);
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
