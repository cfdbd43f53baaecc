//! `cargo xtask`: the project's own commands.

mod bench;
mod dev;
mod output;
mod package;
mod signals;
mod soak;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs everything on this machine, with simulated visitors and the demo page
    Dev(dev::Arguments),
    /// Measures Rollcall beside a floor, a plain reference, Python, Node and Go
    Bench(bench::Arguments),
    /// Plays people and faults against everything real, and checks each roll call against a model
    Soak(soak::Arguments),
    /// Builds every way to get Rollcall into one folder: archives, wheels, the element for npm, checksums
    Package(package::Arguments),
    /// Checks everything: format, lints, documentation, tests in Rust, Node and a real browser
    Test(test::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Dev(arguments) => dev::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::Soak(arguments) => soak::run(arguments).await,
        Command::Package(arguments) => package::run(arguments).await,
        Command::Test(arguments) => test::run(arguments).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
