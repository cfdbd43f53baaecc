//! The element, as npm packs it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::BUILD;
use super::program::copy;

/// What npm gets, from the root. The licences stand at the root alone, and npm packs what is beside `package.json`.
const FILES: [&str; 4] =
    ["LICENSE-APACHE", "LICENSE-MIT", "widget/README.md", "widget/package.json"];

/// Packs `widget/dist`, as it is committed, into `to`.
///
/// # Errors
/// A file is missing, or npm is, or fails.
pub(super) async fn pack(to: &Path) -> Result<()> {
    let stage = harness::scratch("npm-pack")?;
    for file in FILES {
        let from = harness::root().join(file);
        copy(&from, &stage.join(from.file_name().context("a file without a name")?))?;
    }
    copy_folder(&harness::root().join("widget/dist"), &stage.join("dist"))?;
    let mut npm = Command::new("npm");
    let to = to.canonicalize()?;
    npm.current_dir(&stage).args(["pack", "--ignore-scripts", "--pack-destination"]).arg(to);
    harness::run("npm-pack", npm, BUILD).await.context("npm cannot pack the element")
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, there) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy_folder(&path, &there)? } else { copy(&path, &there)? }
    }
    Ok(())
}
