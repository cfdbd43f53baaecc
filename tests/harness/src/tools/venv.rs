//! Python packages that bring programs, in a private environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::lock::lock;
use super::{Report, WORK, found};
use crate::{run, workspace};

/// As [`program_of`], in the environment that all small tools share.
pub(super) async fn program(
    requirements: &[&str],
    program: &str,
    report: &dyn Report,
) -> Result<PathBuf> {
    program_of("venv", requirements, program, report).await
}

/// Installs `requirements` (pinned) into the environment `target/tools/<name>` and gives the path
/// of the file that matches `program`, relative to it; `*` stands for one folder.
///
/// Packages that ask for different versions of the same others need environments of their own.
pub(super) async fn program_of(
    name: &str,
    requirements: &[&str],
    program: &str,
    report: &dyn Report,
) -> Result<PathBuf> {
    let venv = workspace::target().join("tools").join(name);
    // Written last, so that an installation which was interrupted does not count.
    let stamp = venv.join(format!("{}.installed", requirements.join("+").replace('/', "_")));
    let installed = || if stamp.is_file() { find(&venv, program) } else { None };
    if let Some(program) = installed() {
        return Ok(program);
    }
    let _lock = lock(name).await?;
    if let Some(program) = installed() {
        return Ok(program);
    }
    let python = python(&venv, report).await?;
    report.step(&format!("installing {} (once)", requirements.join(", ")));
    let mut command = Command::new(&python);
    command
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"])
        .args(requirements);
    run("pip-install", command, WORK)
        .await
        .with_context(|| format!("cannot install {}", requirements.join(", ")))?;
    let Some(program) = find(&venv, program) else {
        bail!("{} brought no {program}", requirements.join(", "));
    };
    fs::write(&stamp, "")?;
    Ok(program)
}

/// The Python of the environment `target/tools/<name>`, with what the file `requirements` asks for, and nothing of what an
/// earlier one did.
///
/// # Errors
/// There is no such file, or it can't be installed.
pub async fn python_of(name: &str, requirements: &Path, report: &dyn Report) -> Result<PathBuf> {
    let wanted = fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let venv = workspace::target().join("tools").join(name);
    let stamp = venv.join("requirements.installed");
    let _lock = lock(name).await?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(venv.join("bin/python"));
    }
    let _ = fs::remove_dir_all(&venv);
    let python = python(&venv, report).await?;
    report.step(&format!("installing {} (once)", requirements.display()));
    let mut command = Command::new(&python);
    command
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r"])
        .arg(requirements);
    run("pip-install", command, WORK)
        .await
        .with_context(|| format!("cannot install {}", requirements.display()))?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}

/// The Python of an environment, which is made where it is missing.
async fn python(venv: &Path, report: &dyn Report) -> Result<PathBuf> {
    let python = venv.join("bin/python");
    if !python.is_file() {
        let outside = found::needed("python3", "Python 3 with its venv module")?;
        report.step("making a private Python environment");
        let mut command = Command::new(outside);
        command.args(["-m", "venv", "--clear"]).arg(venv);
        run("python-venv", command, WORK)
            .await
            .context("cannot make a Python environment (Debian, Ubuntu: install python3-venv)")?;
    }
    Ok(python)
}

/// The first file that the pattern matches.
fn find(folder: &Path, pattern: &str) -> Option<PathBuf> {
    let (first, rest) = match pattern.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (pattern, None),
    };
    let candidates = if first == "*" {
        fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect()
    } else {
        vec![folder.join(first)]
    };
    candidates.into_iter().find_map(|path| match rest {
        Some(rest) => find(&path, rest),
        None => path.is_file().then_some(path),
    })
}
