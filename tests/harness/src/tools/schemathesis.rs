//! Schemathesis, from a Python package.

use std::path::PathBuf;

use anyhow::Result;

use super::{Report, venv};

const PACKAGE: &str = "schemathesis==4.32.5";

/// The path of `schemathesis`, of this version alone: what it looks for changes from one to the next.
///
/// # Errors
/// The Python package cannot be installed.
pub async fn schemathesis(report: &dyn Report) -> Result<PathBuf> {
    venv::program(&[PACKAGE], "bin/schemathesis", report).await
}
