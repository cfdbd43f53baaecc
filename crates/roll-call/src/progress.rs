//! How far a roll call has come, channel by channel.

use std::sync::Arc;

use presence::Millis;

use crate::failure::{Cause, NothingCommitted, Step};
use crate::failures::Failures;
use crate::report::RollCallReport;
use crate::spent::Spent;
use crate::take::Taken;

/// One roll call under way. Whenever it is cut off, what it has not done yet stands here.
pub(crate) struct Progress {
    pub(crate) report: RollCallReport,
    failures: Failures,
    /// The channels that are asked for. Their places in this list stand for them.
    channels: Arc<[String]>,
    /// The step that each channel waits for; `None`: nothing is left to be done.
    awaited: Vec<Option<Step>>,
}

impl Progress {
    pub(crate) fn new(taken_at: Millis) -> Self {
        Self {
            report: RollCallReport { taken_at, ..RollCallReport::default() },
            failures: Failures::default(),
            channels: Arc::new([]),
            awaited: Vec::new(),
        }
    }

    /// These channels are to be asked for, and no others.
    pub(crate) fn begin(&mut self, channels: &Arc<[String]>) {
        self.awaited = vec![Some(Step::Ask); channels.len()];
        self.channels = Arc::clone(channels);
    }

    /// The roll call was divided into shards; others take so many of its channels.
    pub(crate) fn handed_out(&mut self, n_shards: usize, n_channels: usize) {
        self.report.shards = Some(n_shards);
        self.report.handed_out = Some(n_channels);
    }

    /// What the channel waits for now.
    pub(crate) fn awaits(&mut self, place: usize, step: Step) {
        self.awaited[place] = Some(step);
    }

    /// Nothing is left to be done of the channel.
    pub(crate) fn done(&mut self, place: usize) {
        self.awaited[place] = None;
    }

    pub(crate) fn committed(&mut self, taken: &Taken) {
        self.seen(taken);
        self.awaits(taken.place, Step::Publish);
        let report = &mut self.report;
        report.committed += 1;
        report.joined += taken.joined;
        report.left += taken.left;
        report.present += taken.counts.present;
        report.clients += taken.counts.clients;
        report.oldest = report.oldest.max(taken.age);
    }

    /// Counts who is in the channel, whatever becomes of it.
    pub(crate) fn seen(&mut self, taken: &Taken) {
        let seen = &mut self.report.seen;
        seen.channels += 1;
        seen.present += taken.counts.present;
        seen.clients += taken.counts.clients;
    }

    /// Somebody newer has been here.
    pub(crate) fn superseded(&mut self, place: usize) {
        self.done(place);
        self.report.superseded += 1;
    }

    /// Something went wrong that is about a glob, or about all channels.
    pub(crate) fn note(&mut self, channel: &str, step: Step, cause: impl Into<Cause>) {
        self.failures.push(channel, step, cause);
    }

    /// Something went wrong with a channel that does not end its way.
    pub(crate) fn note_at(&mut self, place: usize, step: Step, cause: impl Into<Cause>) {
        self.failures.push(&self.channels[place], step, cause);
    }

    /// The channel's way ends here.
    pub(crate) fn fail(&mut self, place: usize, step: Step, cause: impl Into<Cause>) {
        self.done(place);
        self.note_at(place, step, cause);
    }

    pub(crate) fn fail_all(
        &mut self,
        places: impl IntoIterator<Item = usize>,
        step: Step,
        cause: impl Into<Cause>,
    ) {
        let cause = cause.into();
        for place in places {
            self.fail(place, step, cause.clone());
        }
    }

    /// Whether something was decided of every channel that was asked for, or others are to decide it, so that nothing of them
    /// is unknown that the next roll call would take for new. What only a changed setting mends counts as decided.
    pub(crate) fn is_through(&self) -> bool {
        (self.report.reached() > 0 || self.report.watched == 0) && !self.failures.is_undecided()
    }

    /// The roll call had to end: what is open was cut off. Where nothing is, that was before its channels were known, or
    /// after the last of them, and it is about all.
    pub(crate) fn cut_off(&mut self) {
        let open: Vec<(usize, Step)> = self
            .awaited
            .iter_mut()
            .enumerate()
            .filter_map(|(place, step)| Some((place, step.take()?)))
            .collect();
        if open.is_empty() {
            let step = if self.channels.is_empty() { Step::List } else { Step::Commit };
            self.note("*", step, Cause::Late);
        }
        for (place, step) in open {
            self.note_at(place, step, Cause::Late);
        }
    }

    /// The report, and why nothing could be committed, where that is so.
    pub(crate) fn finish(self, spent: Spent) -> (RollCallReport, Option<NothingCommitted>) {
        let Self { mut report, failures, .. } = self;
        let nothing = if report.reached() == 0 { failures.nothing_committed() } else { None };
        report.spent = spent;
        report.n_failed = failures.n_failed();
        report.failed = failures.told();
        (report, nothing)
    }
}
