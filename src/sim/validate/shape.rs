//! What a JSON value may be, and what is wrong with one that is not.

use serde_json::{Map, Value};

/// What a JSON value has to be.
#[derive(Debug)]
pub(in crate::sim) enum Shape {
    /// Anything: the engine has no business with it.
    Any,
    /// True or false.
    Boolean,
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// A string of so many characters, from the first to the second number.
    Text(usize, usize),
    /// A string that the function accepts, and how the API calls what it asks for.
    Form(fn(&str) -> bool, &'static str),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of so many items.
    List(&'static Shape, usize, usize),
    /// A list of different items, so many at least.
    Set(&'static Shape, usize),
    /// An object with these keys and no others.
    Object(&'static [Field]),
    /// As [`Shape::Object`], with at least one key.
    Filled(&'static [Field]),
    /// An object whose other keys hold anything.
    Open(&'static [Field]),
    /// An object of any keys, so many at most, that all hold the same.
    Each(&'static Shape, usize),
    /// Null, or else this.
    OrNull(&'static Shape),
}

/// One key of an object.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Field {
    name: &'static str,
    shape: &'static Shape,
    required: bool,
}

/// A key that may be there.
pub(in crate::sim) const fn may(name: &'static str, shape: &'static Shape) -> Field {
    Field {
        name,
        shape,
        required: false,
    }
}

/// A key that must be there.
pub(in crate::sim) const fn must(name: &'static str, shape: &'static Shape) -> Field {
    Field {
        name,
        shape,
        required: true,
    }
}

/// Any string.
pub(in crate::sim) const TEXT: Shape = Shape::Text(0, usize::MAX);
/// A string that is not empty.
pub(in crate::sim) const FILLED_TEXT: Shape = Shape::Text(1, usize::MAX);
/// A list of any strings.
pub(in crate::sim) const TEXTS: Shape = Shape::List(&TEXT, 0, usize::MAX);
/// An object of any kind.
pub(in crate::sim) const ANY_OBJECT: Shape = Shape::Open(&[]);

/// What is wrong, and the keys that lead there, the innermost first.
pub(super) struct Problem {
    pub(super) text: String,
    pub(super) place: Vec<String>,
}

impl Problem {
    fn new(text: String) -> Self {
        Self {
            text,
            place: Vec::new(),
        }
    }

    fn within(mut self, key: &str) -> Self {
        self.place.push(key.to_owned());
        self
    }
}

/// Whether a value has a shape.
pub(super) fn fits(value: &Value, shape: &Shape) -> Result<(), Problem> {
    match (shape, value) {
        (Shape::Any, _) | (Shape::Boolean, Value::Bool(_)) | (Shape::OrNull(_), Value::Null) => {
            Ok(())
        }
        (Shape::OrNull(inner), _) => fits(value, inner),
        (Shape::Integer(least, most), _) => integer(value, *least, *most),
        (Shape::Text(least, most), Value::String(text)) => length(text, *least, *most),
        (Shape::Form(accepts, name), Value::String(text)) => {
            if accepts(text) {
                return Ok(());
            }
            Err(Problem::new(format!(
                "Object didn't pass validation for format {name}: {text}"
            )))
        }
        (Shape::OneOf(allowed), Value::String(text)) => {
            if allowed.contains(&text.as_str()) {
                return Ok(());
            }
            Err(Problem::new(format!("No enum match for: {text}")))
        }
        (Shape::List(item, least, most), Value::Array(items)) => list(items, item, *least, *most),
        (Shape::Set(item, least), Value::Array(items)) => {
            list(items, item, *least, usize::MAX)?;
            different(items)
        }
        (Shape::Object(fields), Value::Object(map)) => {
            keys(map, fields)?;
            only(map, fields)
        }
        (Shape::Filled(fields), Value::Object(map)) => {
            if map.is_empty() {
                return Err(Problem::new(
                    "Too few properties defined (0), minimum 1".to_owned(),
                ));
            }
            keys(map, fields)?;
            only(map, fields)
        }
        (Shape::Open(fields), Value::Object(map)) => keys(map, fields),
        (Shape::Each(inner, most), Value::Object(map)) => each(map, inner, *most),
        _ => Err(Problem::new(format!(
            "Expected type {} but found type {}",
            expected(shape),
            kind(value)
        ))),
    }
}

fn integer(value: &Value, least: i64, most: i64) -> Result<(), Problem> {
    let Some(number) = value.as_i64() else {
        return Err(Problem::new(format!(
            "Expected type integer but found type {}",
            kind(value)
        )));
    };
    if number < least {
        return Err(Problem::new(format!(
            "Value {number} is less than minimum {least}"
        )));
    }
    if number > most {
        return Err(Problem::new(format!(
            "Value {number} is greater than maximum {most}"
        )));
    }
    Ok(())
}

fn length(text: &str, least: usize, most: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length < least {
        return Err(Problem::new(format!(
            "String is too short ({length} chars), minimum {least}"
        )));
    }
    if length > most {
        return Err(Problem::new(format!(
            "String is too long ({length} chars), maximum {most}"
        )));
    }
    Ok(())
}

fn list(items: &[Value], item: &Shape, least: usize, most: usize) -> Result<(), Problem> {
    let length = items.len();
    if length < least {
        return Err(Problem::new(format!(
            "Array is too short ({length}), minimum {least}"
        )));
    }
    if length > most {
        return Err(Problem::new(format!(
            "Array is too long ({length}), maximum {most}"
        )));
    }
    for (at, value) in items.iter().enumerate() {
        fits(value, item).map_err(|problem| problem.within(&at.to_string()))?;
    }
    Ok(())
}

fn different(items: &[Value]) -> Result<(), Problem> {
    for (at, item) in items.iter().enumerate() {
        if let Some(before) = items[..at].iter().position(|other| other == item) {
            return Err(Problem::new(format!(
                "Array items are not unique (indexes {before} and {at})"
            )));
        }
    }
    Ok(())
}

fn keys(map: &Map<String, Value>, fields: &[Field]) -> Result<(), Problem> {
    for field in fields {
        match map.get(field.name) {
            Some(value) => {
                fits(value, field.shape).map_err(|problem| problem.within(field.name))?;
            }
            None if field.required => {
                return Err(Problem::new(format!(
                    "Missing required property: {}",
                    field.name
                )));
            }
            None => {}
        }
    }
    Ok(())
}

fn only(map: &Map<String, Value>, fields: &[Field]) -> Result<(), Problem> {
    let unknown: Vec<&str> = map
        .keys()
        .map(String::as_str)
        .filter(|key| fields.iter().all(|field| field.name != *key))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "Additional properties not allowed: {}",
        unknown.join(",")
    )))
}

fn each(map: &Map<String, Value>, inner: &Shape, most: usize) -> Result<(), Problem> {
    if map.len() > most {
        return Err(Problem::new(format!(
            "Too many properties defined ({}), maximum {most}",
            map.len()
        )));
    }
    for (key, value) in map {
        fits(value, inner).map_err(|problem| problem.within(key))?;
    }
    Ok(())
}

const fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any => "any",
        Shape::Boolean => "boolean",
        Shape::Integer(..) => "integer",
        Shape::Text(..) | Shape::Form(..) | Shape::OneOf(_) => "string",
        Shape::List(..) | Shape::Set(..) => "array",
        Shape::Object(_) | Shape::Filled(_) | Shape::Open(_) | Shape::Each(..) => "object",
        Shape::OrNull(inner) => expected(inner),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
