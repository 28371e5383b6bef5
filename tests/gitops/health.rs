//! The health that is shown, for every kind in every state.

use std::collections::BTreeSet;

use dialtone::api::Kind;
use serde_json::{Value, json};

use crate::golden::{self, State};
use crate::libraries::Libraries;
use crate::rig::condition;
use crate::support::ControlPlane;

/// The Kustomization of the example.
pub fn kustomization() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/flux/phone.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A state, one of its objects, and the verdicts on it.
struct Verdict<'a> {
    state: &'a State,
    object: &'a Value,
    argo: Value,
    flux: Value,
}

impl Verdict<'_> {
    /// What is not as it should be.
    fn wrong(&self) -> Option<String> {
        let State {
            told,
            argo,
            kstatus,
            flux,
            ..
        } = self.state;
        let found = [
            &self.argo["status"],
            &self.flux["kstatus"],
            &self.flux["status"],
        ];
        (found != [argo, kstatus, flux]).then(|| {
            format!(
                "{} ({told}): {found:?} in place of {:?}\n{:#}",
                self.object["kind"],
                [argo, kstatus, flux],
                self.object["status"]
            )
        })
    }

    /// The two tools mean the same, each in its own words.
    fn agrees(&self) {
        let State {
            told, argo, flux, ..
        } = self.state;
        let same = match *argo {
            "Healthy" => *flux == "Current",
            "Progressing" => ["InProgress", "Terminating"].contains(flux),
            "Degraded" => *flux == "Failed",
            // Flux has no word for it.
            "Suspended" => ["InProgress", "Current"].contains(flux),
            _ => false,
        };
        assert!(same, "{told}: {argo} and {flux}");
    }

    /// Argo CD shows the condition that decides in its own words, where it is about this spec.
    fn tells_why(&self) {
        let seen = &self.object["status"]["observedGeneration"];
        let current = *seen == self.object["metadata"]["generation"];
        let shown = self.argo["message"].as_str().unwrap_or_default();
        let deciding: &[&str] = match self.state.argo {
            "Degraded" => &["Stalled", "BreaksDependents"],
            "Healthy" => &["Drifted", "BreaksDependents", "Ready"],
            "Suspended" => &["Ready"],
            "Progressing" if current => &["Ready"],
            _ => &[],
        };
        // Of what is going Argo CD says itself that it is.
        if shown.starts_with("Pending deletion") {
            assert!(self.object["metadata"]["deletionTimestamp"].is_string());
            return;
        }
        let mut conditions = deciding.iter().map(|type_| condition(self.object, type_));
        let found = conditions.find(|it| !it.is_null()).unwrap_or_default();
        if found.is_null() {
            assert_eq!(shown, "waiting for Dialtone to look at it");
            assert!(!current, "{:#}", self.object);
        } else {
            let text = |key: &str| found[key].as_str().unwrap();
            assert_eq!(shown, format!("{}: {}", text("reason"), text("message")));
        }
    }
}

fn verdicts<'a>(libraries: &mut Libraries, states: &'a [State]) -> Vec<Verdict<'a>> {
    let pairs: Vec<(&State, &Value)> = states
        .iter()
        .flat_map(|state| state.objects.iter().map(move |object| (state, object)))
        .collect();
    let objects: Vec<&Value> = pairs.iter().map(|(_, object)| *object).collect();
    let argo = libraries.ask(json!({"do": "argo-health", "objects": objects}));
    let flux = libraries
        .ask(json!({"do": "flux-health", "objects": objects, "kustomization": kustomization()}));
    let judged = argo
        .as_array()
        .unwrap()
        .iter()
        .zip(flux.as_array().unwrap());
    pairs
        .into_iter()
        .zip(judged)
        .map(|((state, object), (argo, flux))| Verdict {
            state,
            object,
            argo: argo.clone(),
            flux: flux.clone(),
        })
        .collect()
}

#[tokio::test]
async fn argo_cd_and_flux_say_of_every_state_what_they_should() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    let states = Box::pin(golden::states()).await;
    let verdicts = verdicts(&mut libraries, &states);
    let wrong: Vec<String> = verdicts.iter().filter_map(Verdict::wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for verdict in &verdicts {
        verdict.agrees();
        verdict.tells_why();
    }
    let seen: BTreeSet<(&str, &str)> = verdicts
        .iter()
        .filter_map(|it| Some((it.object["kind"].as_str()?, it.argo["status"].as_str()?)))
        .collect();
    for kind in Kind::ALL {
        for word in ["Healthy", "Progressing", "Degraded", "Suspended"] {
            let pair = (kind.as_str(), word);
            assert!(seen.contains(&pair), "no state of {pair:?}");
        }
    }
}

#[tokio::test]
async fn the_page_has_the_table_of_states() {
    let states = Box::pin(golden::states()).await;
    let rows: Vec<String> = states
        .iter()
        .map(|it| format!("| {} | {} | {} |", it.told, it.argo, it.flux))
        .collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gitops.md");
    let page = std::fs::read_to_string(path).unwrap();
    let table = rows.join("\n");
    assert!(page.contains(&table), "the table should be:\n{table}");
}
