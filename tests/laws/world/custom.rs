//! Providers that are Actions.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A provider that is an Action.
#[derive(Clone, Debug)]
pub(super) enum Custom {
    /// One that somebody else owns.
    Named(&'static str),
    /// One of its own.
    Own {
        name: &'static str,
        code: u8,
        secret: Option<bool>,
        dependency: Option<bool>,
    },
}

pub(super) fn custom() -> impl Strategy<Value = Custom> {
    let own = (
        prop_oneof![Just("sender"), Just("other")],
        0_u8..3,
        prop::option::of(any::<bool>()),
        prop::option::of(any::<bool>()),
    );
    let own = own.prop_map(|(name, code, secret, dependency)| Custom::Own {
        name,
        code,
        secret,
        dependency,
    });
    prop_oneof![4 => own, 1 => prop_oneof![Just("sender"), Just("none")].prop_map(Custom::Named)]
}

impl Custom {
    pub(super) fn spec(&self) -> Value {
        let (name, code, secret, dependency) = match self {
            Self::Named(name) => return json!({"actionRef": {"name": name}}),
            Self::Own {
                name,
                code,
                secret,
                dependency,
            } => (name, code, secret, dependency),
        };
        let code = format!("exports.onExecuteCustomPhoneProvider = async () => {{ {code}; }};");
        let mut action = json!({"name": name, "code": code});
        if let Some(some) = secret {
            let from = json!({"name": "secrets", "key": "token"});
            let secret = json!({"name": "KEY", "valueFrom": from});
            action["secrets"] = some.then_some(secret).into_iter().collect();
        }
        if let Some(some) = dependency {
            let package = json!({"name": "twilio", "version": "5.10.1"});
            action["dependencies"] = some.then_some(package).into_iter().collect();
        }
        json!({"action": action})
    }
}
