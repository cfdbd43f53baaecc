//! Centrifugo: `CENTRIFUGO_BIN`, else on `PATH`, else built from the pinned module.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use tokio::sync::OnceCell;

use super::lock::lock;
use super::{Report, WORK, found};
use crate::{run, workspace};

const MODULE: &str = "github.com/centrifugal/centrifugo/v6";
const GO_MOD: &str = include_str!("../../centrifugo/go.mod");

/// The first version with `auto_cache_recover`, which hands the kept view to whoever subscribes.
const OLDEST: [u32; 3] = [6, 8, 3];

/// The path of a Centrifugo.
///
/// # Errors
/// `CENTRIFUGO_BIN` names no file, Go is missing, or the build fails.
pub async fn centrifugo(report: &dyn Report) -> Result<PathBuf> {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_try_init(|| resolve(report)).await.cloned()
}

async fn resolve(report: &dyn Report) -> Result<PathBuf> {
    if let Some(program) = found::by_variable("CENTRIFUGO_BIN")? {
        return Ok(program);
    }
    if let Some(program) = found::on_path("centrifugo") {
        if found::version(&program, "version").is_some_and(|version| version >= OLDEST) {
            return Ok(program);
        }
        report.step("the centrifugo on PATH is older than 6.8.3: using one of our own");
    }
    build(report).await
}

async fn build(report: &dyn Report) -> Result<PathBuf> {
    let version = pinned_version().context("go.mod pins no Centrifugo")?;
    let program = workspace::target().join("tools").join(format!("centrifugo-{version}"));
    if program.is_file() {
        return Ok(program);
    }
    let _lock = lock("centrifugo").await?;
    if program.is_file() {
        return Ok(program);
    }
    let go = found::needed("go", "Go 1.26 or newer, or set CENTRIFUGO_BIN")?;
    report.step(&format!("building Centrifugo {version} (about two minutes, once)"));
    let unfinished = program.with_extension("unfinished");
    let mut command = Command::new(go);
    command
        .current_dir(workspace::root().join("tests/harness/centrifugo"))
        .args(["build", "-o"])
        .arg(&unfinished)
        // Without a version it takes itself for a development build, and says so.
        .args(["-ldflags", &format!("-s -w -X {MODULE}/internal/build.Version={version}"), MODULE]);
    run("go-build", command, WORK).await.context("cannot build Centrifugo")?;
    fs::rename(&unfinished, &program).context("cannot keep the Centrifugo that was built")?;
    Ok(program)
}

fn pinned_version() -> Option<&'static str> {
    let required = |line: &'static str| {
        let mut words = line.split_whitespace().skip_while(|word| *word != MODULE);
        words.nth(1)?.strip_prefix('v')
    };
    GO_MOD.lines().find_map(required)
}

#[cfg(test)]
mod tests {
    #[test]
    fn go_mod_pins_a_version() {
        let version = super::pinned_version().unwrap();
        let line = format!("{} v{version}", super::MODULE);
        assert!(super::GO_MOD.contains(&line), "{version}");
    }
}
