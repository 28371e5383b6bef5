//! How much a template may ask for.

use std::fmt;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// The length of the template, in bytes.
    Length,
    /// How deep tags, brackets and values lie in one another.
    Nesting,
    /// Tags and outputs.
    Tags,
    /// Operators, operands, filters and their arguments.
    Operators,
    /// Steps of rendering: rounds of loops, tags, elements and 256 bytes that a filter works on.
    Steps,
    /// The length of what is rendered, in bytes.
    Output,
    /// The length of one value on the way, in bytes.
    Text,
    /// The size of the variables: names and texts in bytes, and 16 for each value.
    Variables,
}

impl Limit {
    /// Everything that is limited.
    pub const ALL: [Self; 8] = [
        Self::Length,
        Self::Nesting,
        Self::Tags,
        Self::Operators,
        Self::Steps,
        Self::Output,
        Self::Text,
        Self::Variables,
    ];

    /// The name that errors give it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Nesting => "nesting",
            Self::Tags => "tags",
            Self::Operators => "operators",
            Self::Steps => "steps",
            Self::Output => "output",
            Self::Text => "text",
            Self::Variables => "variables",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How much a template may ask for. The defaults are far above what a message of 20,000 characters,
/// the most that Auth0 takes (§4.1), can need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// See [`Limit::Length`].
    pub length: usize,
    /// See [`Limit::Nesting`].
    pub nesting: usize,
    /// See [`Limit::Tags`].
    pub tags: usize,
    /// See [`Limit::Operators`].
    pub operators: usize,
    /// See [`Limit::Steps`].
    pub steps: usize,
    /// See [`Limit::Output`].
    pub output: usize,
    /// See [`Limit::Text`].
    pub text: usize,
    /// See [`Limit::Variables`].
    pub variables: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            length: 1 << 20,
            nesting: 50,
            tags: 10_000,
            operators: 20_000,
            steps: 100_000,
            output: 128 << 10,
            text: 128 << 10,
            variables: 1 << 20,
        }
    }
}

impl Limits {
    /// The value of one limit.
    #[must_use]
    pub const fn of(&self, limit: Limit) -> usize {
        match limit {
            Limit::Length => self.length,
            Limit::Nesting => self.nesting,
            Limit::Tags => self.tags,
            Limit::Operators => self.operators,
            Limit::Steps => self.steps,
            Limit::Output => self.output,
            Limit::Text => self.text,
            Limit::Variables => self.variables,
        }
    }
}
