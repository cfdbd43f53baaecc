//! Packages of Debian and Ubuntu.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Report, WORK, found};
use crate::run;

/// Installs `packages` as root; `advice` says what to do by hand where that is not possible.
pub(super) async fn apt_get(
    packages: &[&str],
    advice: &'static str,
    report: &dyn Report,
) -> Result<()> {
    let Some(apt_get) = found::on_path("apt-get").filter(|_| rustix::process::geteuid().is_root())
    else {
        bail!(advice);
    };
    report.step(&format!("installing {} by apt-get", packages.join(", ")));
    let install = [&["install", "-y", "--no-install-recommends"][..], packages].concat();
    for arguments in [vec!["update"], install] {
        let mut command = Command::new(&apt_get);
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        run("apt-get", command, WORK).await.context(advice)?;
    }
    Ok(())
}
