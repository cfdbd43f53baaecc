//! Valgrind, which counts instructions: on `PATH`, else installed by apt-get.

use std::path::PathBuf;

use anyhow::Result;

use super::{Report, apt_get};

/// The path of valgrind.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn valgrind(report: &dyn Report) -> Result<PathBuf> {
    apt_get::program("valgrind", "valgrind", report).await
}
