//! Tags that choose or repeat what they enclose.

use super::{Parser, Step};
use crate::template::ast::{Body, Branch, Case, Choice, Loop, NodeKind, Operand};
use crate::template::cursor::Cursor;
use crate::template::error::TemplateError;
use crate::template::expression::{filtered, options, required_value, value};
use crate::template::scan::Token;
use crate::template::span::Span;

impl Parser<'_> {
    pub(super) fn choice(
        &mut self,
        cursor: &mut Cursor<'_>,
        opened: Token,
    ) -> Result<NodeKind, TemplateError> {
        let mut branches = vec![self.branch(cursor, false)?];
        let mut otherwise: Option<Body> = None;
        loop {
            match self.step(opened, &["elsif", "else", "endif"])? {
                Step::Node(node) => match (&mut otherwise, branches.last_mut()) {
                    (Some(body), _) => body.push(node),
                    (None, Some(branch)) => branch.body.push(node),
                    (None, None) => {}
                },
                Step::Tag("elsif", tag) => {
                    if otherwise.is_some() {
                        return Err(TemplateError::parse(tag.span, "elsif after else"));
                    }
                    branches.push(self.branch(&mut self.arguments(tag), false)?);
                }
                Step::Tag("else", tag) => {
                    self.without_arguments(tag)?;
                    if otherwise.replace(Vec::new()).is_some() {
                        return Err(TemplateError::parse(tag.span, "a second else"));
                    }
                }
                Step::Tag(_, tag) => {
                    self.without_arguments(tag)?;
                    return Ok(NodeKind::Choice(Choice {
                        branches,
                        otherwise: otherwise.unwrap_or_default(),
                    }));
                }
            }
        }
    }

    pub(super) fn unless(
        &mut self,
        cursor: &mut Cursor<'_>,
        opened: Token,
    ) -> Result<NodeKind, TemplateError> {
        let mut branches = vec![self.branch(cursor, true)?];
        let (mut otherwise, mut place) = (Vec::new(), Place::Branch);
        loop {
            match self.step(opened, &["elsif", "else", "endunless"])? {
                Step::Node(node) => match (place, branches.last_mut()) {
                    (Place::Branch, Some(branch)) => branch.body.push(node),
                    (Place::Otherwise, _) => otherwise.push(node),
                    _ => {}
                },
                Step::Tag("elsif", tag) if place == Place::Branch => {
                    branches.push(self.branch(&mut self.arguments(tag), false)?);
                }
                Step::Tag("elsif", _) => place = Place::Nowhere,
                Step::Tag("else", _) => place = place.after_else(),
                Step::Tag(..) => {
                    return Ok(NodeKind::Choice(Choice {
                        branches,
                        otherwise,
                    }));
                }
            }
        }
    }

    pub(super) fn case(
        &mut self,
        cursor: &mut Cursor<'_>,
        opened: Token,
    ) -> Result<NodeKind, TemplateError> {
        let value = filtered(cursor, self.usage)?;
        let mut branches: Vec<(Vec<Operand>, Body)> = Vec::new();
        let (mut otherwise, mut place) = (Vec::new(), Place::Branch);
        loop {
            match self.step(opened, &["when", "else", "endcase"])? {
                Step::Node(node) => match (place, branches.last_mut()) {
                    (Place::Branch, Some((_, body))) => body.push(node),
                    (Place::Otherwise, _) => otherwise.push(node),
                    _ => {}
                },
                Step::Tag("when", tag) if place == Place::Branch => {
                    branches.push((self.alternatives(tag)?, Vec::new()));
                }
                Step::Tag("when", _) => {}
                Step::Tag("else", _) => place = place.after_else(),
                Step::Tag(..) => {
                    return Ok(NodeKind::Case(Case {
                        value,
                        branches,
                        otherwise,
                    }));
                }
            }
        }
    }

    /// The values of a `when`, with commas or `or` between them.
    fn alternatives(&self, tag: Token) -> Result<Vec<Operand>, TemplateError> {
        let mut cursor = self.arguments(tag);
        let mut values = Vec::new();
        while !cursor.is_done() {
            values.push(required_value(&mut cursor, self.usage)?);
            cursor.skip_blank();
            let separator = if cursor.peek() == Some(',') {
                ","
            } else {
                "or"
            };
            cursor.read_to(separator);
        }
        Ok(values)
    }

    pub(super) fn for_loop(
        &mut self,
        cursor: &mut Cursor<'_>,
        opened: Token,
    ) -> Result<NodeKind, TemplateError> {
        let mut head = self.loop_head(cursor, opened)?;
        if head.variable.is_empty() {
            return Err(illegal_loop(opened));
        }
        let mut in_else = false;
        loop {
            match self.step(opened, &["else", "endfor"])? {
                Step::Node(node) if in_else => head.otherwise.push(node),
                Step::Node(node) => head.body.push(node),
                Step::Tag("else", tag) => {
                    self.without_arguments(tag)?;
                    in_else = true;
                }
                Step::Tag(_, tag) => {
                    self.without_arguments(tag)?;
                    return Ok(NodeKind::For(Box::new(head)));
                }
            }
        }
    }

    pub(super) fn table_row(
        &mut self,
        cursor: &mut Cursor<'_>,
        opened: Token,
    ) -> Result<NodeKind, TemplateError> {
        let mut head = self.loop_head(cursor, opened)?;
        head.body = self.body(opened, "endtablerow")?;
        Ok(NodeKind::TableRow(Box::new(head)))
    }

    /// `variable in collection options`
    fn loop_head(&self, cursor: &mut Cursor<'_>, opened: Token) -> Result<Loop, TemplateError> {
        let variable = self.name(cursor);
        let word = cursor.identifier();
        cursor.skip_blank();
        let start = cursor.at;
        let collection = value(cursor, self.usage)?;
        let collection_span = Span::new(start, cursor.at);
        match collection {
            Some(collection) if word.text(self.source) == "in" => Ok(Loop {
                variable,
                collection,
                collection_span,
                options: options(cursor, self.usage)?,
                body: Vec::new(),
                otherwise: Vec::new(),
            }),
            _ => Err(illegal_loop(opened)),
        }
    }

    fn branch(&self, cursor: &mut Cursor<'_>, negated: bool) -> Result<Branch, TemplateError> {
        Ok(Branch {
            condition: filtered(cursor, self.usage)?,
            negated,
            body: Vec::new(),
        })
    }

    fn arguments(&self, tag: Token) -> Cursor<'_> {
        Cursor::new(self.source, tag.inside())
    }

    fn without_arguments(&self, tag: Token) -> Result<(), TemplateError> {
        let text = tag.inside().text(self.source);
        if text.is_empty() {
            return Ok(());
        }
        let name = tag.tag_name(self.source).unwrap_or_default();
        let found = crate::template::cursor::excerpt(text);
        let message = format!("{{% {name} %}} takes nothing, found {found}");
        Err(TemplateError::parse(tag.inside(), message))
    }
}

/// Where the nodes of a block go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Branch,
    Otherwise,
    /// What follows a second `else` is left out.
    Nowhere,
}

impl Place {
    const fn after_else(self) -> Self {
        match self {
            Self::Branch => Self::Otherwise,
            Self::Otherwise | Self::Nowhere => Self::Nowhere,
        }
    }
}

fn illegal_loop(opened: Token) -> TemplateError {
    let message = "a loop is written {% for item in list %}";
    TemplateError::parse(opened.span, message)
}
