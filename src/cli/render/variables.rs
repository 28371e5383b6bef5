//! Variables that a preview is given.

use serde_json::{Map, Value};

use crate::cli::failure::CliError;
use crate::manifest::yaml;

/// Reads a file of variables, in JSON or YAML.
pub fn read(name: &str) -> Result<Value, CliError> {
    let text = super::read(name)?;
    let value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) => from_yaml(name, &text)?,
    };
    if value.is_object() {
        return Ok(value);
    }
    let message =
        format!("{name} has to be an object of variables, such as {{\"code\": \"123456\"}}");
    Err(CliError::Template(message))
}

fn from_yaml(name: &str, text: &str) -> Result<Value, CliError> {
    let (mut documents, errors) = yaml::read(text);
    if let Some(error) = errors.first() {
        let file = crate::manifest::SourceFile::new(name, text);
        let (line, column) = file.line_column(error.span.start);
        let message = format!("{name}:{line}:{column}: {}", error.message);
        return Err(CliError::Template(message));
    }
    match documents.len() {
        0 => Ok(Value::Object(Map::new())),
        1 => Ok(documents.remove(0).value),
        _ => Err(CliError::Template(format!(
            "{name} has more than one document"
        ))),
    }
}

/// Puts values in the place of others. A name with points is a path: `user.name`.
pub fn merge(into: &mut Value, given: &Value) {
    let Some(given) = given.as_object() else {
        return;
    };
    for (name, value) in given {
        set(into, name, value);
    }
}

fn set(into: &mut Value, path: &str, value: &Value) {
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Some(map) = into.as_object_mut() else {
        return;
    };
    match path.split_once('.') {
        Some((first, rest)) if !map.contains_key(path) => {
            set(map.entry(first).or_insert(Value::Null), rest, value);
        }
        _ => match map.get_mut(path) {
            Some(old) if old.is_object() && value.is_object() => merge(old, value),
            _ => {
                map.insert(path.to_owned(), value.clone());
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::json;

    #[test]
    fn given_values_take_the_place_of_samples_by_name_or_by_path() {
        let mut sample = json!({"code": "1", "user": {"name": "Ada", "city": "Lyon"}});
        let given =
            json!({"code": "2", "user.city": "Bonn", "user": {"age": 3}, "client.name": "Web"});
        merge(&mut sample, &given);
        let expected = json!({
            "code": "2",
            "user": {"name": "Ada", "city": "Bonn", "age": 3},
            "client": {"name": "Web"}
        });
        assert_eq!(sample, expected);
    }
}
