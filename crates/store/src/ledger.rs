//! Reads what the last roll call left for the next one, and clears the outbox.

use presence::Event;
use redis::Value;

use crate::connection::{Error, Store};

/// What is kept of a channel between roll calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptLedger {
    /// The head of the ledger; empty where there is no ledger.
    pub head: Vec<u8>,
    /// The users of the ledger.
    pub users: Vec<u8>,
    /// What is still to be announced, in the order of the ids.
    pub outbox: Vec<Event>,
}

impl Store {
    /// The ledgers of `channels` in one round trip; the answer holds a result for each, in their order.
    ///
    /// # Errors
    /// Where Redis could not be asked; what it has against one channel stands in that one's place.
    pub async fn ledgers(
        &self,
        channels: &[&str],
    ) -> Result<Vec<Result<KeptLedger, Error>>, Error> {
        let mut pipeline = redis::pipe();
        for channel in channels {
            pipeline.cmd("HGETALL").arg(self.key(channel, "ledger"));
        }
        let answers = self.run(&pipeline).await?;
        Ok(answers.into_iter().map(ledger).collect())
    }

    /// Takes what EventBridge took out of the outboxes: pairs of channel and event id.
    ///
    /// # Errors
    /// Where Redis could not be asked; the events are announced again then, with the same ids.
    pub async fn announced(&self, events: &[(&str, &str)]) -> Result<(), Error> {
        let mut pipeline = redis::pipe();
        for (channel, id) in events {
            pipeline.cmd("HDEL").arg(self.key(channel, "ledger")).arg(format!("#{id}"));
        }
        self.run_all(&pipeline).await
    }
}

/// Field names of the outbox begin with `#`, so none is taken for a part of the ledger.
fn ledger(answer: Value) -> Result<KeptLedger, Error> {
    let fields = match answer {
        Value::Array(fields) => fields,
        Value::ServerError(error) => return Err(Error::refused(error)),
        _ => return Err(Error::unexpected()),
    };
    let mut ledger = KeptLedger::default();
    let mut fields = fields.into_iter();
    while let (Some(Value::BulkString(name)), Some(Value::BulkString(value))) =
        (fields.next(), fields.next())
    {
        match name.as_slice() {
            b"head" => ledger.head = value,
            b"users" => ledger.users = value,
            [b'#', id @ ..] => {
                let text = |bytes: &[u8]| {
                    String::from_utf8(bytes.to_vec()).map_err(|_| Error::unexpected())
                };
                ledger.outbox.push(Event { id: text(id)?, detail: text(&value)? });
            }
            _ => {}
        }
    }
    ledger.outbox.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    Ok(ledger)
}
