//! Packages of npm.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::lock::lock;
use super::{Report, WORK, found};
use crate::run;

/// Runs `npm ci` in `folder`, unless what its lock file asks for is installed.
///
/// # Errors
/// npm is missing or fails.
pub async fn npm_ci(folder: &Path, report: &dyn Report) -> Result<()> {
    let _lock = lock("npm").await?;
    if is_installed(folder) {
        return Ok(());
    }
    if !folder.join("package-lock.json").is_file() {
        bail!("{} has no package-lock.json", folder.display());
    }
    let npm = found::needed("npm", "Node.js 20 or newer")?;
    report.step(&format!("npm ci in {}", folder.display()));
    let mut command = Command::new(npm);
    command.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
    run("npm-ci", command, WORK)
        .await
        .with_context(|| format!("npm ci fails in {}", folder.display()))
}

/// npm writes `node_modules/.package-lock.json` when an installation is complete.
fn is_installed(folder: &Path) -> bool {
    let changed = |file: &str| fs::metadata(folder.join(file)).and_then(|data| data.modified());
    match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Ok(wanted), Ok(installed)) => wanted <= installed,
        _ => false,
    }
}
