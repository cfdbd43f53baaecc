//! `cargo xtask package`: every way to get Rollcall, built into one folder.

mod archive;
mod checksums;
mod element;
mod folder;
mod program;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use harness::tools::Report as _;

use crate::output::Progress;
use crate::signals::Signals;
pub(crate) use program::TARGETS;

/// All that is packed has one version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Seconds since 1970 of the first moment that a zip archive knows, which is the age of all that is packed: what is built from
/// the same sources is the same to the byte. A newer one, that of the last commit say, has ring built anew with each commit.
const SINCE_EPOCH: &str = "315532800";

/// The longest that one step may take: to build for one machine is the longest.
const BUILD: Duration = Duration::from_secs(60 * 60);

/// Options of `cargo xtask package`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder; what an earlier run left in it goes [default: target/package]
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub(crate) async fn run(Arguments { to }: Arguments) -> Result<ExitCode> {
    let mut signals = Signals::catch()?;
    let packing = async {
        let progress = Progress::start();
        let to = to.unwrap_or_else(|| harness::target().join("package"));
        build(&to, &progress).await?;
        progress.line(&format!("packed into {}", to.display()));
        Ok(ExitCode::SUCCESS)
    };
    tokio::select! {
        code = packing => code,
        () = signals.any() => bail!("interrupted"),
    }
}

/// Builds all of it into the folder `to`.
///
/// # Errors
/// A tool can't be had, a build fails, or the folder holds something else.
pub(crate) async fn build(to: &Path, progress: &Progress) -> Result<()> {
    folder::make_anew(to)?;
    for target in TARGETS {
        let built = program::build(target, to, progress).await?;
        progress.step(&format!("packing the archive for {target}"));
        archive::pack(target, &built, to).await?;
    }
    progress.step("packing the element for npm");
    element::pack(to).await?;
    checksums::write(to)
}
