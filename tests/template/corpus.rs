//! Templates that are kept, and changed at random: what `cargo fuzz` does, within `cargo test`.

use std::fs;
use std::path::Path;

use dialtone::template::TemplateType;

use crate::generate::Random;
use crate::properties::holds;

/// How many changed templates are tried, unless `DIALTONE_FUZZ` says more.
const COUNT: usize = 4_000;

/// The templates of `fuzz/corpus/template`, in the order of their names.
pub fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/template");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    paths.into_iter().map(read).collect()
}

/// A template of the corpus that is changed at random.
pub fn mutated(seed: u64) -> String {
    let corpus = corpus();
    let mut random = Random::new(seed);
    let mut bytes = corpus[random.below(corpus.len())].clone().into_bytes();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(24)).min(bytes.len());
        match random.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            2 => {
                let other = corpus[random.below(corpus.len())].as_bytes();
                let from = random.below(other.len() + 1);
                let to = (from + random.below(40)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            3 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            4 => {
                let sign = b"{}%|:,'\"[]().-= \n\\"[random.below(18)];
                bytes.insert(at, sign);
            }
            _ => {
                let part = bytes[at..end].repeat(random.below(30));
                bytes.splice(at..at, part);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn kept_templates_render_or_are_refused() {
    let corpus = corpus();
    assert!(corpus.len() > 20, "the corpus is not there");
    for template in corpus {
        for template_type in TemplateType::ALL {
            holds(&template, template_type);
        }
    }
}

#[test]
fn changed_templates_render_or_are_refused() {
    let count = std::env::var("DIALTONE_FUZZ").map_or(COUNT, |text| text.parse().unwrap());
    for seed in 0..u64::try_from(count).unwrap() {
        holds(&mutated(seed), TemplateType::OtpVerify);
    }
}
