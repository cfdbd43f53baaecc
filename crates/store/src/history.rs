//! Reads how many were present in each minute of a day.

use presence::Millis;
use redis::Value;

use crate::connection::{Error, Store};
use crate::view::{Kept, ViewKind, kept};

/// The minutes of a day, which is what the ring holds.
const MINUTES: u32 = 1440;
const MINUTE: Millis = 60_000;
/// The first byte.
const FORM: u8 = 2;

/// What was counted in the day up to the last roll call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The counts view of the last roll call, which holds the records.
    pub counts: Kept,
    /// When the first minute begins.
    pub from: Millis,
    /// The most who were present in each of 1,440 minutes, up to that of the last roll call; `None` where none was taken.
    pub present: Vec<Option<u32>>,
}

impl Store {
    /// The history of a channel, in one round trip; `None` where no view is kept. The minutes outlive the views, but what
    /// is known only of the past is not served as if it were of now.
    ///
    /// # Errors
    /// Where Redis could not be asked, or what lies there is no view or no history.
    pub async fn history(&self, channel: &str) -> Result<Option<History>, Error> {
        let mut pipeline = redis::pipe();
        self.push_view(&mut pipeline, channel, ViewKind::Counts);
        pipeline.cmd("GET").arg(self.key(channel, "history"));
        let mut answers = self.run(&pipeline).await?.into_iter();
        let (Some(view), Some(ring)) = (answers.next(), answers.next()) else {
            return Err(Error::unexpected());
        };
        let Some(counts) = kept(view, ViewKind::Counts)? else { return Ok(None) };
        let ring = match ring {
            Value::BulkString(ring) => ring,
            // A server short of memory may have dropped it: then no minute is known.
            Value::Nil => Vec::new(),
            Value::ServerError(error) => return Err(Error::of_channel(error)),
            _ => return Err(Error::unexpected()),
        };
        let minute_of_view = u32::try_from(counts.taken_at / MINUTE).map_err(|_| Error::Damaged)?;
        let ring = Ring::parse(&ring).unwrap_or(Ring {
            last: minute_of_view,
            first: minute_of_view,
            slots: &[],
        });
        let from = ring.last.saturating_sub(MINUTES - 1);
        Ok(Some(History {
            counts,
            from: Millis::from(from) * MINUTE,
            present: (from..=ring.last).map(|minute| ring.present(minute)).collect(),
        }))
    }
}

/// What a slot holds where so many were present in a minute.
pub(crate) fn slot(present: u64) -> [u8; size_of::<u32>()] {
    u32::try_from(present).map_or(u32::MAX, |present| present.saturating_add(1)).to_be_bytes()
}

/// The minutes as `commit.lua` keeps them.
struct Ring<'a> {
    /// The minute of the last roll call.
    last: u32,
    /// The minute with which the ring began, which is that of its first slot.
    first: u32,
    slots: &'a [u8],
}

impl<'a> Ring<'a> {
    /// Of another form is also what an older version kept: then no minute is known.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let numbers = bytes.strip_prefix(&[FORM])?;
        let (last, numbers) = numbers.split_first_chunk()?;
        let (first, slots) = numbers.split_first_chunk()?;
        Some(Self { last: u32::from_be_bytes(*last), first: u32::from_be_bytes(*first), slots })
    }

    /// How many were present; the ring is only as long as its last minute that was written.
    fn present(&self, minute: u32) -> Option<u32> {
        let place = minute.checked_sub(self.first)? % MINUTES;
        let start = usize::try_from(place).ok()? * size_of::<u32>();
        let slot = self.slots.get(start..start + size_of::<u32>())?;
        slot.try_into().ok().map(u32::from_be_bytes)?.checked_sub(1)
    }
}
