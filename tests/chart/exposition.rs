//! What `/metrics` says, as series that `promtool` takes for recorded ones.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The minutes that a state lasts in the series made of it.
pub const MINUTES: u32 = 60;

/// The samples of a page, by name and labels as they are written there.
fn samples(page: &str) -> BTreeMap<&str, f64> {
    page.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series, value.parse().unwrap())
        })
        .collect()
}

/// A series with the labels that Prometheus adds when it reads a replica, and which do not replace
/// the replica's own (`honorLabels`).
fn attributed(series: &str, replica: &[(&str, &str)]) -> String {
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.trim_end_matches('}')),
        None => (series, ""),
    };
    let mut all: Vec<String> = Vec::new();
    if !labels.is_empty() {
        all.push(labels.to_owned());
    }
    for (key, value) in replica {
        let own =
            labels.starts_with(&format!("{key}=\"")) || labels.contains(&format!(",{key}=\""));
        if !own {
            all.push(format!("{key}=\"{value}\""));
        }
    }
    format!("{name}{{{}}}", all.join(","))
}

/// The series of a replica whose page was `before` and is `after` now, if that goes on: gauges stay,
/// and each minute counts what was counted between the two.
pub fn going_on(before: &str, after: &str, replica: &[(&str, &str)]) -> Vec<Value> {
    let before = samples(before);
    let after = samples(after);
    after
        .into_iter()
        .map(|(series, value)| {
            let name = series.split('{').next().unwrap();
            let counted = ["_total", "_bucket", "_count", "_sum"];
            let counted = counted.iter().any(|suffix| name.ends_with(suffix));
            let (start, step) = if counted {
                let start = before.get(series).copied().unwrap_or_default();
                (start, value - start)
            } else {
                (value, 0.0)
            };
            json!({
                "series": attributed(series, replica),
                "values": format!("{start}+{step}x{MINUTES}"),
            })
        })
        .collect()
}

#[test]
fn a_page_becomes_series_that_keep_their_own_labels() {
    let before = "# TYPE a counter\na_total{tenant=\"x/y\"} 2\nb 1\n# EOF\n";
    let after = "a_total{tenant=\"x/y\"} 5\nb 0\nc{namespace=\"team\"} 1\n# EOF\n";
    let replica = [("namespace", "dialtone-system"), ("job", "dialtone")];
    let series = going_on(before, after, &replica);
    let expected = json!([
        {
            "series": "a_total{tenant=\"x/y\",namespace=\"dialtone-system\",job=\"dialtone\"}",
            "values": "2+3x60",
        },
        {"series": "b{namespace=\"dialtone-system\",job=\"dialtone\"}", "values": "0+0x60"},
        {"series": "c{namespace=\"team\",job=\"dialtone\"}", "values": "1+0x60"},
    ]);
    assert_eq!(Value::from(series), expected);
}
