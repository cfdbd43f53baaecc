//! The folder that all goes into.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::checksums::SHA256SUMS;

/// Makes the folder, empty. What an earlier run left in it goes; anything else is somebody's.
///
/// # Errors
/// It holds something else, or can't be made.
pub(super) fn make_anew(folder: &Path) -> Result<()> {
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && !folder.join(SHA256SUMS).is_file() {
        bail!("{} is neither empty nor an earlier package: name another", folder.display());
    }
    if !is_empty {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // Before anything is built, so that what is left of a run that failed counts as one.
    let sums = folder.join(SHA256SUMS);
    fs::write(&sums, "").with_context(|| format!("cannot write {}", sums.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_package_is_left_alone() {
        let folder = harness::scratch("package-folder").unwrap();
        fs::write(folder.join("letter"), "dear").unwrap();
        let refused = make_anew(&folder).unwrap_err().to_string();
        assert!(refused.contains("neither empty nor an earlier package"), "{refused}");
        assert_eq!(fs::read_to_string(folder.join("letter")).unwrap(), "dear");
    }

    #[test]
    fn an_earlier_package_goes() {
        let folder = harness::scratch("package-folder").unwrap().join("package");
        make_anew(&folder).unwrap();
        fs::write(folder.join("rollcall-0.0.9.tar.gz"), "old").unwrap();
        make_anew(&folder).unwrap();
        let names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, [SHA256SUMS]);
    }
}
