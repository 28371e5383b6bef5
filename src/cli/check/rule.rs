//! The rules that results are filed under, explained by the pages of the documentation.

use crate::api::Reason;
use crate::manifest::Check;
use crate::phone::flow::Flow;

/// The page that has the rules, and the page that has the reasons.
const PAGES: [&str; 2] = [
    include_str!("../../../docs/ci.md"),
    include_str!("../../../docs/conditions.md"),
];

/// What sort of thing a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A flow breaks.
    Breaks(Breaks),
    /// A manifest is wrong.
    Manifest(Check),
    /// The planner has something to say about an object.
    Object(Reason),
    /// A tenant was not seen, or not as a whole: a plan that is no all-clear.
    Incomplete,
}

/// What sort of flow breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breaks {
    /// MFA.
    Mfa,
    /// Passwordless sign-in.
    Passwordless,
    /// Verification at sign-up.
    Signup,
    /// Password reset.
    PasswordReset,
    /// Sign-in with a code.
    PhoneOtp,
}

impl Breaks {
    /// Every sort.
    pub const ALL: [Self; 5] = [
        Self::Mfa,
        Self::Passwordless,
        Self::Signup,
        Self::PasswordReset,
        Self::PhoneOtp,
    ];

    /// The sort of a flow.
    #[must_use]
    pub const fn of(flow: &Flow) -> Self {
        match flow {
            Flow::Mfa(_) => Self::Mfa,
            Flow::Passwordless { .. } => Self::Passwordless,
            Flow::SignupVerification { .. } => Self::Signup,
            Flow::PasswordReset { .. } => Self::PasswordReset,
            Flow::PhoneOtp { .. } => Self::PhoneOtp,
        }
    }

    /// For people, where many flows are summed up.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Mfa => "MFA by phone",
            Self::Passwordless => "passwordless sign-in",
            Self::Signup => "phone verification at sign-up",
            Self::PasswordReset => "password reset by phone",
            Self::PhoneOtp => "sign-in by phone code",
        }
    }
}

impl Rule {
    /// The rules that are no reasons.
    pub fn own() -> impl Iterator<Item = Self> {
        let breaks = Breaks::ALL.into_iter().map(Self::Breaks);
        let checks = Check::ALL.into_iter().map(Self::Manifest);
        breaks.chain(checks).chain([Self::Incomplete])
    }

    /// The stable id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Breaks(Breaks::Mfa) => "breaks-mfa",
            Self::Breaks(Breaks::Passwordless) => "breaks-passwordless",
            Self::Breaks(Breaks::Signup) => "breaks-signup",
            Self::Breaks(Breaks::PasswordReset) => "breaks-password-reset",
            Self::Breaks(Breaks::PhoneOtp) => "breaks-phone-otp",
            Self::Manifest(Check::File) => "manifest-file",
            Self::Manifest(Check::Yaml) => "manifest-yaml",
            Self::Manifest(Check::Object) => "manifest-object",
            Self::Manifest(Check::Consistency) => "manifest-consistency",
            Self::Manifest(Check::Secret) => "manifest-secret",
            Self::Manifest(Check::ConfigMap) => "manifest-config-map",
            Self::Manifest(Check::Template) => "template-words",
            Self::Manifest(Check::ActionCode) => "action-code",
            Self::Object(reason) => reason.as_str(),
            Self::Incomplete => "plan-incomplete",
        }
    }

    /// What it means, and what to do; the latter may be nothing.
    #[must_use]
    pub fn explained(self) -> Option<(String, String)> {
        let start = format!("| `{}` |", self.id());
        let mut rows = PAGES.iter().flat_map(|page| page.lines());
        let row = rows.find_map(|line| line.strip_prefix(&start))?;
        let (means, advice) = row.trim_end_matches('|').split_once(" |")?;
        Some((unlinked(means), unlinked(advice)))
    }
}

/// A text with the words of its links in their place: outside of the pages they lead nowhere.
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.trim();
    while let Some((before, link)) = rest.split_once('[') {
        let Some((words, target)) = link.split_once("](") else {
            break;
        };
        plain.push_str(before);
        plain.push_str(words);
        rest = target.split_once(')').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_by_a_page() {
        let reasons = Reason::ALL.iter().copied().map(Rule::Object);
        for rule in Rule::own().chain(reasons) {
            let explained = rule.explained();
            let (means, _) = explained.unwrap_or_else(|| panic!("{} is not explained", rule.id()));
            assert!(!means.is_empty() && !means.contains("]("), "{means}");
        }
    }

    #[test]
    fn links_are_left_out_and_their_words_stay() {
        assert_eq!(
            unlinked("see [Hazards](hazards.md) or [b](c)."),
            "see Hazards or b."
        );
        assert_eq!(unlinked("`refs[2]`"), "`refs[2]`");
    }
}
