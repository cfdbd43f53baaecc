//! What is still to be announced. The commit adds to it and bounds it (`commit.lua`); whoever announces reads what earlier
//! roll calls left, and takes out what was taken.

use presence::{Event, Millis};
use redis::Value;

use crate::connection::{Error, Store};

/// The events of a roll call that were not taken.
#[derive(Debug, Clone, Copy)]
pub struct Untaken<'a> {
    /// The channel.
    pub channel: &'a str,
    /// When the roll call was taken.
    pub taken_at: Millis,
    /// What stays; empty where all were taken.
    pub events: &'a [&'a Event],
}

/// The form of a roll call's events: a line for each, which is its detail. Compact JSON holds no line break.
pub(crate) fn lines<'e>(events: impl IntoIterator<Item = &'e Event>) -> String {
    let mut lines = String::new();
    for event in events {
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(&event.detail);
    }
    lines
}

impl Store {
    /// What earlier roll calls of channels left to be announced, in one round trip; the answer holds the events for each
    /// pair of channel and roll call, in their order, none where they were taken meanwhile.
    ///
    /// # Errors
    /// Where Redis could not be asked; what it has against one channel stands in that one's place.
    pub async fn waiting(
        &self,
        roll_calls: &[(&str, Millis)],
    ) -> Result<Vec<Result<Vec<Event>, Error>>, Error> {
        let mut pipeline = redis::pipe();
        for (channel, taken_at) in roll_calls {
            pipeline.cmd("HGET").arg(self.key(channel, "ledger")).arg(field(*taken_at));
        }
        let answers = self.run(&pipeline).await?.into_iter().zip(roll_calls);
        Ok(answers.map(|(answer, (channel, _))| events(channel, answer)).collect())
    }

    /// Takes what was taken out of the outboxes: what is left of each roll call stays.
    ///
    /// # Errors
    /// Where Redis could not be asked; the events are announced again then, with the same ids.
    pub async fn announced(&self, roll_calls: &[Untaken<'_>]) -> Result<(), Error> {
        let mut pipeline = redis::pipe();
        for Untaken { channel, taken_at, events } in roll_calls {
            let (key, field) = (self.key(channel, "ledger"), field(*taken_at));
            if events.is_empty() {
                pipeline.cmd("HDEL").arg(key).arg(field);
            } else {
                pipeline.cmd("HSET").arg(key).arg(field).arg(lines(events.iter().copied()));
            }
        }
        self.run_all(&pipeline).await
    }
}

/// Field names of the outbox begin with `#`, so none is taken for a part of the ledger.
fn field(taken_at: Millis) -> String {
    format!("#{taken_at}")
}

fn events(channel: &str, answer: Value) -> Result<Vec<Event>, Error> {
    let text = match answer {
        Value::BulkString(text) => text,
        Value::Nil => return Ok(Vec::new()),
        Value::ServerError(error) => return Err(Error::refused(error)),
        _ => return Err(Error::unexpected()),
    };
    let lines = text.split(|byte| *byte == b'\n');
    let event = |line| std::str::from_utf8(line).ok().and_then(Event::of_detail);
    let (good, bad): (Vec<_>, Vec<_>) = lines.map(event).partition(Option::is_some);
    if !bad.is_empty() {
        tracing::warn!(
            channel,
            "The outbox of channel {channel:?} holds {} lines that are no events: left out",
            bad.len()
        );
    }
    Ok(good.into_iter().flatten().collect())
}
