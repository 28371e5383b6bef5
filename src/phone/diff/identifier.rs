//! The phone number attribute of database connections (§7).

use serde_json::{Map, Value, json};

use super::options::{hidden, own, put};
use super::{Diff, action, cause, shown};
use crate::api::Reason;
use crate::phone::action::{Cause, Change, ConnectionPatch, FieldChange};
use crate::phone::desired::DesiredIdentifier;
use crate::phone::observed::{Connection, Observed, Strategy};
use crate::phone::plan::Finding;
use crate::phone::policy::{Withheld, refuses_adoption};

type Options = Map<String, Value>;

/// The attribute.
const ATTRIBUTE: &str = "phone_number";
/// Sign-in with a code in place of a password.
const PHONE_OTP: [&str; 3] = ["authentication_methods", "phone_otp", "enabled"];
/// The older names of `password_options`; Auth0 shows both and takes one kind only (§7.4).
const OLDER_PASSWORD: [&str; 5] = [
    "passwordPolicy",
    "password_complexity_options",
    "password_history",
    "password_no_personal_info",
    "password_dictionary",
];

pub(super) fn compare(wanted: &DesiredIdentifier, observed: &Observed, found: &mut Diff) {
    if observed.connections.value().is_none() {
        return;
    }
    let existing = observed.connection(Strategy::Auth0, &wanted.connection);
    let Some(existing) = existing else {
        if !wanted.claim.removing {
            let name = &wanted.connection;
            let message = format!("the tenant has no database connection named {name}");
            refuse(wanted, found, Reason::ConnectionNotFound, &message);
        }
        return;
    };
    let planned = if wanted.claim.removing {
        if !existing.has_phone_number() || !wanted.claim.made(&existing.id) {
            return;
        }
        readable(existing).and_then(|options| removed(wanted, options))
    } else {
        readable(existing).and_then(|options| written(wanted, options))
    };
    match planned {
        Err((reason, message)) => refuse(wanted, found, reason, &message),
        Ok(Some((options, fields))) => update(wanted, existing, options, fields, found),
        // Somebody else's attribute does not become this object's own by being as wanted.
        Ok(None)
            if existing.has_phone_number() && refuses_adoption(&wanted.claim, &existing.id) =>
        {
            let refused = Withheld::AdoptionRefused;
            refuse(wanted, found, refused.reason(), &refused.message());
        }
        Ok(None) => {}
    }
}

fn refuse(wanted: &DesiredIdentifier, found: &mut Diff, reason: Reason, message: &str) {
    let owner = &wanted.claim.owner;
    found
        .findings
        .push(Finding::blocking(owner, reason, message));
}

fn update(
    wanted: &DesiredIdentifier,
    existing: &Connection,
    options: Options,
    fields: Vec<FieldChange>,
    found: &mut Diff,
) {
    let adopted = existing.has_phone_number().then_some(existing.id.as_str());
    let cause = if wanted.claim.removing {
        Cause::Removal
    } else {
        cause(&wanted.claim, adopted)
    };
    let change = Change::UpdateConnection {
        id: existing.id.clone(),
        name: existing.name.clone(),
        patch: ConnectionPatch {
            display_name: existing.display_name.clone(),
            adds_phone_number: !wanted.claim.removing && !existing.has_phone_number(),
            options: Some(options),
        },
    };
    found
        .actions
        .push(action(&wanted.claim.owner, cause, change, fields));
}

/// The options, where all of them can be written back.
fn readable(existing: &Connection) -> Result<&Options, (Reason, String)> {
    let hidden = hidden(existing.options.as_ref());
    let options = hidden.map_err(|message| (Reason::OptionsHidden, message.to_owned()))?;
    let encrypted = options.get("configuration").and_then(Value::as_object);
    if encrypted.is_some_and(|values| !values.is_empty()) {
        let message = "its options hold secrets of a custom database, which Auth0 shows encrypted: \
                       writing them back might destroy them, so change the attribute in the dashboard";
        return Err((Reason::OptionsEncrypted, message.to_owned()));
    }
    Ok(options)
}

type Planned = Result<Option<(Options, Vec<FieldChange>)>, (Reason, String)>;

/// The options with what the object owns in its place, and what that changes.
fn written(wanted: &DesiredIdentifier, before: &Options) -> Planned {
    let mut options = before.clone();
    let mut fields = Vec::new();
    if !options.get("attributes").is_some_and(Value::is_object) {
        fields.extend(begin_attributes(&mut options));
    }
    let owned = own(&mut options, &wanted.options);
    if owned.is_empty() {
        return Ok(None);
    }
    fields.extend(owned);
    fields.extend(one_password_family(&mut options));
    match refused(&options) {
        Some(message) => Err((Reason::InvalidSpec, message)),
        None => Ok(Some((options, fields))),
    }
}

