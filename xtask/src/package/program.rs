//! The program for each kind of machine, the wheel that brings it to Python, and the bill of what is in it: maturin makes all
//! three of them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use harness::tools::{self, Report as _};

use super::{BUILD, SINCE_EPOCH, VERSION};
use crate::output::Progress;

/// Linked with musl and nothing outside, the program runs on every Linux of its processor, in an empty image, too.
///
/// musl's allocator is known to be slow, but what is hot here allocates little: measured beside a build with glibc, a roll call
/// of 10,000 clients takes 15.0 ms of CPU instead of 15.4, one of 100,000 takes 123 ms instead of 122, one of 1,000 channels 29
/// instead of 27, a request 27 µs in both, and an idle `serve` holds 7.0 MB instead of 9.5. So no other one is compiled in.
pub(crate) const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// What a wheel says that it runs on; of what is static both are true.
const COMPATIBILITY: [&str; 2] = ["manylinux2014", "musllinux_1_1"];

/// Where a wheel keeps the bill of materials (PEP 770).
const BILL: &str = "sboms/rollcall.cyclonedx.json";

/// Builds the program for `target` and gives its path; the wheel and the bill of materials go into `to`.
///
/// # Errors
/// A tool can't be had, or the build fails.
pub(super) async fn build(target: &str, to: &Path, progress: &Progress) -> Result<PathBuf> {
    let maturin = tools::maturin(progress).await?;
    tools::rust_target(target, progress).await?;
    progress.step(&format!("building rollcall for {target} (minutes)"));
    let folder = harness::scratch("wheel")?;
    let mut command = harness::command(&maturin);
    command
        .args(["build", "--release", "--locked", "--zig", "--target", target, "--manifest-path"])
        .arg(harness::root().join("server/Cargo.toml"))
        .arg("--compatibility")
        .args(COMPATIBILITY)
        .arg("--out")
        .arg(&folder)
        .env("SOURCE_DATE_EPOCH", SINCE_EPOCH)
        .env("PATH", tools::path_with(&maturin)?);
    let failed = || format!("cannot build rollcall for {target}");
    harness::run("maturin", command, BUILD).await.with_context(failed)?;

    let wheel = only_wheel(&folder)?;
    let mut unpack = harness::command(maturin.with_file_name("python"));
    unpack.args(["-m", "zipfile", "--extract"]).arg(&wheel).arg(&folder);
    harness::run("unpack-wheel", unpack, BUILD).await.context("cannot unpack the wheel")?;
    let bill = folder.join(format!("rollcall_server-{VERSION}.dist-info")).join(BILL);
    copy(&bill, &to.join(format!("rollcall-{VERSION}-{target}.cdx.json")))?;
    copy(&wheel, &to.join(wheel.file_name().context("a wheel without a name")?))?;
    Ok(harness::target().join(target).join("release/rollcall"))
}

/// The wheel in a folder that nothing else has been built into.
fn only_wheel(folder: &Path) -> Result<PathBuf> {
    let paths = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut wheels: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "whl")).collect();
    match (wheels.pop(), wheels.is_empty()) {
        (Some(wheel), true) => Ok(wheel),
        _ => bail!("maturin made no wheel, or more than one, in {}", folder.display()),
    }
}

/// Copies a file.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("cannot copy {} to {}", from.display(), to.display());
    fs::copy(from, to).map(drop).with_context(failed)
}
