//! `cargo xtask bench`: Rollcall beside a floor, a plain reference and what users would write themselves.

mod bars;
mod build;
mod case;
mod chart;
mod check;
mod collector;
mod dialogue;
mod element;
mod far;
mod machine;
mod meter;
mod price;
mod program;
mod real;
mod results;
mod scale;
mod serve;
mod side;
mod snapshot;
mod stand_in;
mod statistics;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

use crate::output::{Progress, say};
use crate::signals::Signals;
use results::Results;

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Small cases and few rounds: under two minutes once built
    #[arg(long)]
    quick: bool,
    /// Only these cases: `collector`, `scale`, `snapshot`, `serve`, `element`, or one of them as `collector/1x10k`; may be given several times
    #[arg(long, value_name = "CASE")]
    only: Vec<String>,
    /// Where to write the charts; `docs/images` for the documents
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    charts: PathBuf,
}

impl Arguments {
    /// Whether a case is to be measured.
    fn wants(&self, case: &str) -> bool {
        let group = case.split('/').next().unwrap_or_default();
        self.only.is_empty() || self.only.iter().any(|only| only == case || only == group)
    }
}

/// Measures, and says at the end which bars hold. A bar that does not hold is no failure of the command.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    if cfg!(debug_assertions) {
        // What checks, delays and hands out events here must not be slower than what is measured.
        return build::run_in_release().await;
    }
    let mut signals = Signals::catch()?;
    let progress = Progress::start();
    let results = tokio::select! {
        results = measure(&arguments, &progress) => results?,
        () = signals.any() => bail!("interrupted"),
    };
    drop(progress);
    say(&table::text(&results));
    results.write()?;
    let charts = harness::root().join(&arguments.charts);
    chart::write(&results, &charts)
        .with_context(|| format!("cannot write {}", charts.display()))?;
    say(&format!("results: target/bench/results.json, charts: {}", arguments.charts.display()));
    Ok(ExitCode::SUCCESS)
}

async fn measure(arguments: &Arguments, progress: &Progress) -> Result<Results> {
    let cases: Vec<_> = case::cases(arguments.quick)
        .into_iter()
        .filter(|case| arguments.wants(&case.name))
        .collect();
    let snapshot = snapshot::GROUPS.into_iter().filter(|group| arguments.wants(group));
    let snapshot: Vec<_> = snapshot.collect();
    let (scale, element) = (arguments.wants(scale::GROUP), arguments.wants(element::GROUP));
    let serve = arguments.wants(serve::GROUP);
    if cases.is_empty() && snapshot.is_empty() && !scale && !serve && !element {
        bail!("there is no such case: {}", arguments.only.join(", "));
    }
    if !cases.is_empty() || !snapshot.is_empty() || scale || serve {
        build::release(progress).await?;
    }
    let mut results = Results { machine: machine::describe(), ..Results::default() };
    if !cases.is_empty() {
        let (peers, left_out) = build::peers(progress).await;
        results.left_out.extend(left_out);
        for case in &cases {
            match collector::measure(case, &peers, progress).await {
                Ok(measured) => results.collector.push(measured),
                // So many connections are not to be had everywhere.
                Err(error) if case.is_real => {
                    results.leave_out(format!("{}: {error:#}", case.name));
                }
                Err(error) => return Err(error),
            }
        }
    }
    if scale {
        let channels = if arguments.quick { scale::QUICK } else { scale::FULL };
        match scale::allow_connections(channels) {
            Ok(()) => scale::measure(channels, &mut results, progress).await?,
            Err(error) => results.leave_out(format!("{}: {error:#}", scale::GROUP)),
        }
    }
    if !snapshot.is_empty() {
        let rounds = if arguments.quick { snapshot::QUICK } else { snapshot::FULL };
        snapshot::measure(&snapshot, rounds, &mut results, progress).await?;
    }
    if serve {
        let starts = if arguments.quick { serve::QUICK } else { serve::FULL };
        serve::measure(starts, &mut results, progress).await?;
    }
    if element {
        let visits = if arguments.quick { element::QUICK } else { element::FULL };
        element::measure(visits, &mut results, progress).await?;
    }
    results.bars = bars::bars(&results);
    Ok(results)
}

#[expect(
    clippy::disallowed_methods,
    reason = "views are of a moment, and age by the clock of whoever shows them"
)]
fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or_default()
}
