//! Prints the tables of `docs/SCALE.md`: `cargo run -p bench --bin scale`.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(bench::scale::tables::markdown().as_bytes())
}
