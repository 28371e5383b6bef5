//! The page for whoever runs the operator.

use dialtone::operator::metrics::FAMILIES;

use crate::pages::{read, section};

#[test]
fn the_table_of_metrics_is_the_programs() {
    let page = read("docs/operations.md");
    let shown: Vec<&str> = section(&page, "## Metrics")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let rows: Vec<String> = FAMILIES
        .iter()
        .map(|family| {
            let labels: Vec<String> = family.labels.iter().map(|it| format!("`{it}`")).collect();
            let name = family.full_name();
            let (kind, labels) = (family.kind.as_str(), labels.join(", "));
            format!("| `{name}` | {kind} | {labels} | {} |", family.help)
        })
        .collect();
    assert_eq!(shown, rows, "the table should be:\n{}", rows.join("\n"));
}
