//! Where the time of a roll call goes.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::failure::Step;

/// Time spent at each step of a roll call, that of all batches added up: those under way at once count each.
#[derive(Debug, Clone, Default)]
pub struct Spent([Cell<Duration>; 5]);

/// Time that is being spent at a step; it ends when this is dropped, however that comes about.
pub(crate) struct Spending<'s> {
    at: &'s Cell<Duration>,
    since: Instant,
}

impl Spent {
    /// The time spent at a step.
    pub fn at(&self, step: Step) -> Duration {
        self.0[step as usize].get()
    }

    /// From now on time is spent at that step, too.
    pub(crate) fn spend(&self, step: Step) -> Spending<'_> {
        Spending { at: &self.0[step as usize], since: Instant::now() }
    }
}

impl Drop for Spending<'_> {
    fn drop(&mut self) {
        self.at.set(self.at.get() + self.since.elapsed());
    }
}
