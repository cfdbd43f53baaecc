//! What is said to whoever called the program, apart from its log.

use std::io::Write as _;

/// The exit status of a wrong setting.
pub(crate) const WRONG_SETTING: u8 = 2;

/// Says what is wrong, in a line on standard error. Where nobody reads it, nobody can be told.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
