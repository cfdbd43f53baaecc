//! buildah, which builds and runs images of containers without a daemon: on `PATH`, else installed by apt-get.

use std::path::PathBuf;

use anyhow::Result;

use super::{Report, apt_get};

/// The path of buildah.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn buildah(report: &dyn Report) -> Result<PathBuf> {
    apt_get::program("buildah", "buildah", report).await
}
