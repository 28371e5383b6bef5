//! Code on the pages: in blocks and within sentences.

use std::fmt::Write as _;

use crate::pages::{guide, read};

/// A block of code, by page and line.
pub struct Block {
    /// The page and the line.
    pub place: String,
    pub page: String,
    pub language: String,
    pub text: String,
}

/// The blocks of a language on the pages of the guide. Longer fences and indented ones count as well.
pub fn blocks(language: &str) -> Vec<Block> {
    let mut found: Vec<Block> = guide().iter().flat_map(|page| parts(page).0).collect();
    found.retain(|block| block.language == language);
    found
}

/// The blocks of a page, and the code within its sentences.
pub fn parts(page: &str) -> (Vec<Block>, Vec<Block>) {
    let (mut blocks, mut spans) = (Vec::new(), Vec::new());
    let mut open: Option<(String, Block)> = None;
    for (index, line) in read(page).lines().enumerate() {
        let code = |language: &str, text: &str| Block {
            place: format!("{page}:{}", index + 1),
            page: page.to_owned(),
            language: language.to_owned(),
            text: text.to_owned(),
        };
        let trimmed = line.trim_start();
        let fence: String = trimmed.chars().take_while(|it| *it == '`').collect();
        match &mut open {
            Some((closing, _)) if trimmed == closing => {
                let (_, block) = open.take().unwrap();
                blocks.push(block);
            }
            Some((_, block)) => {
                let _ = writeln!(block.text, "{line}");
            }
            None if fence.len() >= 3 => {
                let language = &trimmed[fence.len()..];
                open = Some((fence, code(language, "")));
            }
            None => spans.extend(
                line.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(|text| code("", text)),
            ),
        }
    }
    assert!(open.is_none(), "{page}: a block does not end");
    (blocks, spans)
}
