//! systemd-analyze, which reads units without running them: on `PATH`, else installed by apt-get.

use std::path::PathBuf;

use anyhow::Result;

use super::{Report, apt_get};

/// The path of systemd-analyze.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn systemd_analyze(report: &dyn Report) -> Result<PathBuf> {
    apt_get::program("systemd-analyze", "systemd", report).await
}
