//! What an identifier's object may want, and what of the connection it owns.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::adopt;

/// The database connection that may be there or be wanted.
pub(super) const DATABASE: &str = "users";

/// What one identifier's object wants.
#[derive(Clone, Debug)]
pub(super) struct Identifier {
    active: bool,
    verification: Option<bool>,
    status: Option<&'static str>,
    required: Option<bool>,
    otp: Option<bool>,
    method: Option<&'static str>,
    pub(super) adopt: &'static str,
}

prop_compose! {
    /// Any identifier's object.
    pub(super) fn identifier()(
        active in prop::bool::weighted(0.7),
        verification in prop::option::of(any::<bool>()),
        status in prop::option::of(prop_oneof![Just("Required"), Just("Optional")]),
        required in prop::option::weighted(0.3, any::<bool>()),
        otp in prop::option::of(any::<bool>()),
        method in prop::option::of(prop_oneof![Just("Password"), Just("PhoneOtp")]),
        adopt in adopt(),
    ) -> Identifier {
        Identifier { active, verification, status, required, otp, method, adopt }
    }
}

impl Identifier {
    pub(super) fn spec(&self) -> Value {
        let mut spec = json!({
            "connection": DATABASE,
            "identifier": self.active,
            "adopt": self.adopt,
            "signup": {},
        });
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                spec[key] = value;
            }
        };
        set("profileRequired", self.required.map(Value::from));
        set("phoneOtp", self.otp.map(Value::from));
        set("defaultMethod", self.method.map(Value::from));
        if let Some(status) = self.status {
            spec["signup"]["status"] = json!(status);
        }
        if let Some(on) = self.verification {
            spec["signup"]["verification"] = json!(on);
        }
        spec
    }

    /// Blanks what the object owns of a connection, and what has to change where attributes begin.
    pub(super) fn blank_owned(&self, connection: &mut Value) {
        let options = connection["document"]["options"].as_object_mut().unwrap();
        if let Some(attributes) = options.get_mut("attributes") {
            attributes.as_object_mut().unwrap().remove("phone_number");
            // What other people gave their connection says how addresses are verified.
            if attributes["email"]["verification_method"].is_null() {
                options.remove("attributes");
            }
        }
        for key in ["requires_username", "validation"] {
            options.remove(key);
        }
        if self.otp.is_some() {
            let methods = options["authentication_methods"].as_object_mut().unwrap();
            methods.remove("phone_otp");
        }
    }
}
