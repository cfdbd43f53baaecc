//! moto: a Python package that plays AWS.

use std::path::PathBuf;

use anyhow::Result;
use tokio::sync::OnceCell;

use super::{Report, venv};

const PACKAGE: &str = "moto[server,events,sqs]==5.2.5";

/// The path of `moto_server`.
///
/// # Errors
/// The Python package cannot be installed.
pub async fn moto_server(report: &dyn Report) -> Result<PathBuf> {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_try_init(|| venv::program(&[PACKAGE], "bin/moto_server", report)).await.cloned()
}
