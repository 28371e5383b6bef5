//! What the parser's complaints mean to whoever wrote the file.

use granit_parser::{ErrorKind, ScanError};

/// The complaint in words.
pub(super) fn message(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            "the line is indented with a tab".to_owned()
        }
        ErrorKind::UnclosedQuotedScalar => "the quotes are not closed".to_owned(),
        ErrorKind::UnclosedFlowCollection { open } => format!("the {open} is not closed"),
        ErrorKind::UnknownAnchor => "there is no anchor of this name before it".to_owned(),
        ErrorKind::UnexpectedCharacter { character } => {
            format!("{character:?} cannot stand here unless it is in quotes")
        }
        ErrorKind::SimpleKeyExpected => "the line has no colon".to_owned(),
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry => {
            "the line does not fit the lines above it".to_owned()
        }
        _ => format!("this is not YAML: {}", error.info()),
    }
}

/// What to do about it.
pub(super) const fn hint(kind: &ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation => Some("YAML indents with blanks only"),
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed => {
            Some("lines of one block begin in the same column")
        }
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::InvalidColonPlacement => {
            Some("is a [ or { before it not closed, or a comma missing?")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            Some("a key is followed by a colon and a blank")
        }
        _ => None,
    }
}
