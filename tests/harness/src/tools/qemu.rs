//! An emulator for programs of arm64: on `PATH`, else installed by apt-get.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::apt_get::apt_get;
use super::{Report, found};

const NAMES: [&str; 2] = ["qemu-aarch64", "qemu-aarch64-static"];
const PACKAGES: [&str; 2] = ["qemu-user", "libc6-arm64-cross"];
const ADVICE: &str = "no emulator of arm64: install qemu-user and libc6-arm64-cross";

/// Where Debian and Ubuntu put the C library of arm64 on other machines.
const LOADER: &str = "/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1";

/// The path of an emulator that runs one program of arm64 Linux, with `-L /usr/aarch64-linux-gnu`.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn qemu_aarch64(report: &dyn Report) -> Result<PathBuf> {
    if let Some(program) = on_path() {
        return Ok(program);
    }
    apt_get(&PACKAGES, ADVICE, report).await?;
    on_path().context("apt-get installed qemu-user, but no qemu-aarch64 is on PATH")
}

fn on_path() -> Option<PathBuf> {
    NAMES.into_iter().find_map(found::on_path).filter(|_| Path::new(LOADER).is_file())
}
