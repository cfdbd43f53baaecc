//! Programs in Go.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Report, WORK, found};
use crate::run;

/// Builds the module in `folder` into `program`, and gives the path of the Go that did.
///
/// # Errors
/// Go is missing, or the build fails.
pub async fn go_build(folder: &Path, program: &Path, report: &dyn Report) -> Result<PathBuf> {
    if !folder.join("go.mod").is_file() {
        bail!("{} has no go.mod", folder.display());
    }
    let go = found::needed("go", "Go 1.26 or newer")?;
    report.step(&format!("go build in {}", folder.display()));
    let mut command = Command::new(&go);
    command.current_dir(folder).args(["build", "-o"]).arg(program).arg(".");
    run("go-build", command, WORK)
        .await
        .with_context(|| format!("go build fails in {}", folder.display()))?;
    Ok(go)
}
