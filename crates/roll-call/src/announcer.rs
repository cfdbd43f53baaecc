//! Who is told of changes.

use std::time::Duration;

use futures_util::future::BoxFuture;
use presence::Event;

use crate::calls::Verdicts;

/// Where changes are told. What is not taken stays in the outbox, and is told again by the next roll call.
pub trait Announcer: Send + Sync {
    /// How many of `events`, from the first on, go into one call: at least one.
    fn call_length(&self, events: &[&Event]) -> usize;

    /// Sends the events of one call. An error says that nothing is taken at all, and why: then nothing more is sent in this
    /// roll call.
    fn announce<'a>(&'a self, events: &'a [&'a Event]) -> BoxFuture<'a, Result<Verdicts, String>>;

    /// How long all calls of a roll call may take together; `None`: as long as the roll call's time goes.
    fn at_most(&self) -> Option<Duration> {
        None
    }
}
