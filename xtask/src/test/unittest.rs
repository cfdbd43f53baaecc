//! Tests in Python.

use std::path::Path;
use std::process::Command;

/// Runs the tests of a folder below `tests`.
pub(crate) fn of(folder: &str, python: impl AsRef<Path>) -> Command {
    let mut command = harness::command(python.as_ref());
    command
        .args(["-m", "unittest", "discover", "-v", "-s"])
        .arg(format!("tests/{folder}"))
        .args(["-p", "*_test.py"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1");
    command
}
