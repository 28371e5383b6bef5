//! What the command line remembers of objects between runs, as a cluster would: generation and
//! status. It lives in the state file, beside the simulated tenant if there is one.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::{Kind, Resource};
use crate::auth0::random::{self, NoRandomness};
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;
use crate::phone::report::{Previous, Report, Status, Statuses};
use crate::phone::secret::FingerprintKey;
use crate::sim::state::{StateError, StateFile};

/// The state file's key for what is remembered of objects.
const OBJECTS: &str = "statuses";
/// The state file's key for the key of fingerprints.
const FINGERPRINT_KEY: &str = "fingerprintKey";

/// Why nothing can be remembered.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The state file cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// No key for fingerprints can be made.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The state file holds something else.
    #[error("the state file's \"{0}\" is not what Dialtone wrote: delete it to start anew")]
    Broken(&'static str),
}

/// What is remembered of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    /// Counts changes of the spec, as a cluster does.
    generation: i64,
    /// The digest of the spec that the generation stands for.
    spec: String,
    /// The object's status.
    status: Value,
}

/// What is remembered of all objects.
#[derive(Debug)]
pub struct Record {
    entries: BTreeMap<String, Entry>,
    key: FingerprintKey,
    file: Option<StateFile>,
    /// The tenants end with this process, too.
    outlives_tenants: bool,
}

impl Record {
    /// Takes up what the file holds; without a file nothing outlives the process.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where the file cannot be used.
    pub fn open(file: Option<StateFile>) -> Result<Self, RecordError> {
        let stored = |key| file.as_ref().and_then(|file: &StateFile| file.get(key));
        let entries = match stored(OBJECTS) {
            None => BTreeMap::new(),
            Some(value) => {
                serde_json::from_value(value).map_err(|_| RecordError::Broken(OBJECTS))?
            }
        };
        let key = match stored(FINGERPRINT_KEY) {
            None => FingerprintKey::from_bytes(random::bytes::<32>()?),
            Some(value) => value
                .as_str()
                .and_then(|text| FingerprintKey::from_hex(text).ok())
                .ok_or(RecordError::Broken(FINGERPRINT_KEY))?,
        };
        Ok(Self {
            entries,
            key,
            file,
            outlives_tenants: false,
        })
    }

    /// Says that the tenants are simulated ones that end with this process.
    pub const fn outlive_tenants(&mut self) {
        self.outlives_tenants = true;
    }

    /// Whether what is remembered now is known as long as the tenants exist.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        self.outlives_tenants || self.file.is_some()
    }

    /// The key of fingerprints.
    #[must_use]
    pub const fn fingerprint_key(&self) -> &FingerprintKey {
        &self.key
    }

    /// Gives an object the generation and the status that a cluster would give it.
    pub fn annotate(&mut self, resource: &mut Resource) {
        let name = key_of(resource).to_string();
        let spec = spec_digest(resource);
        let entry = self.entries.entry(name).or_insert_with(|| Entry {
            generation: 1,
            spec: spec.clone(),
            status: Value::Null,
        });
        if entry.spec != spec {
            entry.generation += 1;
            entry.spec = spec;
        }
        resource.metadata_mut().generation = Some(entry.generation);
        set_status(resource, &entry.status);
    }

    /// The objects, beside these, that are remembered with a status: what they set up is theirs no more
    /// than anybody's.
    #[must_use]
    pub fn others<'a>(&self, present: impl IntoIterator<Item = &'a Resource>) -> Vec<&str> {
        let present: BTreeSet<String> = present
            .into_iter()
            .map(|resource| key_of(resource).to_string())
            .collect();
        let tenant = Kind::Auth0Tenant.as_str();
        let others = self.entries.iter().filter(|(name, entry)| {
            !entry.status.is_null() && !present.contains(*name) && !name.starts_with(tenant)
        });
        others.map(|(name, _)| name.as_str()).collect()
    }

    /// What is known of these objects before a pass.
    #[must_use]
    pub fn statuses<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Statuses {
        let known = |resource: &Resource| (key_of(resource), Previous::of(resource));
        resources.into_iter().map(known).collect()
    }

    /// Takes over what a pass told, into the objects and into the file.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where the file cannot be written.
    pub fn take(&mut self, report: &Report, resources: &mut [Resource]) -> Result<(), RecordError> {
        for (object, status) in &report.patches {
            let value = status.to_value();
            if let Some(entry) = self.entries.get_mut(&object.to_string()) {
                entry.status.clone_from(&value);
            }
            for resource in resources.iter_mut().filter(|item| key_of(item) == *object) {
                set_status(resource, &value);
            }
        }
        self.save()
    }

    /// Records what an object's status says before something is done for it.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where the file cannot be written.
    pub fn begin(&mut self, object: &ObjectKey, status: &Status) -> Result<(), RecordError> {
        if let Some(entry) = self.entries.get_mut(&object.to_string()) {
            entry.status = status.to_value();
        }
        self.save()
    }

    /// Forgets an object that is gone.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where the file cannot be written.
    pub fn forget(&mut self, object: &ObjectKey) -> Result<(), RecordError> {
        self.entries.remove(&object.to_string());
        self.save()
    }

    /// Writes the file, so that nothing is begun that could not be remembered.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where the file cannot be written.
    pub fn save(&self) -> Result<(), RecordError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let entries =
            serde_json::to_value(&self.entries).map_err(|_| RecordError::Broken(OBJECTS))?;
        file.put(FINGERPRINT_KEY, Value::from(self.key.to_hex().expose()))?;
        file.put(OBJECTS, entries)?;
        Ok(())
    }
}

fn spec_digest(resource: &Resource) -> String {
    let spec = match resource {
        Resource::Auth0Tenant(object) => serde_json::to_vec(&object.spec),
        Resource::PhoneProvider(object) => serde_json::to_vec(&object.spec),
        Resource::MfaPhoneFactor(object) => serde_json::to_vec(&object.spec),
        Resource::PasswordlessConnection(object) => serde_json::to_vec(&object.spec),
        Resource::PhoneTemplate(object) => serde_json::to_vec(&object.spec),
        Resource::PhoneIdentifier(object) => serde_json::to_vec(&object.spec),
        Resource::PhoneTestMessage(object) => serde_json::to_vec(&object.spec),
    };
    let digest = digest(&SHA256, &spec.unwrap_or_default());
    data_encoding::HEXLOWER.encode(&digest.as_ref()[..16])
}

/// Puts a status into an object; one that cannot be read any more counts as none.
fn set_status(resource: &mut Resource, status: &Value) {
    let status = status.clone();
    match resource {
        Resource::Auth0Tenant(object) => object.status = serde_json::from_value(status).ok(),
        Resource::PhoneProvider(object) => object.status = serde_json::from_value(status).ok(),
        Resource::MfaPhoneFactor(object) => object.status = serde_json::from_value(status).ok(),
        Resource::PasswordlessConnection(object) => {
            object.status = serde_json::from_value(status).ok();
        }
        Resource::PhoneTemplate(object) => object.status = serde_json::from_value(status).ok(),
        Resource::PhoneIdentifier(object) => object.status = serde_json::from_value(status).ok(),
        Resource::PhoneTestMessage(object) => object.status = serde_json::from_value(status).ok(),
    }
}
