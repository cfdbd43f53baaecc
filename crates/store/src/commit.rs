//! Writes a roll call of a channel, unless a newer one is there.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use presence::{Event, Millis, Views};
use redis::{Cmd, Value};

use crate::connection::{Error, KEPT_FOR, Store};
use crate::history::slot;
use crate::outbox;
use crate::script::Script;

static SCRIPT: Script = Script::new(include_str!("commit.lua"));

/// Commits in one pipeline: while Redis carries some out, the next are written, and no more than a few are in memory twice.
const AT_ONCE: usize = 64;
/// Pipelines of one call under way.
const UNDER_WAY: usize = 2;

/// How long ledger and history of a channel stay that is not asked for any more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What a commit takes beside its channel's name and what is kept, about.
const PLAIN: usize = 192;

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
    /// What is to be announced; `None`: there is nobody to announce to, and what was kept for that is not any more.
    pub events: Option<&'a [Event]>,
    /// Whether the channel is about to be forgotten: its ledger and history then stay a day, else a month.
    pub is_forgotten: bool,
}

impl Commit<'_> {
    /// About as many bytes as its keys and arguments have.
    fn length(&self) -> usize {
        let Views { counts, members } = self.views;
        let parts = [counts.len(), members.len(), self.compared_with.len(), self.head.len()];
        let events = self.events.unwrap_or_default().iter().map(|event| event.detail.len() + 1);
        parts.iter().sum::<usize>()
            + self.users.len()
            + events.sum::<usize>()
            + 3 * self.channel.len()
            + PLAIN
    }
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept.
    Committed(Committed),
    /// A newer roll call, or another of the same moment, is kept. Nothing was changed.
    Superseded,
    /// The ledger is not the one that was compared with. Nothing was changed; read, compare and commit anew.
    Changed,
}

/// A commit that is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Whether it took the place of one from the future: some clock is or was wrong.
    pub overwritten: bool,
    /// Events that were dropped: nobody took them for a day, or there were too many.
    pub dropped: usize,
    /// Earlier roll calls with events that are still to be announced, oldest first.
    pub waiting: Vec<Millis>,
}

impl Store {
    /// Commits roll calls, some at once; the answer holds a result for each, in their order.
    /// Each is atomic by itself. `now` is the collector's clock; views expire after `ttl`.
    pub async fn commit(
        &self,
        commits: &[Commit<'_>],
        now: Millis,
        ttl: Duration,
    ) -> Vec<Result<Outcome, Error>> {
        let some = commits.chunks(AT_ONCE).map(|some| self.commit_some(some, now, ttl));
        stream::iter(some).buffered(UNDER_WAY).concat().await
    }

    async fn commit_some(
        &self,
        commits: &[Commit<'_>],
        now: Millis,
        ttl: Duration,
    ) -> Vec<Result<Outcome, Error>> {
        let push = |command: &mut Cmd, commit: &Commit<'_>| self.push(command, commit, now, ttl);
        match self.run_script(&SCRIPT, commits, Commit::length, push).await {
            Ok(answers) => answers.into_iter().map(outcome).collect(),
            Err(error) => commits.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    fn push(&self, command: &mut Cmd, commit: &Commit<'_>, now: Millis, ttl: Duration) {
        let Commit { channel, taken_at, views, compared_with, head, users, .. } = commit;
        let kept_for = if commit.is_forgotten { FORGOTTEN_AFTER } else { KEPT_FOR };
        command
            .arg(3)
            .arg(self.key(channel, "view"))
            .arg(self.key(channel, "ledger"))
            .arg(self.key(channel, "history"))
            .arg(taken_at)
            .arg(now)
            .arg(ttl.as_secs())
            .arg(&views.counts)
            .arg(&views.members)
            .arg(kept_for.as_secs())
            .arg(*compared_with)
            .arg(*head)
            .arg(*users)
            .arg(&slot(commit.present))
            .arg(outbox::lines(commit.events.unwrap_or_default()))
            .arg(u8::from(commit.events.is_some()))
            .arg(u8::from(commit.is_forgotten));
    }
}

fn outcome(answer: Value) -> Result<Outcome, Error> {
    let answer = match answer {
        Value::Array(answer) => answer,
        Value::ServerError(error) => return Err(Error::refused(error)),
        _ => return Err(Error::unexpected()),
    };
    let mut answer = answer.into_iter();
    let Some(Value::BulkString(word)) = answer.next() else { return Err(Error::unexpected()) };
    match word.as_slice() {
        b"superseded" => return Ok(Outcome::Superseded),
        b"changed" => return Ok(Outcome::Changed),
        b"committed" | b"overwritten" => {}
        _ => return Err(Error::unexpected()),
    }
    let Some(Value::Int(dropped)) = answer.next() else { return Err(Error::unexpected()) };
    let roll_call = |value| match value {
        Value::BulkString(text) => std::str::from_utf8(&text).ok()?.parse().ok(),
        _ => None,
    };
    Ok(Outcome::Committed(Committed {
        overwritten: word == b"overwritten",
        dropped: usize::try_from(dropped).unwrap_or_default(),
        waiting: answer.filter_map(roll_call).collect(),
    }))
}
