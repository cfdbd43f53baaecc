//! Writes a roll call of a channel, unless a newer one is there.

use std::sync::LazyLock;
use std::time::Duration;

use presence::{Millis, Views};
use redis::{Script, Value};

use crate::connection::{Error, Store};

static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("commit.lua")));
const SOURCE: &str = include_str!("commit.lua");

/// The roll call of one channel.
#[derive(Debug, Clone)]
pub struct Commit<'a> {
    /// The watched channel.
    pub channel: &'a str,
    /// When it was taken.
    pub taken_at: Millis,
    /// What readers get.
    pub views: &'a Views,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept.
    Committed,
    /// It is kept in the place of one from the future: some clock is or was wrong.
    Overwritten,
    /// A newer roll call, or another of the same moment, is kept. Nothing was changed.
    Superseded,
}

impl Store {
    /// Commits roll calls in one round trip; the answer holds a result for each, in their order.
    /// Each is atomic by itself. `now` is the collector's clock; views expire after `ttl`.
    ///
    /// # Errors
    /// Where Redis could not be asked; what it has against one commit stands in that one's place.
    pub async fn commit(
        &self,
        commits: &[Commit<'_>],
        now: Millis,
        ttl: Duration,
    ) -> Result<Vec<Result<Outcome, Error>>, Error> {
        let mut pipeline = redis::pipe();
        // Redis may have been restarted since: to load the script each time costs no round trip.
        pipeline.cmd("SCRIPT").arg("LOAD").arg(SOURCE);
        for Commit { channel, taken_at, views } in commits {
            pipeline
                .cmd("EVALSHA")
                .arg(SCRIPT.get_hash())
                .arg(1)
                .arg(self.key(channel, "view"))
                .arg(taken_at)
                .arg(now)
                .arg(ttl.as_secs())
                .arg(&views.counts)
                .arg(&views.members);
        }
        let answers = self.run(&pipeline).await?;
        Ok(answers.into_iter().skip(1).map(outcome).collect())
    }
}

fn outcome(answer: Value) -> Result<Outcome, Error> {
    match answer {
        Value::BulkString(text) => match text.as_slice() {
            b"committed" => Ok(Outcome::Committed),
            b"overwritten" => Ok(Outcome::Overwritten),
            b"superseded" => Ok(Outcome::Superseded),
            _ => Err(Error::unexpected()),
        },
        Value::ServerError(error) => Err(Error::refused(error)),
        _ => Err(Error::unexpected()),
    }
}
