//! buildah, which builds and runs images of containers without a daemon: on `PATH`, else installed by apt-get.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::apt_get::apt_get;
use super::{Report, found};

const ADVICE: &str = "no buildah: install it";

/// The path of buildah.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn buildah(report: &dyn Report) -> Result<PathBuf> {
    if let Some(program) = found::on_path("buildah") {
        return Ok(program);
    }
    apt_get(&["buildah"], ADVICE, report).await?;
    found::on_path("buildah").context("apt-get installed buildah, but it is not on PATH")
}
