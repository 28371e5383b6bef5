//! YAML as kubectl reads it: values as its parser resolves them, and where each stands.
//!
//! kubectl reads YAML 1.1: `yes` is true, `012` is ten and an unquoted `+15550100` is a number. A
//! reader that is kinder than kubectl would pass manifests that a cluster refuses.

mod advice;
mod scalar;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Value};

/// How deep a document may be nested.
const MOST_DEPTH: usize = 100;
/// How large a document may be, in bytes.
const MOST_BYTES: usize = 3 * 1024 * 1024;
/// How many values a document may hold, those of aliases counted each time. Long texts and long
/// paths count as several, so that this bounds the memory too.
const MOST_VALUES: usize = 400_000;
/// How many values all aliases of a file may stand for.
const MOST_ALIASED: usize = 400_000;
/// The bytes that count as one value.
const VALUE_BYTES: usize = 32;
/// How long a key may be, in bytes.
const MOST_KEY_BYTES: usize = 1024;

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
    /// The bytes of the whole document.
    pub bytes: Range<usize>,
}

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The bytes where it was noticed.
    pub span: Range<usize>,
    /// The bytes of the whole document.
    pub document: Range<usize>,
}

/// Reads all documents of a file. One that is broken does not hide the others; empty ones are left
/// out.
#[must_use]
pub fn read(text: &str) -> (Vec<Document>, Vec<YamlError>) {
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    let mut aliased = 0;
    for part in parts(text) {
        let mut reader = Reader::new(text, &part, aliased);
        loop {
            match reader.document() {
                Ok(Some(document)) if document.value.is_null() => {}
                Ok(Some(document)) => documents.push(document),
                Ok(None) => break,
                Err(failure) => {
                    errors.push(YamlError {
                        message: failure.message,
                        hint: failure.hint.map(str::to_owned),
                        span: failure.span,
                        document: part.clone(),
                    });
                    break;
                }
            }
        }
        aliased = reader.aliased;
    }
    (documents, errors)
}

/// The bytes of each document: a line that begins with `---` begins one.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Directives stand before the line that begins their document.
    let mut directives = false;
    for line in text.split_inclusive('\n') {
        let marker = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        if marker && !directives && at > start {
            parts.push(start..at);
            start = at;
        }
        if marker || line.starts_with('%') {
            directives = !marker;
        }
        at += line.len();
    }
    parts.push(start..text.len());
    parts
}

/// What is wrong, and the bytes where it was noticed.
struct Failure {
    message: String,
    hint: Option<&'static str>,
    span: Range<usize>,
}

impl From<(String, Range<usize>)> for Failure {
    fn from((message, span): (String, Range<usize>)) -> Self {
        Self {
            message,
            hint: None,
            span,
        }
    }
}

