//! What is asked for on the command line, and the exit status.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use presence::Clock;
use settings::Problems;

use crate::config::RollCalls;
use crate::output::complain;
use crate::take::take;

/// The exit status where a setting is wrong.
const WRONG_SETTING: u8 = 2;

/// Who is here right now? Presence for any web page, beside one's own Centrifugo and Redis.
///
/// All settings are environment variables: docs/SELF-HOST.md lists them.
#[derive(Parser)]
#[command(name = "rollcall", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Takes one roll call now, and prints its report
    Take,
}

/// Does what the command line asks for.
pub fn run(variables: &dyn Fn(&str) -> Option<String>, clock: Clock) -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Take => match RollCalls::read(variables) {
            Ok(config) => in_runtime(take(config, clock)),
            Err(problems) => return wrong(&problems),
        },
    };
    outcome.unwrap_or_else(|error| {
        complain(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}

fn wrong(problems: &Problems) -> ExitCode {
    problems.lines().for_each(|line| complain(&line));
    ExitCode::from(WRONG_SETTING)
}

/// One thread: there is never more to do than one can.
fn in_runtime(program: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(program)
}
