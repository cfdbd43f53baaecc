//! Where the programs of the release build are.

use std::path::PathBuf;

use harness::target;

/// The path of a program of the workspace.
pub(crate) fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}
