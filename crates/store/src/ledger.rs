//! Reads what the last roll call left for the next one.

use redis::Value;

use crate::connection::{Error, Store};

/// The ledger of a channel as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptLedger {
    /// The head; empty where there is no ledger.
    pub head: Vec<u8>,
    /// The users.
    pub users: Vec<u8>,
}

impl Store {
    /// The ledgers of `channels` in one round trip; the answer holds a result for each, in their order. What is no ledger
    /// at all reads as one that makes no sense: the next commit replaces it.
    ///
    /// # Errors
    /// Where Redis could not be asked; what it has against one channel stands in that one's place.
    pub async fn ledgers(
        &self,
        channels: &[&str],
    ) -> Result<Vec<Result<KeptLedger, Error>>, Error> {
        let mut pipeline = redis::pipe();
        for channel in channels {
            pipeline.cmd("HMGET").arg(self.key(channel, "ledger")).arg("head").arg("users");
        }
        let answers = self.run(&pipeline).await?;
        Ok(answers.into_iter().map(ledger).collect())
    }
}

fn ledger(answer: Value) -> Result<KeptLedger, Error> {
    let fields = match answer {
        Value::Array(fields) => fields,
        Value::ServerError(error) => {
            return match Error::of_channel(error) {
                // With no head to compare with, a commit takes its place.
                Error::Damaged => Ok(KeptLedger { head: Vec::new(), users: b"?".to_vec() }),
                error => Err(error),
            };
        }
        _ => return Err(Error::unexpected()),
    };
    let field = |value| match value {
        Value::BulkString(bytes) => bytes,
        _ => Vec::new(),
    };
    match <[Value; 2]>::try_from(fields) {
        Ok([head, users]) => Ok(KeptLedger { head: field(head), users: field(users) }),
        Err(_) => Err(Error::unexpected()),
    }
}
