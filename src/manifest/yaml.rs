//! YAML as kubectl reads it: values as its parser resolves them, and where each stands.
//!
//! kubectl reads YAML 1.1: `yes` is true, `012` is ten and an unquoted `+15550100` is a number. A
//! reader that is kinder than kubectl would pass manifests that a cluster refuses.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Number, Value};

/// How deep a document may be nested.
const MOST_DEPTH: usize = 100;
/// How large a file may be, in bytes.
const MOST_BYTES: usize = 3 * 1024 * 1024;
/// How many values a file may hold, those of aliases counted each time.
const MOST_VALUES: usize = 200_000;

/// Where a value stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The bytes of its key, if it has one.
    pub key: Option<Range<usize>>,
    /// The bytes of the value.
    pub value: Range<usize>,
}

/// One document of a file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its value.
    pub value: Value,
    /// Where each value stands, by JSON pointer.
    pub places: BTreeMap<String, Place>,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// What is wrong.
    pub message: String,
    /// The bytes where it was noticed.
    pub span: Range<usize>,
}

/// Reads all documents of a file up to the first error; empty documents are left out.
#[must_use]
pub fn read(text: &str) -> (Vec<Document>, Option<YamlError>) {
    if text.len() > MOST_BYTES {
        let message = format!("the file is larger than {} MiB", MOST_BYTES / 1024 / 1024);
        return (
            Vec::new(),
            Some(YamlError {
                message,
                span: 0..0,
            }),
        );
    }
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        values: 0,
        end: text.len(),
    };
    let mut documents = Vec::new();
    loop {
        match reader.document() {
            Ok(Some(document)) if document.value.is_null() => {}
            Ok(Some(document)) => documents.push(document),
            Ok(None) => return (documents, None),
            Err(error) => return (documents, Some(error)),
        }
    }
}

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    values: usize,
    end: usize,
}

type Result<T> = std::result::Result<T, YamlError>;

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Range<usize>)>> {
        loop {
            match self.events.next() {
                None => return Ok(None),
                Some(Err(error)) => {
                    let at = error
                        .marker()
                        .byte_offset()
                        .unwrap_or(self.end)
                        .min(self.end);
                    return Err(YamlError {
                        message: error.info().clone(),
                        span: at..at,
                    });
                }
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok(Some((event, self.range(&span)))),
            }
        }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let start = span.start.byte_offset().unwrap_or(0).min(self.end);
        let end = span.end.byte_offset().unwrap_or(start).min(self.end);
        start..end.max(start)
    }

    fn document(&mut self) -> Result<Option<Document>> {
        while let Some((event, _)) = self.next()? {
            if matches!(event, Event::DocumentStart(..)) {
                self.anchors.clear();
                let mut document = Document::default();
                if let Some((event, span)) = self.next()? {
                    let pointer = String::new();
                    let place = Place {
                        key: None,
                        value: span,
                    };
                    document.value = self.node(event, place, &pointer, 0, &mut document.places)?;
                }
                return Ok(Some(document));
            }
        }
        Ok(None)
    }

    fn node(
        &mut self,
        event: Event<'a>,
        mut place: Place,
        pointer: &str,
        depth: usize,
        places: &mut BTreeMap<String, Place>,
    ) -> Result<Value> {
        let span = place.value.clone();
        self.count(1, &span)?;
        if depth > MOST_DEPTH {
            let message = format!("nested deeper than {MOST_DEPTH} levels");
            return Err(YamlError { message, span });
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => (scalar(&text, style), anchor),
            Event::Alias(id) => {
                let value = self.anchors.get(&id).cloned().unwrap_or_default();
                self.count(size(&value), &span)?;
                (value, 0)
            }
            Event::SequenceStart(_, anchor, _) => {
                let (items, end) = self.sequence(pointer, depth, places)?;
                place.value.end = end.max(place.value.end);
                (items, anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                let (map, end) = self.mapping(pointer, depth, places)?;
                place.value.end = end.max(place.value.end);
                (map, anchor)
            }
            _ => (Value::Null, 0),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        places.insert(pointer.to_owned(), place);
        Ok(value)
    }

    fn count(&mut self, values: usize, span: &Range<usize>) -> Result<()> {
        self.values += values;
        if self.values > MOST_VALUES {
            let message = format!("more than {MOST_VALUES} values, those of aliases counted");
            return Err(YamlError {
                message,
                span: span.clone(),
            });
        }
        Ok(())
    }

    fn sequence(
        &mut self,
        pointer: &str,
        depth: usize,
        places: &mut BTreeMap<String, Place>,
    ) -> Result<(Value, usize)> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                return Ok((Value::Array(items), span.end));
            }
            let inner = format!("{pointer}/{}", items.len());
            let place = Place {
                key: None,
                value: span,
            };
            items.push(self.node(event, place, &inner, depth + 1, places)?);
        }
        Ok((Value::Array(items), self.end))
    }

    fn mapping(
        &mut self,
        pointer: &str,
        depth: usize,
        places: &mut BTreeMap<String, Place>,
    ) -> Result<(Value, usize)> {
        let mut map = Map::new();
        let mut merged = Map::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                for (key, value) in merged {
                    map.entry(key).or_insert(value);
                }
                return Ok((Value::Object(map), span.end));
            }
            let merge =
                matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key = self.key(event, &span)?;
            let inner = format!("{pointer}/{}", escaped(&key));
            let Some((event, value_span)) = self.next()? else {
                break;
            };
            let place = Place {
                key: Some(span.clone()),
                value: value_span,
            };
            let value = self.node(event, place, &inner, depth + 1, places)?;
            if merge {
                merge_into(&mut merged, value);
            } else if map.insert(key.clone(), value).is_some() {
                let message = format!("the key \"{key}\" is there twice");
                return Err(YamlError { message, span });
            }
        }
        Ok((Value::Object(map), self.end))
    }

    /// A key as JSON has it: kubectl turns what is not text into text.
    fn key(&mut self, event: Event<'a>, span: &Range<usize>) -> Result<String> {
        let value = match event {
            Event::Scalar(text, style, ..) => match scalar(&text, style) {
                Value::String(text) => text,
                Value::Null => "null".to_owned(),
                other => other.to_string(),
            },
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(Value::String(text)) => text.clone(),
                _ => String::new(),
            },
            _ => {
                let message = "a key must be text".to_owned();
                return Err(YamlError {
                    message,
                    span: span.clone(),
                });
            }
        };
        Ok(value)
    }
}

fn merge_into(merged: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                merged.entry(key).or_insert(value);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| merge_into(merged, item)),
        _ => {}
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// A segment of a JSON pointer.
#[must_use]
pub fn escaped(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

/// A scalar as kubectl's parser resolves it.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    integer(text)
        .or_else(|| float(text))
        .map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn integer(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    let (negative, digits) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, plain.as_str()),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Number::from);
    }
    Some(Number::from(magnitude))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn float(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let exponent =
        exponent.is_none_or(|text| digits(text.strip_prefix(['-', '+']).unwrap_or(text)));
    if !well_formed || !exponent {
        return None;
    }
    Number::from_f64(plain.parse().ok()?)
}

#[cfg(test)]
mod tests;