type Result<T> = std::result::Result<T, Failure>;

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    places: BTreeMap<String, Place>,
    bytes: Range<usize>,
    values: usize,
    aliased: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, bytes: &Range<usize>, aliased: usize) -> Self {
        Self {
            events: Parser::new_from_str(text.get(bytes.clone()).unwrap_or_default()),
            anchors: HashMap::new(),
            places: BTreeMap::new(),
            bytes: bytes.clone(),
            values: 0,
            aliased,
        }
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Range<usize>)>> {
        loop {
            match self.events.next() {
                None => return Ok(None),
                Some(Err(error)) => {
                    let at = self.byte(error.marker().byte_offset());
                    return Err(Failure {
                        message: advice::message(&error),
                        hint: advice::hint(error.kind()),
                        span: at..at,
                    });
                }
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok(Some((event, self.range(&span)))),
            }
        }
    }

    /// A byte of the document as a byte of the file.
    fn byte(&self, offset: Option<usize>) -> usize {
        let offset = offset.unwrap_or(self.bytes.len());
        self.bytes.start + offset.min(self.bytes.len())
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let start = self.byte(span.start.byte_offset());
        start..self.byte(span.end.byte_offset()).max(start)
    }

    fn document(&mut self) -> Result<Option<Document>> {
        if self.bytes.len() > MOST_BYTES {
            let most = MOST_BYTES / 1024 / 1024;
            let message = format!("the document is larger than {most} MiB");
            return Err((message, self.bytes.start..self.bytes.start).into());
        }
        while let Some((event, _)) = self.next()? {
            if !matches!(event, Event::DocumentStart(..)) {
                continue;
            }
            self.anchors.clear();
            let mut value = Value::Null;
            if let Some((event, span)) = self.next()? {
                value = self.node(event, Place::of(span), "", 0)?;
            }
            let places = std::mem::take(&mut self.places);
            let bytes = self.bytes.clone();
            return Ok(Some(Document {
                value,
                places,
                bytes,
            }));
        }
        Ok(None)
    }

    fn node(
        &mut self,
        event: Event<'a>,
        mut place: Place,
        pointer: &str,
        depth: usize,
    ) -> Result<Value> {
        let span = place.value.clone();
        self.count(1 + pointer.len() / VALUE_BYTES, &span)?;
        if depth > MOST_DEPTH {
            return Err((format!("nested deeper than {MOST_DEPTH} levels"), span).into());
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(text.len() / VALUE_BYTES, &span)?;
                let value = scalar::resolve(&text, style, tag.as_deref());
                (value.map_err(|message| (message, span))?, anchor)
            }
            Event::Alias(id) => (self.alias(id, &span)?, 0),
            Event::SequenceStart(_, anchor, _) => {
                let (items, end) = self.sequence(pointer, depth)?;
                place.value.end = end.max(place.value.end);
                (items, anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                let (map, end) = self.mapping(pointer, depth)?;
                place.value.end = end.max(place.value.end);
                (map, anchor)
            }
            _ => (Value::Null, 0),
        };
        if anchor != 0 {
            self.count(size(&value), &place.value)?;
            self.anchors.insert(anchor, value.clone());
        }
        self.places.insert(pointer.to_owned(), place);
        Ok(value)
    }

    fn count(&mut self, values: usize, span: &Range<usize>) -> Result<()> {
        self.values += values;
        if self.values > MOST_VALUES || self.aliased > MOST_ALIASED {
            let message = "too many values, those that aliases stand for counted each time";
            return Err((message.to_owned(), span.clone()).into());
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, span: &Range<usize>) -> Result<Value> {
        // An anchor is known when its value is complete.
        let Some(size) = self.anchors.get(&id).map(size) else {
            return Err((
                "this alias stands for what contains it".to_owned(),
                span.clone(),
            )
                .into());
        };
        self.aliased += size;
        self.count(size, span)?;
        Ok(self.anchors.get(&id).cloned().unwrap_or_default())
    }

    fn sequence(&mut self, pointer: &str, depth: usize) -> Result<(Value, usize)> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                return Ok((Value::Array(items), span.end));
            }
            let inner = format!("{pointer}/{}", items.len());
            items.push(self.node(event, Place::of(span), &inner, depth + 1)?);
        }
        Ok((Value::Array(items), self.bytes.end))
    }

    fn mapping(&mut self, pointer: &str, depth: usize) -> Result<(Value, usize)> {
        let mut map = Map::new();
        let mut written = BTreeSet::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                return Ok((Value::Object(map), span.end));
            }
            let merge =
                matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.key(event, &span)?;
            let inner = format!("{pointer}/{}", escaped(&key));
            let Some((event, value_span)) = self.next()? else {
                break;
            };
            let place = Place {
                key: Some(span.clone()),
                value: value_span.clone(),
            };
            let value = self.node(event, place, &inner, depth + 1)?;
            if merge {
                merge_into(&mut map, value).map_err(|message| (message, value_span))?;
            } else if written.insert(key.clone()) {
                map.insert(key, value);
            } else {
                // The key is not repeated: in a Secret that is cut off it may be the secret.
                let begins = depth == 0 && ["apiVersion", "kind"].contains(&key.as_str());
                return Err(Failure {
                    message: "the key is there twice".to_owned(),
                    hint: begins.then_some("is a line with --- missing between two objects?"),
                    span,
                });
            }
        }
        Ok((Value::Object(map), self.bytes.end))
    }

    /// A key as JSON has it: kubectl turns numbers and booleans into text.
    fn key(&mut self, event: Event<'a>, span: &Range<usize>) -> Result<String> {
        let failure = |message: &str| Failure::from((message.to_owned(), span.clone()));
        let value = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar::resolve(&text, style, tag.as_deref())
                    .map_err(|message| failure(&message))?;
                if anchor != 0 {
                    self.anchors.insert(anchor, value.clone());
                }
                value
            }
            Event::Alias(id) => self.alias(id, span)?,
            _ => Value::Null,
        };
        let key = match value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(failure("a key must be text")),
        };
        if key.len() > MOST_KEY_BYTES {
            return Err(failure("a key is not longer than 1024 bytes"));
        }
        Ok(key)
    }
}

impl Place {
    const fn of(value: Range<usize>) -> Self {
        Self { key: None, value }
    }
}

/// Puts the entries of a merge key where it stands: over what is written before it, as kubectl
/// does. Of several maps the first has the last word.
fn merge_into(map: &mut Map<String, Value>, value: Value) -> std::result::Result<(), String> {
    match value {
        Value::Object(entries) => {
            map.extend(entries);
            Ok(())
        }
        Value::Array(items) if items.iter().all(Value::is_object) => items
            .into_iter()
            .rev()
            .try_for_each(|item| merge_into(map, item)),
        _ => Err("<< merges a mapping, or a list of mappings".to_owned()),
    }
}

/// How much a value counts.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| key.len() / VALUE_BYTES + size(value);
            1 + map.iter().map(entry).sum::<usize>()
        }
        Value::String(text) => 1 + text.len() / VALUE_BYTES,
        _ => 1,
    }
}

/// A segment of a JSON pointer.
#[must_use]
pub fn escaped(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}
