//! How deeply a text is nested, before a parser that recurses reads it.
//!
//! A parser of JavaScript calls itself for every bracket, unary operator, assignment, arrow and
//! statement without braces. Code in an object of a cluster must not be able to overflow the stack of
//! the process, so this reader, which does not recurse, looks first. What it counts is never less than
//! what is nested; where it cannot tell a regular expression from a division, it says so.

mod letters;

use letters::{is_word, regular_expression};

/// The deepest nesting that is parsed: brackets, and operators and statements that go on to the right.
pub(super) const DEEPEST: usize = 120;

/// What came of looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nesting {
    /// It can be parsed.
    Shallow,
    /// At this byte it is nested too deeply.
    Deep(usize),
    /// What begins at this byte does not end.
    Unclosed(usize, &'static str),
    /// From this byte on it cannot be told.
    Unknown(usize),
}

/// What the last token was, as far as a slash after it depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The end of an operand: a slash divides.
    Operand,
    /// An operator, or the beginning: a slash begins a regular expression.
    Operator,
    /// A dot: a word after it is a name, whatever it is.
    Dot,
    /// The word before the brackets of a statement.
    Head,
    /// A slash may be either.
    Either,
}

struct Level {
    opener: u8,
    /// The brackets of `if (…)`, `for (…)`, `while (…)`, `with (…)`.
    head: bool,
    statements: usize,
    expressions: usize,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    last: Last,
    levels: Vec<Level>,
    /// The sum over all levels.
    pressure: usize,
}

/// The template text between two placeholders is no bracket: its level has this opener.
const TEMPLATE: u8 = b'`';

