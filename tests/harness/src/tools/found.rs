//! Programs that are there already.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The program that the environment variable names, if it is set.
pub(super) fn by_variable(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(path);
    if !path.is_file() {
        bail!("{variable} names {}, which is no file", path.display());
    }
    Ok(Some(path))
}

/// The first file `name` on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// `PATH` with the folder of a program before the others, for those who look for others that were installed with it.
///
/// # Errors
/// The folder's name can't stand in `PATH`.
pub fn path_with(program: &Path) -> Result<OsString> {
    let folder = program.parent().context("a program without a folder")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}

/// As [`on_path`], for a program that nothing else stands in for.
pub(super) fn needed(name: &str, what: &str) -> Result<PathBuf> {
    match on_path(name) {
        Some(program) => Ok(program),
        None => bail!("`{name}` is not on PATH: install {what}"),
    }
}

/// The version that a program prints, as its first number of the form `1.2.3`.
pub(super) fn version(program: &Path, argument: &str) -> Option<[u32; 3]> {
    let output = Command::new(program).arg(argument).output().ok()?;
    first_version(&String::from_utf8_lossy(&output.stdout))
}

fn first_version(text: &str) -> Option<[u32; 3]> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut parts = word.trim_matches('.').split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => Some([major, minor, patch]),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::first_version;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        let redis = "Redis server v=6.2.5 sha=00000000:0 malloc=jemalloc-5.1.0 bits=64";
        assert_eq!(first_version(redis), Some([6, 2, 5]));
        let centrifugo = "Centrifugo v6.9.6 (Go version: go1.26.8)";
        assert_eq!(first_version(centrifugo), Some([6, 9, 6]));
        assert_eq!(first_version("Valkey server v=8.0.1 sha=0"), Some([8, 0, 1]));
        assert_eq!(first_version("development build"), None);
    }
}
