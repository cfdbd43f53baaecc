//! What is said at the end.

use std::fmt;
use std::time::Duration;

use anyhow::Result;

use super::Outcome;
use super::counts::Counts;

/// One step in the summary.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    counts: Counts,
    time: Duration,
    /// Why it failed or was skipped.
    reason: String,
}

impl Row {
    pub(crate) fn new(name: String, outcome: Result<Outcome>, time: Duration) -> Self {
        let one = Counts::default();
        let (counts, reason) = match outcome {
            Ok(Outcome::Passed) => (Counts { passed: 1, ..one }, String::new()),
            Ok(Outcome::Ran(counts)) => (counts, String::new()),
            Ok(Outcome::Skipped(reason)) => (Counts { skipped: 1, ..one }, reason),
            Err(error) => (Counts { failed: 1, ..one }, format!("{error:#}")),
        };
        Self { name, counts, time, reason }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.counts.failed > 0
    }

    fn verdict(&self) -> &'static str {
        match self.counts {
            Counts { failed: 1.., .. } => "FAILED",
            Counts { passed: 0, .. } => "skipped",
            _ => "ok",
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { passed, failed, skipped } = self.counts;
        let seconds = self.time.as_secs_f32();
        let (name, verdict) = (&self.name, self.verdict());
        write!(
            f,
            "{name:<12} {verdict:<8} {passed:>4} passed {failed:>4} failed {skipped:>4} skipped \
             {seconds:>7.1} s"
        )?;
        if !self.reason.is_empty() {
            write!(f, "  {}", self.reason)?;
        }
        Ok(())
    }
}

/// The rows, and as the very last line the sum.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut sum = Counts::default();
    let mut text = "\n=== summary\n".to_owned();
    for row in rows {
        sum += row.counts;
        text.push_str(&format!("{row}\n"));
    }
    let Counts { passed, failed, skipped } = sum;
    text + &format!("{passed} passed, {failed} failed, {skipped} skipped")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_sum_and_reasons_are_given() {
        let second = Duration::from_secs(1);
        let ran = Counts { passed: 7, failed: 0, skipped: 2 };
        let rows = [
            Row::new("format".to_owned(), Ok(Outcome::Passed), second),
            Row::new("rust".to_owned(), Ok(Outcome::Ran(ran)), second),
            Row::new("dist".to_owned(), Err(anyhow::anyhow!("stale")), second),
            Row::new("browser".to_owned(), Ok(Outcome::Skipped("no Chromium".to_owned())), second),
        ];
        let table = table(&rows);
        assert_eq!(table.lines().last(), Some("8 passed, 1 failed, 3 skipped"));
        let line = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("dist").contains("FAILED") && line("dist").ends_with("  stale"));
        assert!(line("browser").contains("skipped") && line("browser").ends_with("no Chromium"));
        assert_eq!(rows.iter().filter(|row| row.has_failed()).count(), 1);
    }
}
