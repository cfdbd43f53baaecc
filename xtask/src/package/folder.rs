//! The folder that all goes into.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::checksums::SHA256SUMS;

/// What the names of all that is packed begin with.
const OURS: [&str; 4] = ["rollcall-", "rollcall_server-", "roll-call-element-", SHA256SUMS];

/// Makes the folder. What an earlier run left in it goes; anything else is somebody's.
///
/// # Errors
/// It holds something else, or can't be made.
pub(super) fn make_anew(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for file in earlier(folder)? {
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(())
}

/// The files of an earlier run.
fn earlier(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder);
    let mut files = Vec::new();
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !OURS.iter().any(|ours| name.starts_with(ours)) {
            bail!("{} holds {name}, which is no part of a package: name another", folder.display());
        }
        files.push(entry.path());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_holds_something_else_is_left_alone() {
        let folder = harness::scratch("package-folder").unwrap();
        for name in [SHA256SUMS, "rollcall-0.0.9.tar.gz", "letter"] {
            fs::write(folder.join(name), "dear").unwrap();
        }
        let refused = make_anew(&folder).unwrap_err().to_string();
        assert!(refused.contains("holds letter, which is no part of a package"), "{refused}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
    }

    #[test]
    fn what_an_earlier_run_left_goes() {
        let folder = harness::scratch("package-folder").unwrap().join("package");
        make_anew(&folder).unwrap();
        for name in [SHA256SUMS, "rollcall-0.0.9.tar.gz", "rollcall_server-0.0.9-py3-none-any.whl"]
        {
            fs::write(folder.join(name), "old").unwrap();
        }
        make_anew(&folder).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
}
