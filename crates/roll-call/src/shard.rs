//! A part of a roll call's channels that another invocation takes, and the bus that hands it out.

use futures_util::future::BoxFuture;
use presence::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calls::Verdicts;

/// Bytes of a shard at the most: an entry of EventBridge has room for 256 KiB, its source and type included.
pub(crate) const BYTES_MAX: usize = 240 * 1024;

/// A shard as it is handed out, `Detail` of the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    v: u32,
    /// Whose roll call it is.
    pub stack: String,
    /// The moment of the roll call.
    pub taken_at: Millis,
    /// Which of them.
    pub shard: usize,
    /// How many there are.
    pub shards: usize,
    /// Whether nothing may be announced of channels without a ledger.
    pub baseline: bool,
    /// The channels, those watched by name first.
    pub channels: Vec<String>,
}

/// Hands out shards to invocations of the same function.
pub trait ShardBus: Send + Sync {
    /// How many of `shards`, each the JSON of one, go into one call: at least one.
    fn call_length(&self, shards: &[String]) -> usize;

    /// Sends the shards of one call. An error says that nothing is taken at all, and why: then nothing more is sent in this
    /// roll call.
    fn hand_out<'a>(&'a self, shards: &'a [String]) -> BoxFuture<'a, Result<Verdicts, String>>;
}

impl Shard {
    /// A shard of one of so many.
    pub(crate) fn new(
        stack: &str,
        taken_at: Millis,
        (shard, shards): (usize, usize),
        baseline: bool,
        channels: Vec<String>,
    ) -> Self {
        Self { v: 1, stack: stack.to_owned(), taken_at, shard, shards, baseline, channels }
    }

    /// Bytes that a channel takes in a shard.
    pub(crate) fn bytes_of(channel: &str) -> usize {
        // A comma, too.
        serde_json::to_string(channel).map_or(0, |json| json.len() + 1)
    }

    /// Bytes that a shard of this stack takes without its channels.
    pub(crate) fn bytes_of_none(stack: &str) -> usize {
        Self::new(stack, Millis::MAX, (usize::MAX, usize::MAX), false, Vec::new()).to_json().len()
    }

    #[expect(clippy::expect_used, reason = "text keys and plain values always have a form in JSON")]
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain values can be written")
    }

    /// Reads a shard that was handed out.
    ///
    /// # Errors
    /// Where it is none, in one line that quotes nothing of it.
    pub fn read(detail: &Value) -> Result<Self, String> {
        // The error itself may quote what it read.
        let shard = Self::deserialize(detail);
        let shard = shard.map_err(|_| "a field is missing or of another type".to_owned())?;
        if shard.v == 1 { Ok(shard) } else { Err(format!("its `v` is {}, not 1", shard.v)) }
    }
}
