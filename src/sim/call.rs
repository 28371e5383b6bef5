//! The log of the calls that a simulated tenant received.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::auth0::exchange::{Method, Request};

/// How many calls are remembered; older ones are forgotten.
const KEPT: usize = 100_000;

/// One call. It holds no body and no credential.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// The path from the root, percent-encoded.
    pub path: String,
    /// The query, form-encoded; empty where there was none.
    pub query: String,
    /// The HTTP status of the answer; `None` where no answer was given.
    pub status: Option<u16>,
    /// When the call arrived.
    pub time: Timestamp,
    /// Whether it was a write that the tenant carried out, even if its answer was lost.
    pub wrote: bool,
    /// The number in the request's `x-dialtone-fence` header: the term of the leader that sent it.
    pub fence: Option<u64>,
    /// The scripted fault that struck this call, if any.
    pub fault: Option<String>,
}

impl Call {
    /// The entry for a request that has just arrived.
    pub(super) fn arrived(request: &Request, fence: Option<u64>, time: Timestamp) -> Self {
        Self {
            method: request.method.as_str().to_owned(),
            path: request.path.clone(),
            query: url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&request.query)
                .finish(),
            status: None,
            time,
            wrote: false,
            fence,
            fault: None,
        }
    }

    /// Whether the call used a method that can change the tenant.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.method != Method::Get.as_str()
    }
}

/// The latest calls in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct CallLog(VecDeque<Call>);

impl CallLog {
    pub(super) fn push(&mut self, call: Call) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(call);
    }

    pub(super) fn all(&self) -> Vec<Call> {
        self.0.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_keeps_its_query_and_never_its_body() {
        let request = Request::get("/api/v2/connections")
            .query("strategy", "sms")
            .query("strategy", "auth0")
            .json(serde_json::json!({"secret": "s3cret"}));
        let call = Call::arrived(&request, Some(3), Timestamp::UNIX_EPOCH);
        assert_eq!(call.query, "strategy=sms&strategy=auth0");
        assert!(!call.is_write());
        let json = serde_json::to_string(&call).unwrap();
        assert!(!json.contains("s3cret"), "{json}");
        assert!(json.contains(r#""fence":3"#), "{json}");
    }
}