/// Looks how deeply a text is nested.
pub(super) fn nesting(text: &str) -> Nesting {
    let mut reader = Reader {
        text,
        at: 0,
        last: Last::Operator,
        levels: Vec::new(),
        pressure: 0,
    };
    if text.starts_with("#!") {
        reader.skip_line();
    }
    reader.open(b'{');
    loop {
        match reader.token() {
            Ok(true) if reader.pressure > DEEPEST => return Nesting::Deep(reader.at),
            Ok(true) => {}
            Ok(false) => return Nesting::Shallow,
            Err(found) => return found,
        }
    }
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn open(&mut self, opener: u8) {
        let head = opener == b'(' && self.last == Last::Head;
        self.levels.push(Level {
            opener,
            head,
            statements: 0,
            expressions: 0,
        });
        self.pressure += 1;
        self.last = Last::Operator;
    }

    /// Closes the innermost level; `None` where that is another one, and a parser gives up.
    fn close(&mut self, opener: u8) -> Option<Level> {
        let level = self.levels.pop_if(|level| level.opener == opener)?;
        self.pressure -= 1 + level.statements + level.expressions;
        Some(level)
    }

    fn goes_on(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.expressions += 1;
            self.pressure += 1;
        }
    }

    fn expression_ends(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.pressure -= level.expressions;
            level.expressions = 0;
        }
    }

    /// What stands after a statement may belong to one around it.
    fn statement_ends(&mut self) {
        let mut rest = self.rest();
        loop {
            let trimmed = rest.trim_start();
            rest = match (trimmed.get(..2), trimmed.find('\n'), trimmed.find("*/")) {
                (Some("//"), Some(end), _) => &trimmed[end..],
                (Some("/*"), _, Some(end)) => &trimmed[end + 2..],
                _ => {
                    rest = trimmed;
                    break;
                }
            };
        }
        let follows = |word: &str| rest.starts_with(word);
        if ["else", "while", "catch", "finally"]
            .into_iter()
            .any(follows)
        {
            return;
        }
        if let Some(level) = self.levels.last_mut() {
            self.pressure -= level.statements;
            level.statements = 0;
        }
    }

    /// Reads one token; false at the end, and where a parser gives up.
    fn token(&mut self) -> Result<bool, Nesting> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(false);
        };
        if first.is_whitespace() || first == '\u{feff}' {
            self.at += first.len_utf8();
            return Ok(true);
        }
        if rest.starts_with("<!--") || rest.starts_with("-->") {
            return Err(Nesting::Unknown(self.at));
        }
        match first {
            '/' => return self.slash().map(|()| true),
            '"' | '\'' => self.string(first)?,
            '`' => {
                self.open(TEMPLATE);
                self.at += 1;
                self.template()?;
            }
            '(' | '[' | '{' => {
                self.open(first as u8);
                self.at += 1;
            }
            ')' | ']' | '}' => return self.closer(first),
            '0'..='9' => self.word_like(Last::Operand),
            _ if is_word(first) => self.word(),
            _ => self.operator(),
        }
        Ok(true)
    }

    fn closer(&mut self, closer: char) -> Result<bool, Nesting> {
        self.at += 1;
        let opener = match closer {
            ')' => b'(',
            ']' => b'[',
            _ => b'{',
        };
        let Some(level) = self.close(opener) else {
            return Ok(false);
        };
        if self.levels.is_empty() {
            return Ok(false);
        }
        if opener == b'{' && self.levels.last().is_some_and(|it| it.opener == TEMPLATE) {
            self.template()?;
            return Ok(true);
        }
        self.last = match closer {
            ')' if level.head => Last::Operator,
            '}' => Last::Either,
            _ => Last::Operand,
        };
        if closer == '}' {
            self.statement_ends();
        }
        Ok(true)
    }

    /// A comment, a division or a regular expression.
    fn slash(&mut self) -> Result<(), Nesting> {
        let begin = self.at;
        if self.rest().starts_with("//") {
            self.skip_line();
            return Ok(());
        }
        if self.rest().starts_with("/*") {
            let end = self.rest().get(2..).and_then(|rest| rest.find("*/"));
            let end = end.ok_or(Nesting::Unclosed(begin, "this comment does not end"))?;
            self.at += end + 4;
            return Ok(());
        }
        match self.last {
            Last::Operand | Last::Dot => {
                self.at += 1;
                self.last = Last::Operator;
            }
            Last::Operator | Last::Head => {
                let message = "this regular expression does not end";
                let length = regular_expression(self.rest());
                self.at += length.ok_or(Nesting::Unclosed(begin, message))?;
                self.word_like(Last::Operand);
            }
            Last::Either => {
                let Some(length) = regular_expression(self.rest()) else {
                    self.at += 1;
                    self.last = Last::Operator;
                    return Ok(());
                };
                let body = self.rest().get(1..length - 1).unwrap_or_default();
                let after = self.rest().get(length..).unwrap_or_default();
                let same = body
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_ .$^|\\".contains(&byte));
                if !same || after.trim_start().starts_with('/') {
                    return Err(Nesting::Unknown(begin));
                }
                self.at += length;
                self.word_like(Last::Operand);
            }
        }
        Ok(())
    }

    fn skip_line(&mut self) {
        let end = self.rest().find(['\n', '\r', '\u{2028}', '\u{2029}']);
        self.at += end.unwrap_or(self.rest().len());
    }

    fn string(&mut self, quote: char) -> Result<(), Nesting> {
        let unclosed = Nesting::Unclosed(self.at, "this string does not end");
        let mut escaped = false;
        for (index, letter) in self.rest().char_indices().skip(1) {
            match letter {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\n' | '\r' => return Err(unclosed),
                _ if letter == quote => {
                    self.at += index + 1;
                    self.last = Last::Operand;
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(unclosed)
    }

    /// The text of a template up to its end or the next placeholder.
    fn template(&mut self) -> Result<(), Nesting> {
        let begin = self.at;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'`' => {
                    self.at += 1;
                    self.close(TEMPLATE);
                    self.last = Last::Operand;
                    return Ok(());
                }
                b'$' if bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 2;
                    self.open(b'{');
                    return Ok(());
                }
                _ => {}
            }
            self.at += 1;
        }
        Err(Nesting::Unclosed(begin, "this template does not end"))
    }

    /// Passes over letters and digits.
    fn word_like(&mut self, last: Last) {
        let end = self
            .rest()
            .find(|letter| !(is_word(letter) || letter == '.'));
        self.at += end.unwrap_or(self.rest().len());
        self.last = last;
    }

    fn word(&mut self) {
        let end = self.rest().find(|letter| !is_word(letter));
        let length = end.unwrap_or(self.rest().len());
        let word = self.text.get(self.at..self.at + length).unwrap_or_default();
        self.at += length;
        if self.last == Last::Dot {
            self.last = Last::Operand;
            return;
        }
        match word {
            "if" | "for" | "while" | "do" | "with" | "try" | "switch" => {
                self.expression_ends();
                if let Some(level) = self.levels.last_mut() {
                    level.statements += 1;
                    self.pressure += 1;
                }
            }
            // Every `else` has its `if`, which is counted.
            "else" | "const" | "return" | "throw" | "case" | "default" => self.expression_ends(),
            "new" | "typeof" | "void" | "delete" | "await" | "yield" | "extends" | "async"
            | "import" => self.goes_on(),
            _ => {}
        }
        self.last = match word {
            "if" | "for" | "while" | "with" => Last::Head,
            "return" | "throw" | "case" | "delete" | "void" | "typeof" | "new" | "in"
            | "instanceof" | "do" | "else" | "extends" | "default" => Last::Operator,
            // `for await (…)` and names that are keywords in some places only.
            "await" if self.last == Last::Head => Last::Head,
            "await" | "yield" | "of" | "let" | "async" => Last::Either,
            _ => Last::Operand,
        };
    }

    fn operator(&mut self) {
        const PLAIN: [&str; 8] = ["===", "!==", "==", "!=", "<=", ">=", "...", "?."];
        let rest = self.rest();
        if let Some(plain) = PLAIN.into_iter().find(|plain| rest.starts_with(plain)) {
            self.at += plain.len();
            self.last = if plain == "?." {
                Last::Dot
            } else {
                Last::Operator
            };
            return;
        }
        let two = ["=>", "**", "++", "--"]
            .into_iter()
            .find(|it| rest.starts_with(it));
        if let Some(two) = two {
            self.at += 2;
            self.goes_on();
            self.last = if matches!(two, "++" | "--") {
                Last::Either
            } else {
                Last::Operator
            };
            return;
        }
        let first = rest.chars().next().unwrap_or(' ');
        self.at += first.len_utf8();
        match first {
            ';' => {
                self.expression_ends();
                self.statement_ends();
            }
            ',' => self.expression_ends(),
            '=' | '?' | ':' | '!' | '~' => self.goes_on(),
            '+' | '-' if self.last != Last::Operand => self.goes_on(),
            _ => {}
        }
        self.last = if first == '.' {
            Last::Dot
        } else {
            Last::Operator
        };
    }
}
