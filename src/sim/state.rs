//! The state file: what a simulated tenant keeps between two runs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::store::Store;

/// The version of the file's form that this program reads and writes.
const VERSION: u64 = 1;
const VERSION_KEY: &str = "version";
const TENANT_KEY: &str = "tenant";

/// A JSON file `{"version": 1, "tenant": …}` with room for the keys of others.
///
/// Every change is on disk when the call that makes it returns, by a new file that takes the old
/// one's place, so that a killed process leaves a whole file. A file that cannot be read is an
/// error and stays as it is. Clones share the file.
#[derive(Clone, Debug)]
pub struct StateFile(Arc<Mutex<Contents>>);

#[derive(Debug)]
struct Contents {
    path: PathBuf,
    /// All top-level keys.
    keys: Map<String, Value>,
    /// The text that is on disk.
    written: Option<String>,
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It is there but cannot be read.
    #[error("cannot read the state file {path}: {source}", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds something else than a state.
    #[error("the state file {path} is broken: {source}; repair it or move it away", path = .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// It was written by another version of this program.
    #[error("the state file {path} has version {found}, only version {VERSION} can be read; move it away", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: String,
    },
    /// It cannot be written.
    #[error("cannot write the state file {path}: {source}", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The tenant cannot be expressed in JSON.
    #[error("cannot express the state in JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl StateFile {
    /// Reads the file at `path`; one that does not exist is an empty state.
    ///
    /// # Errors
    ///
    /// [`StateError`] where the file cannot be read, is broken or has another version.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self, StateError> {
        let path = path.into();
        let (keys, written) = match fs::read_to_string(&path) {
            Ok(text) => (parse(&path, &text)?, Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Map::new(), None),
            Err(source) => return Err(StateError::Read { path, source }),
        };
        Ok(Self(Arc::new(Mutex::new(Contents {
            path,
            keys,
            written,
        }))))
    }

    /// The tenant in the file, if there is one.
    ///
    /// # Errors
    ///
    /// [`StateError::Broken`] where it is not a tenant.
    pub fn tenant(&self) -> Result<Option<Store>, StateError> {
        let contents = self.contents();
        contents
            .keys
            .get(TENANT_KEY)
            .map(|value| {
                Store::deserialize(value).map_err(|source| StateError::Broken {
                    path: contents.path.clone(),
                    source,
                })
            })
            .transpose()
    }

    /// Puts the tenant into the file.
    ///
    /// # Errors
    ///
    /// [`StateError`] where it cannot be written; the file then is as before.
    pub fn put_tenant(&self, tenant: &Store) -> Result<(), StateError> {
        self.put(TENANT_KEY, serde_json::to_value(tenant)?)
    }

    /// The value of another top-level key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value> {
        self.contents().keys.get(key).cloned()
    }

    /// Puts the value of a top-level key into the file; nothing is written where it is there already.
    ///
    /// # Errors
    ///
    /// [`StateError`] where it cannot be written; the file then is as before.
    pub fn put(&self, key: &str, value: Value) -> Result<(), StateError> {
        let mut contents = self.contents();
        let mut keys = Map::new();
        keys.insert(VERSION_KEY.to_owned(), VERSION.into());
        keys.extend(contents.keys.clone());
        keys.insert(key.to_owned(), value);
        let mut text = serde_json::to_string_pretty(&keys)?;
        text.push('\n');
        if contents.written.as_ref() != Some(&text) {
            replace(&contents.path, &text).map_err(|source| StateError::Write {
                path: contents.path.clone(),
                source,
            })?;
            contents.written = Some(text);
        }
        contents.keys = keys;
        Ok(())
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(path: &Path, text: &str) -> Result<Map<String, Value>, StateError> {
    let keys: Map<String, Value> =
        serde_json::from_str(text).map_err(|source| StateError::Broken {
            path: path.to_owned(),
            source,
        })?;
    match keys.get(VERSION_KEY) {
        Some(version) if version.as_u64() == Some(VERSION) => Ok(keys),
        other => Err(StateError::Version {
            path: path.to_owned(),
            found: other.map_or_else(|| "none".to_owned(), ToString::to_string),
        }),
    }
}

/// Puts `text` in the place of the file at `path`, readable by its owner alone: it holds secrets.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let done = write_private(&new, text).and_then(|()| fs::rename(&new, path));
    if done.is_err() {
        // The first error is the one to tell; a left-over file is overwritten next time.
        let _ = fs::remove_file(&new);
    }
    done
}

/// Writes a file that only its owner may read.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tenant_and_the_keys_of_others_survive() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        fs::write(&path, r#"{"version":1,"later":{"b":1,"a":2}}"#).unwrap();
        let state = StateFile::load(&path).unwrap();
        assert!(state.tenant().unwrap().is_none());
        state.put_tenant(&Store::new("acme.eu.auth0.com")).unwrap();
        state.put("statuses", json!([1])).unwrap();

        let again = StateFile::load(&path).unwrap();
        assert!(again.tenant().unwrap().is_some());
        assert_eq!(again.get("statuses"), Some(json!([1])));
        assert_eq!(again.get("later"), Some(json!({"b": 1, "a": 2})));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        fs::write(&path, r#"{"version":1}"#).unwrap();
        StateFile::load(&path).unwrap().put("x", json!(1)).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_broken_or_foreign_file_is_an_error_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        for text in ["", "{", "[]", "{}", r#"{"version":2,"tenant":{}}"#] {
            fs::write(&path, text).unwrap();
            assert!(StateFile::load(&path).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::write(&path, r#"{"version":1,"tenant":[]}"#).unwrap();
        assert!(StateFile::load(&path).unwrap().tenant().is_err());
    }

    #[test]
    fn a_file_that_cannot_be_written_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateFile::load(dir.path().join("missing/state.json")).unwrap();
        let error = state.put("x", json!(1)).unwrap_err();
        assert!(matches!(error, StateError::Write { .. }), "{error}");
        assert_eq!(state.get("x"), None);
    }
}
