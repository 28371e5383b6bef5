//! The names that a template can read.

use std::collections::HashMap;
use std::rc::Rc;

use crate::template::value::Value;

/// Names and what they stand for, from the innermost loop to the variables.
pub struct Scope {
    loops: Vec<Vec<(Rc<str>, Value)>>,
    assigned: HashMap<Rc<str>, Value>,
    /// What `increment` and `decrement` made of variables.
    counted: HashMap<Rc<str>, Value>,
    environment: Value,
    /// Which value of a cycle comes next.
    turns: HashMap<String, usize>,
    /// Where a loop with `offset: continue` goes on.
    continued: HashMap<String, Value>,
}

impl Scope {
    pub fn new(environment: Value) -> Self {
        Self {
            loops: Vec::new(),
            assigned: HashMap::new(),
            counted: HashMap::new(),
            environment,
            turns: HashMap::new(),
            continued: HashMap::new(),
        }
    }

    pub fn get(&self, name: &str) -> Value {
        let mut looped = self.loops.iter().rev().flatten();
        let found = looped
            .find(|(known, _)| &**known == name)
            .map(|(_, value)| value)
            .or_else(|| self.assigned.get(name))
            .or_else(|| self.variable(name));
        match found {
            Some(value) => value.clone(),
            // The size of no scope at all, which LiquidJS ends with.
            None if name == "size" => Value::Number(0.0),
            None => Value::Undefined,
        }
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        let given = match &self.environment {
            Value::Object(object) => object.get(name),
            _ => None,
        };
        self.counted.get(name).or(given)
    }

    pub fn assign(&mut self, name: &Rc<str>, value: Value) {
        self.assigned.insert(Rc::clone(name), value);
    }

    /// Changes a counter, and gives its value moved by `shown`.
    pub fn count(&mut self, name: &Rc<str>, shown: f64, change: f64) -> Value {
        let before = match self.variable(name) {
            Some(Value::Number(number)) => *number,
            _ => 0.0,
        };
        self.counted
            .insert(Rc::clone(name), Value::Number(before + change));
        Value::Number(before + shown)
    }

    /// Begins a loop, whose names hide others.
    pub fn push(&mut self, names: Vec<(Rc<str>, Value)>) {
        self.loops.push(names);
    }

    pub fn pop(&mut self) {
        self.loops.pop();
    }

    /// Sets a name of the innermost loop.
    pub fn set(&mut self, name: &Rc<str>, value: Value) {
        let Some(names) = self.loops.last_mut() else {
            return;
        };
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => names.push((Rc::clone(name), value)),
        }
    }

    /// Whose turn it is in a cycle of so many.
    pub fn turn(&mut self, cycle: String, count: usize) -> usize {
        let next = self.turns.entry(cycle).or_insert(0);
        let turn = *next;
        *next = (turn + 1) % count.max(1);
        turn
    }

    pub fn continued(&self, key: &str) -> Option<Value> {
        self.continued.get(key).cloned()
    }

    pub fn set_continued(&mut self, key: String, value: Value) {
        self.continued.insert(key, value);
    }
}
