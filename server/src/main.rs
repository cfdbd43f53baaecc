//! Wires `rollcall`: allocator, log, `run`.

use std::process::ExitCode;

fn main() -> ExitCode {
    process::give_big_blocks_back();
    // Standard output is for what was asked for: the report, or where to look.
    process::begin(std::io::stderr);
    rollcall::run(&process::variable, process::clock())
}
