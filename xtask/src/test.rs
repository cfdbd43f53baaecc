//! `cargo xtask test`: every check, each a step with its time, and a summary at the end.

mod api;
mod browser;
mod cargo;
mod counts;
mod frameworks;
mod infra;
mod instructions;
mod package;
mod soak;
mod stream;
mod summary;
mod tools;
mod unittest;
mod widget;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::output::say;
use crate::signals::Signals;
use counts::Counts;

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only this step; may be given several times
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
}

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// The outside programs are there, or can be had
    Tools,
    /// `cargo fmt --check`
    Format,
    /// Clippy, warnings are errors
    Clippy,
    /// The documentation builds without warnings
    Doc,
    /// Unit and integration tests in Rust
    Rust,
    /// The hot paths take no more instructions than they did
    Instructions,
    /// The committed widget/dist is what its source builds
    Dist,
    /// Type check and tests of the widget
    Widget,
    /// The HTTP function is as docs/openapi.yaml says
    Api,
    /// The element in a real browser against everything real
    Browser,
    /// The package in React, Vue, Svelte, Astro and others: types, builds, a real browser
    Frameworks,
    /// Two minutes of people and faults, each roll call checked against a model
    Soak,
    /// The templates: linters, builds for both architectures, a deployment to a simulated AWS
    Infra,
    /// Every way to get Rollcall, built, and tried in an empty folder or environment
    Package,
}

/// How a step went.
#[derive(Debug)]
enum Outcome {
    /// A check that is one thing.
    Passed,
    /// Tests ran, by their counts.
    Ran(Counts),
    /// It could not run here, for this reason.
    Skipped(String),
}

impl Step {
    /// Runs the step.
    ///
    /// # Errors
    /// The reason of a failure without counts.
    async fn run(self) -> Result<Outcome> {
        match self {
            Self::Tools => tools::run().await,
            Self::Format => cargo::format().await,
            Self::Clippy => cargo::clippy().await,
            Self::Doc => cargo::doc().await,
            Self::Rust => cargo::test().await,
            Self::Instructions => instructions::run().await,
            Self::Dist => widget::dist().await,
            Self::Widget => widget::test().await,
            Self::Api => api::run().await,
            Self::Browser => browser::run().await,
            Self::Frameworks => frameworks::run().await,
            Self::Soak => soak::run().await,
            Self::Infra => infra::run().await,
            Self::Package => package::run().await,
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Runs the steps; a failure does not stop the later ones.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let mut signals = Signals::catch()?;
    tokio::select! {
        code = run_steps(&arguments.only) => Ok(code),
        () = signals.any() => bail!("interrupted"),
    }
}

async fn run_steps(only: &[Step]) -> ExitCode {
    let mut rows = Vec::new();
    for step in Step::value_variants() {
        if !only.is_empty() && !only.contains(step) {
            continue;
        }
        let name = step.name();
        say(&format!("\n=== {name}"));
        let start = Instant::now();
        let outcome = step.run().await;
        let row = summary::Row::new(name, outcome, start.elapsed());
        say(&row.to_string());
        rows.push(row);
    }
    say(&summary::table(&rows));
    if rows.iter().any(summary::Row::has_failed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
