//! systemd-analyze, which reads units without running them: on `PATH`, else installed by apt-get.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::apt_get::apt_get;
use super::{Report, found};

const ADVICE: &str = "no systemd-analyze: install systemd";

/// The path of systemd-analyze.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn systemd_analyze(report: &dyn Report) -> Result<PathBuf> {
    if let Some(program) = found::on_path("systemd-analyze") {
        return Ok(program);
    }
    apt_get(&["systemd"], ADVICE, report).await?;
    found::on_path("systemd-analyze").context("apt-get installed systemd, without systemd-analyze")
}
