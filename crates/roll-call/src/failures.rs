//! All that went wrong in a roll call.

use crate::failure::{Cause, Failed, Failure, NothingCommitted, Step};

/// So many are told one by one: a report of Lambda's has room for 6 MB.
const NAMED: usize = 10_000;

/// The failures so far. Of a million channels that fail, most are only counted.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    named: Vec<Failure>,
    /// How many more there were, and the step of the last one.
    more: Option<(usize, Step)>,
    worst: Option<Failure>,
    is_undecided: bool,
}

impl Failures {
    pub(crate) fn push(&mut self, channel: &str, step: Step, cause: impl Into<Cause>) {
        let failure = Failure { channel: channel.to_owned(), step, cause: cause.into() };
        self.is_undecided |= failure.step <= Step::Commit && failure.is_undecided();
        if self.worst.as_ref().is_none_or(|worst| worst.weight() <= failure.weight()) {
            self.worst = Some(failure.clone());
        }
        if self.named.len() < NAMED {
            self.named.push(failure);
        } else {
            let (n_more, _) = self.more.unwrap_or((0, step));
            self.more = Some((n_more + 1, step));
        }
    }

    /// Whether nothing is decided of a channel that was to be kept: the same may well succeed at the next roll call.
    pub(crate) fn is_undecided(&self) -> bool {
        self.is_undecided
    }

    pub(crate) fn n_failed(&self) -> usize {
        self.named.len() + self.more.map_or(0, |(n_more, _)| n_more)
    }

    /// Why nothing could be committed, where nothing was; `None` without failures.
    pub(crate) fn nothing_committed(&self) -> Option<NothingCommitted> {
        self.worst.as_ref().map(NothingCommitted::because_of)
    }

    /// As the report tells them.
    pub(crate) fn told(self) -> Vec<Failed> {
        let more = self.more.map(|(n_more, step)| Failed {
            channel: "*".to_owned(),
            step,
            error: format!("{n_more} more failures, too many to name"),
        });
        self.named.into_iter().map(Failed::from).chain(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_million_failures_most_are_only_counted() {
        let mut failures = Failures::default();
        failures.push("room:bad", Step::Ask, centrifugo::Error::KeyRefused);
        for place in 0..1_000_000 {
            failures.push(&format!("room:{place}"), Step::Ask, Cause::Late);
        }
        assert_eq!(failures.n_failed(), 1_000_001);
        assert!(matches!(
            failures.nothing_committed(),
            Some(NothingCommitted::CentrifugoRefused(_))
        ));
        let told = failures.told();
        assert_eq!(told.len(), NAMED + 1);
        assert_eq!((told[NAMED].channel.as_str(), told[NAMED].step), ("*", Step::Ask));
        assert!(told[NAMED].error.starts_with("990001 more"), "{}", told[NAMED].error);
    }
}
