//! The widget's build, where it is older than its source.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use harness::tools::{Report as _, npm_ci};

use crate::output::Progress;

/// Builds `widget/dist` unless it is newer than what it is made of.
pub(crate) async fn build_unless_fresh(progress: &Progress) -> Result<()> {
    let widget = harness::root().join("widget");
    let source = ["src", "scripts", "package.json", "package-lock.json"];
    let changed = source.iter().filter_map(|name| newest(&widget.join(name))).max();
    let built = newest(&widget.join("dist/roll-call.js"));
    if built.is_some() && built >= changed {
        return Ok(());
    }
    npm_ci(&widget, progress).await?;
    progress.step("building the widget");
    let mut command = Command::new("npm");
    command.current_dir(&widget).args(["run", "build"]);
    harness::run("widget-build", command, Duration::from_secs(600))
        .await
        .context("cannot build the widget")
}

/// When a file, or the newest file of a folder, was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        return metadata.modified().ok();
    }
    fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest(&entry.path())).max()
}
