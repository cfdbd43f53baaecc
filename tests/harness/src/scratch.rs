//! Folders for logs and configuration of what is started.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::workspace;

/// Folders are kept, so that a log can be read after a failed test, but not for ever.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Makes a new folder `target/harness/<name>-<process id>-<number>`.
///
/// # Errors
/// The folder cannot be made.
pub fn scratch(name: &str) -> Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    static SWEPT: Once = Once::new();
    let parent = workspace::target().join("harness");
    SWEPT.call_once(|| sweep(&parent));
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = parent.join(format!("{name}-{}-{number}", std::process::id()));
    // Process ids come round again.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Removes the folders of earlier days. What cannot be removed stays.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed());
        if matches!(age, Ok(Ok(age)) if age > KEPT) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
