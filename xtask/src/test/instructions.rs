//! The hot paths take no more instructions than they did: `bench/benches/instructions.rs` counts, and has the limits.

use anyhow::{Result, bail};
use harness::tools;

use super::Outcome;
use super::counts::Counts;
use super::stream;
use crate::output::Progress;

/// Other processors count other instructions.
pub(crate) const IS_COUNTED_HERE: bool = cfg!(target_arch = "x86_64");

pub(crate) async fn run() -> Result<Outcome> {
    if !IS_COUNTED_HERE {
        return Ok(Outcome::Skipped("the limits are those of x86_64".to_owned()));
    }
    let progress = Progress::plain();
    if let Err(error) = tools::valgrind(&progress).await {
        return Ok(Outcome::Skipped(format!("{error:#}")));
    }
    let runner = tools::gungraun_runner(&progress).await?;
    drop(progress);

    let mut command = harness::command("cargo");
    command
        .args(["bench", "--package", "bench", "--no-default-features", "--bench", "instructions"])
        .env("GUNGRAUN_RUNNER", runner)
        .env("GUNGRAUN_COLOR", "never");
    let (status, output) = stream::stream("instructions", command).await?;
    let exceeded = exceeded(&output);
    if !exceeded.is_empty() {
        bail!("{}", exceeded.join("; "));
    }
    if !status.success() {
        bail!("{status}");
    }
    match counted(&output) {
        Some(passed) if passed > 0 => Ok(Outcome::Ran(Counts { passed, ..Counts::default() })),
        _ => bail!("nothing was counted"),
    }
}

/// How many paths are within their limits, by the last line of gungraun: `Gungraun result: Ok. 3 without regressions; …`.
fn counted(output: &str) -> Option<usize> {
    let line = output.lines().find_map(|line| line.strip_prefix("Gungraun result: Ok. "))?;
    line.split_once(" without regressions")?.0.parse().ok()
}

/// A sentence for each path that is not, by what gungraun lists before that:
///
/// ```text
///   instructions::hot_paths::census of_10000_clients:
///     Callgrind: Instructions (41): 41 exceeds limit of 39 by 2
/// ```
fn exceeded(output: &str) -> Vec<String> {
    let mut path = "";
    let mut exceeded = Vec::new();
    for line in output.lines() {
        if let Some((_, name)) = line.rsplit_once("::hot_paths::") {
            path = name.trim_end_matches(':');
        }
        let numbers = line.split_once("): ").and_then(|(_, rest)| {
            let (count, rest) = rest.split_once(" exceeds limit of ")?;
            Some((count, rest.split_once(' ')?.0))
        });
        if let Some((count, limit)) = numbers {
            exceeded.push(format!("{path} takes {count} instructions, and {limit} are the limit"));
        }
    }
    exceeded
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCEEDED: &str = "\
instructions::hot_paths::census of_10000_clients:(big())
  Instructions:                    41|39             (+5.12821%) [+1.05128x]
Performance has regressed: Instructions (41) exceeds limit by 2 (>39)
instructions::hot_paths::comparison of_10000_clients:(big_with_census())
  Instructions:                    20|20             (No change)

Regressions:

  instructions::hot_paths::census of_10000_clients:
    Callgrind: Instructions (41): 41 exceeds limit of 39 by 2

Gungraun result: Regressed. 1 without regressions; 1 regressed; 0 filtered; 2 benchmarks finished in 6.10708s
";

    #[test]
    fn a_path_beyond_its_limit_is_named_with_count_and_limit() {
        let sentence = "census of_10000_clients takes 41 instructions, and 39 are the limit";
        assert_eq!(exceeded(EXCEEDED), [sentence]);
        assert_eq!(counted(EXCEEDED), None);
    }

    #[test]
    fn paths_within_their_limits_are_counted() {
        let output = "instructions::hot_paths::census of_10000_clients:(big())\n  Instructions: 41|N/A\n\n\
                      Gungraun result: Ok. 3 without regressions; 0 regressed; 0 filtered; 3 benchmarks\n";
        assert_eq!((counted(output), exceeded(output).len()), (Some(3), 0));
        assert_eq!(counted("error: no bench target named `instructions`"), None);
    }
}
