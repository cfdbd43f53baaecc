//! Where the time of a roll call goes.

use std::time::Duration;

use crate::failure::Step;

/// Time spent at each step of a roll call, all batches together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent([Duration; 5]);

impl Spent {
    /// The time spent at a step.
    pub fn at(&self, step: Step) -> Duration {
        self.0[step as usize]
    }

    pub(crate) fn add(&mut self, step: Step, time: Duration) {
        self.0[step as usize] += time;
    }
}
