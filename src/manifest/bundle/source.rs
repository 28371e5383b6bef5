//! Where an object was read.

use std::sync::Arc;

use serde_json::Value;

use crate::manifest::diagnostic::{Location, SourceFile};
use crate::manifest::yaml::Document;

/// Where an object was read.
#[derive(Clone, Debug)]
pub struct Source {
    pub(super) file: Arc<SourceFile>,
    pub(super) document: Arc<Document>,
    pub(super) base: String,
}

impl Source {
    /// The place of a field by JSON pointer, or of the nearest thing around it that is there.
    #[must_use]
    pub fn location(&self, pointer: &str) -> Location {
        self.find(pointer, false)
    }

    /// As [`Source::location`], for the field's key.
    #[must_use]
    pub fn key_location(&self, pointer: &str) -> Location {
        self.find(pointer, true)
    }

    /// Whether the object says something there, and no default was filled in.
    #[must_use]
    pub fn says(&self, pointer: &str) -> bool {
        let pointer = format!("{}{pointer}", self.base);
        self.document.places.contains_key(&pointer)
    }

    fn find(&self, pointer: &str, key: bool) -> Location {
        let mut pointer = format!("{}{pointer}", self.base);
        let exact = self.document.places.contains_key(&pointer);
        loop {
            if let Some(place) = self.document.places.get(&pointer) {
                // What is missing is told at the key of what it is missing from.
                let at_key = key
                    || !exact
                    || self
                        .document
                        .value
                        .pointer(&pointer)
                        .is_some_and(Value::is_object);
                let span = match (&place.key, at_key) {
                    (Some(key), true) => key.clone(),
                    _ => place.value.clone(),
                };
                return Location {
                    file: Arc::clone(&self.file),
                    span,
                    secret: false,
                };
            }
            match pointer.rfind('/') {
                Some(at) => pointer.truncate(at),
                None => break,
            }
        }
        Location {
            file: Arc::clone(&self.file),
            span: 0..0,
            secret: false,
        }
    }
}