/// A connection without attributes identifies people by e-mail address, and by user name where it
/// asks for one. With attributes only these do, so they become attributes first (§7.1, §7.4).
fn begin_attributes(options: &mut Options) -> Vec<FieldChange> {
    let names = options.get("requires_username") == Some(&Value::Bool(true));
    let required = |mut attribute: Value| {
        attribute["identifier"] = json!({"active": true});
        attribute["profile_required"] = json!(true);
        attribute["signup"] = json!({"status": "required"});
        attribute
    };
    let mut attributes = json!({"email": required(json!({}))});
    if names {
        let lengths = options.get("validation").map(|rules| &rules["username"]);
        let mut attribute = json!({});
        for (from, to) in [("min", "min_length"), ("max", "max_length")] {
            let length = lengths.and_then(|lengths| lengths.get(from));
            if let Some(length) = length.filter(|length| length.is_number()) {
                attribute["validation"][to] = length.clone();
            }
        }
        attributes["username"] = required(attribute);
    }
    let mut fields = Vec::new();
    for (name, attribute) in attributes.as_object().into_iter().flatten() {
        fields.push(FieldChange {
            path: format!("options.attributes.{name}"),
            from: None,
            to: Some(shown(attribute)),
        });
    }
    options.insert("attributes".to_owned(), attributes);
    // Auth0 takes neither together with attributes (§7.2).
    if names {
        fields.extend(vanish(options, "requires_username"));
    }
    fields.extend(vanish(options, "validation"));
    fields
}

/// Quirk: both names of the rules for passwords may be shown, and only one kind is taken (§7.4).
fn one_password_family(options: &mut Options) -> Vec<FieldChange> {
    if !options.contains_key("password_options") {
        return Vec::new();
    }
    let older = OLDER_PASSWORD.into_iter();
    older.filter_map(|key| vanish(options, key)).collect()
}

/// Takes a key out that Auth0 would refuse, and says so.
fn vanish(options: &mut Options, key: &str) -> Option<FieldChange> {
    let before = options.shift_remove(key)?;
    Some(FieldChange {
        path: format!("options.{key}"),
        from: Some(shown(&before)),
        to: None,
    })
}

/// Why Auth0 would refuse these options (§7.2).
fn refused(options: &Options) -> Option<String> {
    let phone = &options.get("attributes")?[ATTRIBUTE];
    let status = &phone["signup"]["status"];
    if phone["profile_required"] == true && status.is_string() && status != "required" {
        let message = "profileRequired is on in the tenant, so signup.status must be Required: give \
                       both, or set profileRequired to false";
        return Some(message.to_owned());
    }
    (!identifies(options)).then(|| {
        "nobody could sign in any more: no other attribute of the connection is an active \
         identifier"
            .to_owned()
    })
}

/// Whether some attribute identifies people.
fn identifies(options: &Options) -> bool {
    let attributes = options.get("attributes").and_then(Value::as_object);
    let mut all = attributes.into_iter().flatten();
    all.any(|(_, attribute)| attribute["identifier"]["active"] == true)
}

/// The options without the attribute.
fn removed(wanted: &DesiredIdentifier, before: &Options) -> Planned {
    let mut options = before.clone();
    let mut fields = Vec::new();
    let attributes = options.get_mut("attributes").and_then(Value::as_object_mut);
    if let Some(gone) = attributes.and_then(|all| all.shift_remove(ATTRIBUTE)) {
        fields.push(FieldChange {
            path: format!("options.attributes.{ATTRIBUTE}"),
            from: Some(shown(&gone)),
            to: None,
        });
    }
    let off = Value::Bool(false);
    let turned_on = wanted.options.get(&PHONE_OTP[..]) == Some(&Value::Bool(true));
    if turned_on && let Some(before) = put(&mut options, &PHONE_OTP, &off) {
        fields.push(FieldChange {
            path: format!("options.{}", PHONE_OTP.join(".")),
            from: before.as_ref().map(shown),
            to: Some(shown(&off)),
        });
    }
    fields.extend(one_password_family(&mut options));
    if identifies(&options) {
        return Ok(Some((options, fields)));
    }
    let message = "the phone number is the only active identifier of the connection, which cannot be \
                   without one: make another one active, or set deletionPolicy to Orphan";
    Err((Reason::DeletionBlocked, message.to_owned()))
}
