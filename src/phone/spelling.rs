//! The name that somebody meant.

/// The fewest characters that can be the beginning of a name that is meant.
const WORD: usize = 5;

/// The name that is meant, if one is near enough: at most two edits away, or one that goes on where
/// the word ends.
pub(crate) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let edits = |name: &str| {
        let name = name.to_lowercase();
        let edits = strsim::levenshtein(&word, &name);
        let near = edits <= 2 && edits < name.chars().count();
        let begun = word.chars().count() >= WORD && name.starts_with(&word);
        (near || begun).then_some(edits)
    };
    let all = names.filter_map(|name| Some((edits(name)?, name)));
    all.min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_meant_where_two_edits_or_its_end_are_missing() {
        let of = |word, names: &[&'static str]| nearest(word, names.iter().copied());
        assert_eq!(of("Web", &["ios", "web"]), Some("web"));
        assert_eq!(of("andriod", &["ios", "android"]), Some("android"));
        assert_eq!(of("custo", &["customer portal"]), Some("customer portal"));
        assert_eq!(of("cust", &["customer portal"]), None);
        // The whole of a short name is no misspelling of another.
        assert_eq!(of("a", &["b", "xy"]), None);
        assert_eq!(of("porta", &["portal", "portals"]), Some("portal"));
    }
}
