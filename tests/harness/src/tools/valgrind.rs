//! Valgrind, which counts instructions: on `PATH`, else installed by apt-get.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::apt_get::apt_get;
use super::{Report, found};

const ADVICE: &str = "no valgrind: install it";

/// The path of valgrind.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn valgrind(report: &dyn Report) -> Result<PathBuf> {
    if let Some(program) = found::on_path("valgrind") {
        return Ok(program);
    }
    apt_get(&["valgrind"], ADVICE, report).await?;
    found::on_path("valgrind").context("apt-get installed valgrind, but it is not on PATH")
}
