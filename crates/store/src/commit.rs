//! Writes a roll call of a channel, unless a newer one is there.

use std::sync::LazyLock;
use std::time::Duration;

use presence::{Event, Millis, Views};
use redis::{Pipeline, Script, Value};

use crate::connection::{Error, KEPT_FOR, Store};

static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(SOURCE));
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
    /// The head of the ledger that was compared with; empty where there was none.
    pub compared_with: &'a [u8],
    /// The head of the next ledger.
    pub head: &'a [u8],
    /// The users of the next ledger.
    pub users: &'a [u8],
    /// How many were present, for the history.
    pub present: u64,
    /// What is to be announced.
    pub events: &'a [Event],
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
    /// The ledger is not the one that was compared with. Nothing was changed; read, compare and commit anew.
    Changed,
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
        for commit in commits {
            self.push(&mut pipeline, commit, now, ttl);
        }
        let answers = self.run(&pipeline).await?;
        Ok(answers.into_iter().skip(1).map(outcome).collect())
    }

    fn push(&self, pipeline: &mut Pipeline, commit: &Commit<'_>, now: Millis, ttl: Duration) {
        let Commit { channel, taken_at, views, compared_with, head, users, present, events } =
            commit;
        pipeline
            .cmd("EVALSHA")
            .arg(SCRIPT.get_hash())
            .arg(3)
            .arg(self.key(channel, "view"))
            .arg(self.key(channel, "ledger"))
            .arg(self.key(channel, "history"))
            .arg(taken_at)
            .arg(now)
            .arg(ttl.as_secs())
            .arg(&views.counts)
            .arg(&views.members)
            .arg(KEPT_FOR.as_secs())
            .arg(*compared_with)
            .arg(*head)
            .arg(*users)
            .arg(present);
        for Event { id, detail } in *events {
            pipeline.arg(id).arg(detail);
        }
    }
}

fn outcome(answer: Value) -> Result<Outcome, Error> {
    match answer {
        Value::BulkString(text) => match text.as_slice() {
            b"committed" => Ok(Outcome::Committed),
            b"overwritten" => Ok(Outcome::Overwritten),
            b"superseded" => Ok(Outcome::Superseded),
            b"changed" => Ok(Outcome::Changed),
            _ => Err(Error::unexpected()),
        },
        Value::ServerError(error) => Err(Error::refused(error)),
        _ => Err(Error::unexpected()),
    }
}
