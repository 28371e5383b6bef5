//! Makes a tree of a template.

mod block;

use std::rc::Rc;

use super::ast::{Body, Cycle, Filtered, Name, Node, NodeKind};
use super::cursor::Cursor;
use super::error::TemplateError;
use super::expression::{Usage, filtered, required_value, value};
use super::limit::{Limit, Limits};
use super::scan::{self, ScanError, Token, TokenKind};
use super::span::Span;

/// Parses a template.
///
/// # Errors
///
/// It is not Liquid, or a limit is reached.
pub fn parse(source: &str, limits: &Limits) -> Result<Body, TemplateError> {
    let usage = Usage::new(limits);
    if source.len() > limits.length {
        return Err(usage.reached(Limit::Length, Span::new(0, 0)));
    }
    let tokens = scan::scan(source, limits.tags).map_err(|error| match error {
        ScanError::Syntax(error) => error,
        ScanError::TooMany(span) => usage.reached(Limit::Tags, span),
    })?;
    Parser {
        source,
        tokens: &tokens,
        at: 0,
        usage: &usage,
    }
    .rest()
}

/// Goes through the pieces of a template.
struct Parser<'p> {
    source: &'p str,
    tokens: &'p [Token],
    at: usize,
    usage: &'p Usage<'p>,
}

/// What comes next in a block.
enum Step<'p> {
    Node(Node),
    /// A tag that the block waits for, with its name.
    Tag(&'p str, Token),
}

