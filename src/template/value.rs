//! The values that a template works on: those of JavaScript, as far as JSON and Liquid make them.

use std::cell::Cell;
use std::rc::Rc;

use super::budget::{Budget, Fault};
use super::limit::Limit;
use super::number;

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// What a name that nothing has gives.
    Undefined,
    /// The `null` of the variables.
    Null,
    /// The words `nil` and `null` of a template.
    Nil,
    /// The word `empty`.
    Empty,
    /// The word `blank`.
    Blank,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    Array(Rc<Array>),
    Object(Rc<Object>),
    /// `forloop` or `tablerowloop`.
    Loop(Rc<Loop>),
}

/// A list of values.
#[derive(Debug)]
pub struct Array {
    pub items: Vec<Value>,
    depth: usize,
}

/// Named values, in the order in which JavaScript lists them.
#[derive(Debug)]
pub struct Object {
    pub entries: Vec<(Rc<str>, Value)>,
    /// The entries by name.
    sorted: Vec<usize>,
    depth: usize,
}

impl Object {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self
            .sorted
            .binary_search_by(|at| self.entries[*at].0.as_ref().cmp(name))
            .ok()?;
        Some(&self.entries[self.sorted[found]].1)
    }
}

/// Where a loop is.
#[derive(Debug)]
pub struct Loop {
    /// The round, from 0.
    pub index: Cell<usize>,
    pub length: usize,
    /// The variable and what it goes over, with a hyphen between them.
    pub name: String,
    /// The columns, where it is the loop of a table.
    pub columns: Option<Columns>,
}

/// The columns of a table.
#[derive(Debug)]
pub struct Columns {
    pub count: f64,
    /// As the template gives it; a text is never equal to the number of a column.
    pub given: Value,
}

impl Value {
    pub fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    ///
    /// # Errors
    ///
    /// It lies too deep.
    pub fn array(items: Vec<Self>, budget: &Budget<'_>) -> Result<Self, Fault> {
        let depth = 1 + items.iter().map(Self::depth).max().unwrap_or(0);
        budget.depth(depth)?;
        Ok(Self::Array(Rc::new(Array { items, depth })))
    }

    fn object(mut entries: Vec<(Rc<str>, Self)>, budget: &Budget<'_>) -> Result<Self, Fault> {
        // JavaScript lists names that are indices first, by number; the sort keeps the others' order.
        entries.sort_by_key(|(name, _)| index(name).unwrap_or(u32::MAX));
        let mut sorted: Vec<usize> = (0..entries.len()).collect();
        sorted.sort_by(|left, right| entries[*left].0.cmp(&entries[*right].0));
        let depth = 1 + entries
            .iter()
            .map(|(_, value)| value.depth())
            .max()
            .unwrap_or(0);
        budget.depth(depth)?;
        Ok(Self::Object(Rc::new(Object {
            entries,
            sorted,
            depth,
        })))
    }

    fn depth(&self) -> usize {
        match self {
            Self::Array(array) => array.depth,
            Self::Object(object) => object.depth,
            _ => 0,
        }
    }

    /// What a drop stands for; everything else stands for itself.
    pub fn plain(self) -> Self {
        match self {
            Self::Nil => Self::Null,
            Self::Empty | Self::Blank => Self::text(""),
            Self::Loop(of) => Self::text(of.to_json()),
            other => other,
        }
    }

    /// Nothing, as `value == null` tests it.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// Whether Liquid takes it for true.
    pub const fn is_true(&self) -> bool {
        !matches!(
            self,
            Self::Undefined | Self::Null | Self::Nil | Self::Bool(false)
        )
    }

    /// Whether JavaScript takes it for true.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            _ => true,
        }
    }

    /// What is iterated over: a text is one element, an object its pairs.
    pub fn enumerated(self, budget: &Budget<'_>) -> Result<Vec<Self>, Fault> {
        match self.plain() {
            Self::Array(array) => {
                budget.step(array.items.len())?;
                Ok(array.items.clone())
            }
            Self::Text(text) if !text.is_empty() => Ok(vec![Self::Text(text)]),
            Self::Object(object) => {
                budget.step(object.entries.len())?;
                let pair = |(name, value): &(Rc<str>, Self)| {
                    Self::array(vec![Self::Text(Rc::clone(name)), value.clone()], budget)
                };
                object.entries.iter().map(pair).collect()
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What filters for lists work on: nothing is no element, a single value one.
    pub fn listed(&self, budget: &Budget<'_>) -> Result<Vec<Self>, Fault> {
        match self.clone().plain() {
            Self::Undefined | Self::Null => Ok(Vec::new()),
            Self::Array(array) => {
                budget.step(array.items.len())?;
                Ok(array.items.clone())
            }
            other => Ok(vec![other]),
        }
    }

    /// The variables of a template.
    ///
    /// # Errors
    ///
    /// They are too large or too deep.
    pub fn from_json(json: &serde_json::Value, budget: &Budget<'_>) -> Result<Self, Fault> {
        let mut left = budget.limits().variables;
        Self::taken(json, budget, &mut left, 0)
    }

    fn taken(
        json: &serde_json::Value,
        budget: &Budget<'_>,
        left: &mut usize,
        depth: usize,
    ) -> Result<Self, Fault> {
        budget.depth(depth)?;
        charge(left, 16, budget)?;
        Ok(match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => {
                charge(left, text.len(), budget)?;
                Self::text(text.as_str())
            }
            serde_json::Value::Array(items) => {
                let mut taken = Vec::new();
                for item in items {
                    taken.push(Self::taken(item, budget, left, depth + 1)?);
                }
                Self::array(taken, budget)?
            }
            serde_json::Value::Object(map) => {
                let mut entries = Vec::new();
                for (name, value) in map {
                    charge(left, name.len(), budget)?;
                    let value = Self::taken(value, budget, left, depth + 1)?;
                    entries.push((Rc::from(name.as_str()), value));
                }
                Self::object(entries, budget)?
            }
        })
    }
}

fn charge(left: &mut usize, size: usize, budget: &Budget<'_>) -> Result<(), Fault> {
    *left = left
        .checked_sub(size)
        .ok_or_else(|| Fault::limit(Limit::Variables, budget.limits()))?;
    Ok(())
}

/// The number of a name that is an index as JavaScript writes it.
fn index(name: &str) -> Option<u32> {
    let number: u32 = name.parse().ok()?;
    (number < u32::MAX && number.to_string() == name).then_some(number)
}

impl Loop {
    /// What it prints as.
    pub fn to_json(&self) -> String {
        let name = serde_json::Value::from(self.name.as_str());
        let (index, length) = (self.index.get(), self.length);
        let columns = self
            .columns
            .as_ref()
            .map(|columns| format!(",\"cols\":{}", number::to_text(columns.count)));
        format!(
            "{{\"i\":{index},\"length\":{length},\"name\":{name}{}}}",
            columns.unwrap_or_default()
        )
    }
}
