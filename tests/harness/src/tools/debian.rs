//! Programs out of packages of Debian and Ubuntu, unpacked and not installed: a package of a server would start it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::lock::lock;
use super::{Report, WORK, found};
use crate::{run, workspace};

/// nginx: on `PATH` or in `/usr/sbin`, else out of its package.
///
/// # Errors
/// There is none; the line says why.
pub async fn nginx(report: &dyn Report) -> Result<PathBuf> {
    program("nginx", "usr/sbin/nginx", report).await
}

/// Prometheus: on `PATH`, else out of its package.
///
/// # Errors
/// There is none; the line says why.
pub async fn prometheus(report: &dyn Report) -> Result<PathBuf> {
    program("prometheus", "usr/bin/prometheus", report).await
}

/// The program of that package at `path` below the root.
async fn program(package: &str, path: &str, report: &dyn Report) -> Result<PathBuf> {
    let installed = Path::new("/").join(path);
    let installed = found::on_path(package).or_else(|| installed.is_file().then_some(installed));
    if let Some(program) = installed {
        return Ok(program);
    }
    let folder = workspace::target().join("tools").join(format!("debian-{package}"));
    let program = folder.join(path);
    if program.is_file() {
        return Ok(program);
    }
    let _lock = lock(&format!("debian-{package}")).await?;
    if program.is_file() {
        return Ok(program);
    }
    report.step(&format!("unpacking {package} out of its package"));
    let advice = || format!("no {package}: install it");
    unpack(package, &folder).await.with_context(advice)?;
    program.is_file().then_some(program).with_context(advice)
}

async fn unpack(package: &str, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    if download(package, folder).await.is_err() {
        // There may be no list of packages yet, or one that is too old.
        let mut update = Command::new("apt-get");
        update.arg("update");
        run("apt-get", update, WORK).await?;
        download(package, folder).await?;
    }
    for file in std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()) {
        if file.extension().is_some_and(|extension| extension == "deb") {
            let mut unpack = Command::new("dpkg-deb");
            unpack.arg("-x").arg(&file).arg(folder);
            run("dpkg-deb", unpack, WORK).await?;
        }
    }
    Ok(())
}

async fn download(package: &str, folder: &Path) -> Result<()> {
    let mut download = Command::new("apt-get");
    download.current_dir(folder).args(["download", package]);
    run("apt-get", download, WORK).await
}
