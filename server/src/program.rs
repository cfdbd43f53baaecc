//! What is asked for on the command line, and the exit status.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use presence::Clock;
use settings::Problems;
use tokio::runtime::Builder;

use crate::check::{Options, check};
use crate::config::{RollCalls, Serve};
use crate::output::{WRONG_SETTING, complain};
use crate::serve::serve;
use crate::take::take;

/// Who is here right now? Presence for any web page, beside one's own Centrifugo and Redis.
///
/// All settings are environment variables, and each wrong one is named.
#[derive(Parser)]
#[command(name = "rollcall", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Takes the roll calls on the clock, and serves them, the widget's files and a demo page
    Serve,
    /// Takes one roll call now, and prints its report
    Take,
    /// Looks at everything that a first roll call needs, and says what is right and what to change
    Check(Options),
}

/// Does what the command line asks for.
pub fn run(variables: &dyn Fn(&str) -> Option<String>, clock: Clock) -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve => match Serve::read(variables) {
            Ok(config) => in_runtime(serve(config, clock)),
            Err(problems) => return wrong(&problems),
        },
        Command::Take => match RollCalls::read(variables) {
            Ok(config) => in_runtime(take(config, clock)),
            Err(problems) => return wrong(&problems),
        },
        Command::Check(options) => in_runtime(check(options, variables, clock)),
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
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(program);
    // Whoever still looks a name up is not waited for.
    runtime.shutdown_background();
    outcome
}
