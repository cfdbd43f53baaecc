//! How far a roll call has come, channel by channel.

use std::collections::BTreeMap;
use std::time::Instant;

use presence::Millis;

use crate::failure::{Cause, Failed, Failure, NothingCommitted, Step};
use crate::report::RollCallReport;
use crate::take::Taken;

/// One roll call under way. Whenever it is cut off, what it has not done yet stands here.
pub(crate) struct Progress {
    pub(crate) report: RollCallReport,
    failures: Vec<Failure>,
    /// Channels that are not through, each with the step that it waits for.
    open: BTreeMap<String, Step>,
    step: Step,
    since: Instant,
}

impl Progress {
    pub(crate) fn new(taken_at: Millis) -> Self {
        Self {
            report: RollCallReport { taken_at, ..RollCallReport::default() },
            failures: Vec::new(),
            open: BTreeMap::new(),
            step: Step::List,
            since: Instant::now(),
        }
    }

    /// From here on time is spent at that step.
    pub(crate) fn enter(&mut self, step: Step) {
        let now = Instant::now();
        self.report.spent.add(self.step, now - self.since);
        (self.step, self.since) = (step, now);
    }

    /// These channels are asked for.
    pub(crate) fn begin(&mut self, channels: &[String]) {
        self.report.watched = channels.len();
        self.open = channels.iter().map(|channel| (channel.clone(), Step::Ask)).collect();
    }

    /// What the channel waits for now.
    pub(crate) fn awaits(&mut self, channel: &str, step: Step) {
        if let Some(open) = self.open.get_mut(channel) {
            *open = step;
        }
    }

    /// Nothing is left to be done of the channel.
    pub(crate) fn done(&mut self, channel: &str) {
        self.open.remove(channel);
    }

    pub(crate) fn committed(&mut self, taken: &Taken) {
        self.awaits(&taken.channel, Step::Publish);
        let report = &mut self.report;
        report.committed += 1;
        report.joined += taken.joined;
        report.left += taken.left;
        report.present += taken.counts.present;
        report.clients += taken.counts.clients;
        report.oldest = report.oldest.max(taken.age);
    }

    /// Somebody newer has been here.
    pub(crate) fn superseded(&mut self, channel: &str) {
        self.done(channel);
        self.report.superseded += 1;
    }

    /// Something went wrong that does not end the channel's way.
    pub(crate) fn note(&mut self, channel: &str, step: Step, cause: impl Into<Cause>) {
        self.failures.push(Failure::new(channel, step, cause));
    }

    /// The channel's way ends here.
    pub(crate) fn fail(&mut self, channel: &str, step: Step, cause: impl Into<Cause>) {
        self.done(channel);
        self.note(channel, step, cause);
    }

    pub(crate) fn fail_all<'c>(
        &mut self,
        channels: impl IntoIterator<Item = &'c str>,
        step: Step,
        cause: impl Into<Cause>,
    ) {
        let cause = cause.into();
        for channel in channels {
            self.fail(channel, step, cause.clone());
        }
    }

    /// Whether something was decided of every channel that was asked for, so that nothing of them is unknown that the next
    /// roll call would take for new. What only a changed setting mends counts as decided.
    pub(crate) fn is_through(&self) -> bool {
        let decided =
            self.report.committed + self.report.superseded > 0 || self.report.watched == 0;
        let is_open = |failure: &Failure| failure.step <= Step::Commit && failure.is_undecided();
        decided && !self.failures.iter().any(is_open)
    }

    /// The report, and why nothing could be committed, where that is so. What is open was cut off.
    pub(crate) fn finish(mut self) -> (RollCallReport, Option<NothingCommitted>) {
        self.enter(Step::Announce);
        for (channel, step) in std::mem::take(&mut self.open) {
            self.note(&channel, step, Cause::Late);
        }
        let Self { mut report, failures, .. } = self;
        let nothing = if report.committed + report.superseded == 0 {
            NothingCommitted::because_of(&failures)
        } else {
            None
        };
        report.failed = failures.into_iter().map(Failed::from).collect();
        (report, nothing)
    }

    /// The roll call had to end. Where that was before its channels were known, or after the last of them, it is about all.
    pub(crate) fn cut_off(&mut self) {
        if self.open.is_empty() {
            self.note("*", self.step, Cause::Late);
        }
    }
}
