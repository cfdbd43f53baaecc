//! The program with what belongs beside it: the licences, a unit for systemd, and how to make an image of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::program::copy;
use super::{BUILD, SINCE_EPOCH, VERSION};

/// What goes into it, from the root, and where it stands there.
const FILES: [(&str, &str); 8] = [
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("server/README.md", "README.md"),
    ("server/container/Containerfile", "container/Containerfile"),
    ("server/container/compose.yaml", "container/compose.yaml"),
    ("server/container/centrifugo.json", "container/centrifugo.json"),
    ("server/systemd/rollcall.env", "systemd/rollcall.env"),
    ("server/systemd/rollcall.service", "systemd/rollcall.service"),
];

/// Packs `program` and the rest into `to`.
///
/// # Errors
/// A file is missing, or tar is, or fails.
pub(super) async fn pack(target: &str, program: &Path, to: &Path) -> Result<()> {
    let name = format!("rollcall-{VERSION}-{target}");
    let stage = harness::scratch("archive")?;
    let folder = stage.join(&name);
    for part in ["container", "systemd"] {
        fs::create_dir_all(folder.join(part))?;
    }
    copy(program, &folder.join("rollcall"))?;
    for (from, there) in FILES {
        copy(&harness::root().join(from), &folder.join(there))?;
    }
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--sort=name", "--format=gnu", "--mode=u=rwX,go=rX"])
        // Nothing of who packed it, and when.
        .args(["--owner=0", "--group=0", "--numeric-owner", &format!("--mtime=@{SINCE_EPOCH}")])
        .arg("--file")
        .arg(to.join(format!("{name}.tar.gz")))
        .arg("--directory")
        .arg(&stage)
        .arg(&name);
    harness::run("tar", tar, BUILD).await.context("cannot pack the archive (GNU tar does)")
}
