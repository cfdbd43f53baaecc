//! `rollcall take`: one roll call, now.

use std::future::pending;
use std::io::Write as _;
use std::process::ExitCode;

use presence::Clock;
use roll_call::Report;

use crate::collector::{WITHIN, collector};
use crate::config::RollCalls;
use crate::output;

/// Takes a roll call of this very moment, whatever the period, and prints its report. The exit status says whether an
/// invocation of the function would have succeeded.
///
/// # Errors
/// There can be no collector, or nobody takes the report.
pub(crate) async fn take(config: RollCalls, clock: Clock) -> anyhow::Result<ExitCode> {
    let collector = collector(config, clock.clone())?;
    let (report, error) = roll_call::once(&collector, clock(), WITHIN, pending()).await;
    let report = serde_json::to_string(&Report { roll_calls: vec![report] })?;
    writeln!(std::io::stdout(), "{report}")?;
    let Some(error) = error else { return Ok(ExitCode::SUCCESS) };
    output::complain(&format!("{}: {error}", error.error_type()));
    Ok(ExitCode::FAILURE)
}
