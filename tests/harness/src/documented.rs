//! What a document shows as an example: the tests run that very text.

use std::fs;

use anyhow::{Context as _, Result};

use crate::root;

/// The first fenced block of that language in a document, whose path is from the root.
///
/// # Errors
/// There is no such document, or no such block.
pub fn documented(document: &str, language: &str) -> Result<String> {
    let text = fs::read_to_string(root().join(document))
        .with_context(|| format!("cannot read {document}"))?;
    let fence = format!("\n```{language}\n");
    let (_, block) = text
        .split_once(&fence)
        .with_context(|| format!("{document} has no block of {language}"))?;
    let (block, _) = block.split_once("\n```").context("a block without an end")?;
    Ok(block.to_owned())
}
