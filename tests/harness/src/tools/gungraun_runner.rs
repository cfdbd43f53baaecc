//! What starts valgrind for the benches of gungraun: built by cargo, of the version that `Cargo.lock` has of the library,
//! since either refuses another one.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::lock::lock;
use super::{Report, WORK};
use crate::{command, run, workspace};

const NAME: &str = "gungraun-runner";

/// The path of `gungraun-runner`.
///
/// # Errors
/// `Cargo.lock` does not name it, or the build fails.
pub async fn gungraun_runner(report: &dyn Report) -> Result<PathBuf> {
    let locked = fs::read_to_string(workspace::root().join("Cargo.lock"))?;
    let version = locked_version(&locked).context("Cargo.lock has no gungraun-runner")?;
    let folder = workspace::target().join("tools").join(format!("{NAME}-{version}"));
    let program = folder.join("bin").join(NAME);
    if program.is_file() {
        return Ok(program);
    }
    let _lock = lock(NAME).await?;
    if program.is_file() {
        return Ok(program);
    }
    report.step(&format!("building {NAME} {version} (about a minute, once)"));
    let mut install = command("cargo");
    // Optimized it would take twice as long to build, and count no sooner.
    install.args(["install", "--locked", "--debug", NAME, "--version", version, "--root"]);
    install.arg(&folder);
    run("cargo-install", install, WORK).await.with_context(|| format!("cannot build {NAME}"))?;
    Ok(program)
}

/// The version in a `Cargo.lock`.
fn locked_version(lock: &str) -> Option<&str> {
    let mut lines = lock.lines().skip_while(|line| *line != "name = \"gungraun-runner\"");
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn the_version_is_that_of_cargo_lock() {
        let lock = "[[package]]\nname = \"gungraun\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"gungraun-runner\"\nversion = \"0.19.4\"\n";
        assert_eq!(locked_version(lock), Some("0.19.4"));
        assert_eq!(locked_version("[[package]]\nname = \"gungraun\"\nversion = \"1.0.0\"\n"), None);
    }
}
