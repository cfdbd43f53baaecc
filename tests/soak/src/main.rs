#![doc = include_str!("../README.md")]

mod baseline;
mod bus;
mod census;
mod chance;
mod channels;
mod checks;
mod collectors;
mod crowd;
mod delivery;
mod events;
mod faults;
mod hook;
mod marks;
mod minutes;
mod model;
mod monitor;
mod people;
mod reader;
mod secrets;
mod soak;
mod stack;
mod story;
mod tally;
mod truth;
mod versions;
mod violation;
mod watcher;

use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// How long
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// Plays the story of that number again; else a new one is drawn and told
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { minutes, seed } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| harness::now_seconds() % 1_000_000);
    say(&format!("soaking for {minutes} minutes with seed {seed}"));
    match soak::soak(seed, Duration::from_secs(60 * minutes)).await {
        Ok(soak::Outcome { table, violations }) => {
            say(&table);
            violations.iter().for_each(|line| say(line));
            let n_violations = usize::from(!violations.is_empty());
            say(&format!("violations: {n_violations}"));
            if n_violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            say(&format!("the soak itself failed with seed {seed}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line. A reader that has gone is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
