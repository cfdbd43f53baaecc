//! maturin: builds a program for other machines, and packs it into a wheel.

use std::path::PathBuf;

use anyhow::Result;

use super::{Report, venv};

/// Zig compiles and links for other machines than this one; maturin looks for it on `PATH`. Its version is that of
/// `cargo_lambda`: both are in one environment.
const PACKAGES: [&str; 2] = ["maturin==1.16.0", "ziglang==0.17.1"];

/// The path of `maturin`, of this version alone: what is in a wheel changes from one to the next.
///
/// # Errors
/// The Python packages cannot be installed.
pub async fn maturin(report: &dyn Report) -> Result<PathBuf> {
    venv::program(&PACKAGES, "bin/maturin", report).await
}
