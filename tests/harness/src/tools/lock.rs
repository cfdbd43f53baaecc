//! One process at a time fetches a tool.

use std::fs::{self, File, TryLockError};

use anyhow::{Context as _, Result};

use super::WORK;
use crate::{eventually, workspace};

/// Holds `target/tools/<name>.lock` until dropped. The system releases it when a process dies.
pub(super) async fn lock(name: &str) -> Result<File> {
    let folder = workspace::target().join("tools");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(format!("{name}.lock"));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let what = format!("another process gives {} back", path.display());
    eventually(WORK, &what, async || match file.try_lock() {
        Ok(()) => Some(Ok(())),
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Error(error)) => Some(Err(error)),
    })
    .await?
    .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}
