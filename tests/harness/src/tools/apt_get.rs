//! Packages of Debian and Ubuntu.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Report, WORK, found};
use crate::run;

/// The path of a program that a package brings: on `PATH`, else installed.
pub(super) async fn program(
    name: &str,
    package: &'static str,
    report: &dyn Report,
) -> Result<PathBuf> {
    if let Some(program) = found::on_path(name) {
        return Ok(program);
    }
    apt_get(&[package], &format!("no {name}: install {package}"), report).await?;
    let missing = || format!("apt-get installed {package}, but {name} is not on PATH");
    found::on_path(name).with_context(missing)
}

/// Installs `packages` as root; `advice` says what to do by hand where that is not possible.
pub(super) async fn apt_get(packages: &[&str], advice: &str, report: &dyn Report) -> Result<()> {
    let Some(apt_get) = found::on_path("apt-get").filter(|_| rustix::process::geteuid().is_root())
    else {
        bail!("{advice}");
    };
    report.step(&format!("installing {} by apt-get", packages.join(", ")));
    let install = [&["install", "-y", "--no-install-recommends"][..], packages].concat();
    for arguments in [vec!["update"], install] {
        let mut command = Command::new(&apt_get);
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        run("apt-get", command, WORK).await.with_context(|| advice.to_owned())?;
    }
    Ok(())
}
