//! The checksums, as `sha256sum --check` reads them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// The file that has them.
pub(super) const SHA256SUMS: &str = "SHA256SUMS";

/// Writes a line for each file of the folder.
///
/// # Errors
/// A file can't be read or written.
pub(super) fn write(folder: &Path) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let mut lines = String::new();
    for name in &names {
        let bytes = fs::read(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
        for byte in Sha256::digest(&bytes) {
            write!(lines, "{byte:02x}")?;
        }
        writeln!(lines, "  {name}")?;
    }
    fs::write(folder.join(SHA256SUMS), lines).context("cannot write the checksums")
}
