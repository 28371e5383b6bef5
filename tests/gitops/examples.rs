//! The examples are what Argo CD and Flux take.

use std::fs;

use serde_json::json;

use crate::libraries::Libraries;
use crate::support::ControlPlane;

#[tokio::test]
async fn the_objects_of_argo_cd_and_flux_hold_no_unknown_fields() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    for path in [
        "argocd/application.yaml",
        "flux/source.yaml",
        "flux/phone.yaml",
    ] {
        let path = format!("{}/examples/{path}", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).unwrap();
        libraries.ask(json!({"do": "decode", "manifests": text}));
        let misspelt = text.replace("spec:\n", "spec:\n  intervall: 1m\n");
        let refused = libraries.try_ask(json!({"do": "decode", "manifests": misspelt}));
        assert!(refused.unwrap_err().contains("intervall"));
    }
}
