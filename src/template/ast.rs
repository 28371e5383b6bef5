//! What a template consists of.

use std::rc::Rc;

use super::span::Span;

/// Text, an output or a tag with what it encloses.
#[derive(Debug)]
pub struct Node {
    pub kind: NodeKind,
    pub span: Span,
}

pub type Body = Vec<Node>;

#[derive(Debug)]
pub enum NodeKind {
    /// Text as it stands.
    Text(Span),
    /// The text of a `raw` block.
    Raw(Vec<Span>),
    Output(Filtered),
    Assign(Name, Filtered),
    Capture(Name, Body),
    Increment(Name),
    Decrement(Name),
    Choice(Choice),
    Case(Case),
    For(Box<Loop>),
    TableRow(Box<Loop>),
    Cycle(Cycle),
    /// A tag that adds nothing round what it encloses: `liquid`, `block`, `layout none`.
    Group(Body),
    Break,
    Continue,
    /// A tag that needs another template.
    Partial {
        body: Body,
    },
    /// A comment, or a tag without effect.
    Nothing,
}

/// A name that a tag gives a value to.
pub type Name = Rc<str>;

/// `if` and `unless`.
#[derive(Debug)]
pub struct Choice {
    pub branches: Vec<Branch>,
    pub otherwise: Body,
}

#[derive(Debug)]
pub struct Branch {
    pub condition: Filtered,
    /// The branch of `unless`: taken where the condition is not true.
    pub negated: bool,
    pub body: Body,
}

#[derive(Debug)]
pub struct Case {
    pub value: Filtered,
    pub branches: Vec<(Vec<Operand>, Body)>,
    pub otherwise: Body,
}

#[derive(Debug)]
pub struct Loop {
    pub variable: Name,
    pub collection: Operand,
    /// The text of the collection, by which `offset: continue` knows it.
    pub collection_span: Span,
    pub options: Vec<Named>,
    pub body: Body,
    pub otherwise: Body,
}

#[derive(Debug)]
pub struct Cycle {
    pub group: Option<Operand>,
    pub candidates: Vec<Filtered>,
}

/// `name: value`; the name alone means true.
#[derive(Debug)]
pub struct Named {
    pub name: Rc<str>,
    pub value: Option<Operand>,
}

/// An expression and the filters that it goes through.
#[derive(Debug)]
pub struct Filtered {
    pub expression: Vec<Term>,
    pub filters: Vec<Filter>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Filter {
    pub name: String,
    pub span: Span,
    pub arguments: Vec<Argument>,
}

#[derive(Debug)]
pub struct Argument {
    pub name: Option<Rc<str>>,
    pub value: Option<Operand>,
}

/// A part of an expression, in postfix order.
#[derive(Debug)]
pub enum Term {
    Operator(Operator),
    Operand(Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    Not,
    And,
    Or,
}

impl Operator {
    /// Which operator comes first where there are no brackets.
    pub const fn precedence(self) -> u8 {
        match self {
            Self::And | Self::Or => 0,
            Self::Not => 1,
            _ => 2,
        }
    }
}

#[derive(Debug)]
pub enum Operand {
    Bool(bool),
    Nil,
    Empty,
    Blank,
    Number(f64),
    Text(Rc<str>),
    Path(Box<Path>),
    Range(Box<Range>),
}

/// A variable, or the property of a value.
#[derive(Debug)]
pub struct Path {
    /// The value that the properties are of; none where the first names a variable.
    pub root: Option<Operand>,
    pub segments: Vec<Segment>,
    pub span: Span,
}

#[derive(Debug)]
pub enum Segment {
    Name(Rc<str>),
    Value(Operand),
}

#[derive(Debug)]
pub struct Range {
    pub low: Operand,
    pub high: Operand,
    pub span: Span,
}