impl<'p> Parser<'p> {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).copied();
        self.at += usize::from(token.is_some());
        token
    }

    /// Everything that is left.
    fn rest(&mut self) -> Result<Body, TemplateError> {
        let mut body = Vec::new();
        while let Some(token) = self.next() {
            body.push(self.node(token)?);
        }
        Ok(body)
    }

    /// What comes next in the block of a tag that waits for tags of these names.
    fn step(&mut self, opened: Token, names: &[&str]) -> Result<Step<'p>, TemplateError> {
        let Some(token) = self.next() else {
            let tag = super::cursor::excerpt(opened.span.text(self.source));
            let end = names.last().copied().unwrap_or_default();
            let message = format!("tag {tag} not closed: {{% {end} %}} is missing");
            return Err(TemplateError::parse(opened.span, message));
        };
        match token.tag_name(self.source) {
            Some(name) if names.contains(&name) => Ok(Step::Tag(name, token)),
            _ => Ok(Step::Node(self.node(token)?)),
        }
    }

    /// The nodes up to one tag.
    fn body(&mut self, opened: Token, end: &str) -> Result<Body, TemplateError> {
        let mut body = Vec::new();
        while let Step::Node(node) = self.step(opened, &[end])? {
            body.push(node);
        }
        Ok(body)
    }

    fn node(&mut self, token: Token) -> Result<Node, TemplateError> {
        let kind = match token.kind {
            TokenKind::Text => NodeKind::Text(token.content),
            TokenKind::Output => {
                let mut cursor = Cursor::new(self.source, token.content);
                NodeKind::Output(filtered(&mut cursor, self.usage)?)
            }
            TokenKind::Tag { name, .. } => {
                self.usage.enter(token.span)?;
                let kind = self.tag(name.text(self.source), token);
                self.usage.leave();
                kind?
            }
        };
        Ok(Node {
            kind,
            span: token.span,
        })
    }

    fn tag(&mut self, name: &str, token: Token) -> Result<NodeKind, TemplateError> {
        let mut cursor = Cursor::new(self.source, token.inside());
        match name {
            "assign" => self.assign(&mut cursor),
            "capture" => self.capture(&mut cursor, token),
            "case" => self.case(&mut cursor, token),
            "comment" => {
                self.tokens_to("endcomment", token)?;
                Ok(NodeKind::Nothing)
            }
            "raw" => Ok(NodeKind::Raw(self.tokens_to("endraw", token)?)),
            "cycle" => self.cycle(&mut cursor, token),
            "increment" => Ok(NodeKind::Increment(self.name(&mut cursor))),
            "decrement" => Ok(NodeKind::Decrement(self.name(&mut cursor))),
            "for" => self.for_loop(&mut cursor, token),
            "tablerow" => self.table_row(&mut cursor, token),
            "if" => self.choice(&mut cursor, token),
            "unless" => self.unless(&mut cursor, token),
            "break" => Ok(NodeKind::Break),
            "continue" => Ok(NodeKind::Continue),
            "echo" => {
                if cursor.is_done() {
                    return Ok(NodeKind::Nothing);
                }
                Ok(NodeKind::Output(filtered(&mut cursor, self.usage)?))
            }
            "liquid" => self.liquid(&mut cursor),
            "#" => self.inline_comment(token),
            "include" | "render" => {
                self.file(&mut cursor)?;
                Ok(NodeKind::Partial { body: Vec::new() })
            }
            "layout" => {
                let none = self.file(&mut cursor)?;
                let body = self.rest()?;
                Ok(if none {
                    NodeKind::Group(body)
                } else {
                    NodeKind::Partial { body }
                })
            }
            "block" => Ok(NodeKind::Group(self.body(token, "endblock")?)),
            _ => Err(unknown(name, token.span)),
        }
    }

    fn name(&self, cursor: &mut Cursor<'_>) -> Name {
        Rc::from(cursor.identifier().text(self.source))
    }

    fn assign(&self, cursor: &mut Cursor<'_>) -> Result<NodeKind, TemplateError> {
        let name = self.name(cursor);
        if name.is_empty() {
            return Err(cursor.error("expected a variable's name"));
        }
        cursor.skip_blank();
        if !cursor.take("=") {
            return Err(cursor.error("expected \"=\" after the variable's name"));
        }
        Ok(NodeKind::Assign(name, filtered(cursor, self.usage)?))
    }

    fn capture(
        &mut self,
        cursor: &mut Cursor<'_>,
        token: Token,
    ) -> Result<NodeKind, TemplateError> {
        let mut name = self.name(cursor);
        if name.is_empty() {
            let Some(span) = cursor.quoted() else {
                return Err(cursor.error("expected a variable's name"));
            };
            let quoted = span.text(self.source);
            name = quoted.trim_matches(['"', '\'']).into();
        }
        Ok(NodeKind::Capture(name, self.body(token, "endcapture")?))
    }

    /// The places of everything up to a tag, which is not looked at.
    fn tokens_to(&mut self, end: &str, opened: Token) -> Result<Vec<Span>, TemplateError> {
        let mut spans = Vec::new();
        while let Some(token) = self.next() {
            if token.tag_name(self.source) == Some(end) {
                return Ok(spans);
            }
            spans.push(token.span);
        }
        let tag = super::cursor::excerpt(opened.span.text(self.source));
        let message = format!("tag {tag} not closed: {{% {end} %}} is missing");
        Err(TemplateError::parse(opened.span, message))
    }

    fn cycle(&self, cursor: &mut Cursor<'_>, token: Token) -> Result<NodeKind, TemplateError> {
        let start = cursor.at;
        let mut group = value(cursor, self.usage)?;
        cursor.skip_blank();
        if group.is_some() && !cursor.take(":") {
            group = None;
            cursor.at = start;
        }
        let mut candidates: Vec<Filtered> = Vec::new();
        while !cursor.is_done() {
            candidates.push(filtered(cursor, self.usage)?);
            cursor.read_to(",");
        }
        if candidates.is_empty() {
            let message = "a cycle needs values: {% cycle 'a', 'b' %}";
            return Err(TemplateError::parse(token.span, message));
        }
        Ok(NodeKind::Cycle(Cycle { group, candidates }))
    }

    /// The tags of a `liquid` tag, one a line.
    fn liquid(&mut self, cursor: &mut Cursor<'_>) -> Result<NodeKind, TemplateError> {
        let mut tokens = Vec::new();
        loop {
            cursor.skip_blank();
            if cursor.is_done() {
                break;
            }
            let start = cursor.at;
            cursor.read_to_delimiter("\n", false);
            tokens.push(scan::tag(self.source, Span::new(start, cursor.at), 0)?);
        }
        let mut lines = Parser {
            source: self.source,
            tokens: &tokens,
            at: 0,
            usage: self.usage,
        };
        Ok(NodeKind::Group(lines.rest()?))
    }

    fn inline_comment(&self, token: Token) -> Result<NodeKind, TemplateError> {
        let text = token.inside().text(self.source);
        let bare = |line: &str| {
            let line = line.trim_start_matches(super::number::is_space);
            !line.is_empty() && !line.starts_with('#')
        };
        if text.lines().skip(1).any(bare) {
            let message = "every line of such a comment begins with \"#\"";
            return Err(TemplateError::parse(token.span, message));
        }
        Ok(NodeKind::Nothing)
    }

    /// The file that a tag names; whether it is the word `none`.
    fn file(&self, cursor: &mut Cursor<'_>) -> Result<bool, TemplateError> {
        let start = cursor.at;
        required_value(cursor, self.usage)?;
        let text = self.source[start..cursor.at].trim();
        super::expression::options(cursor, self.usage)?;
        Ok(text == "none")
    }
}

/// There is no such tag, or it stands where it does not belong.
fn unknown(name: &str, span: Span) -> TemplateError {
    let message = match name {
        "else" | "elsif" | "when" => format!("{{% {name} %}} stands in no tag that it belongs to"),
        _ if name.starts_with("end") => format!("{{% {name} %}} closes no tag"),
        _ => format!("there is no tag \"{name}\""),
    };
    TemplateError::parse(span, message)
}
