//! cargo-lambda: on `PATH`, else from Python packages.

use std::path::PathBuf;

use anyhow::Result;
use tokio::sync::OnceCell;

use super::{Report, found, venv};

/// Zig links for other machines than this one (`cargo lambda build`).
const PACKAGES: [&str; 2] = ["cargo-lambda==1.9.2", "ziglang==0.17.1"];

/// The path of `cargo-lambda`.
///
/// # Errors
/// It is not there, and the Python packages cannot be installed.
pub async fn cargo_lambda(report: &dyn Report) -> Result<PathBuf> {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_try_init(async || match found::on_path("cargo-lambda") {
        Some(program) => Ok(program),
        None => venv::program(&PACKAGES, "bin/cargo-lambda", report).await,
    })
    .await
    .cloned()
}
