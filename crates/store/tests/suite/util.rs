//! What the tests share.

use std::sync::Arc;
use std::time::Duration;

use presence::Views;
use settings::{Reader, from_pairs};
use store::{Commit, Committed, Config, Outcome, Patience, Store};

pub(crate) const TTL: Duration = Duration::from_secs(3600);
pub(crate) const NOW: u64 = 1_790_000_000_000;
/// Short enough for the tests that wait for it to run out, long enough for a busy machine.
pub(crate) const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(2),
    total: Duration::from_secs(3),
    waits: None,
};

pub(crate) fn store_at(url: &str) -> Store {
    let variables = [("REDIS_URL", url)];
    let lookup = from_pairs(&variables);
    let mut reader = Reader::new(&lookup);
    let config = Config::read(&mut reader);
    Store::new(&reader.finish(config).unwrap(), PATIENCE, Arc::new(|| NOW)).unwrap()
}

pub(crate) fn views(mark: &str) -> Views {
    Views {
        counts: format!("{{\"counts\":{{\"of\":\"{mark}\"}}}}"),
        members: format!("{{\"members\":[\"{mark}\"]}}"),
    }
}

/// A commit whose ledger is new and holds nothing.
pub(crate) fn first_commit<'a>(channel: &'a str, taken_at: u64, views: &'a Views) -> Commit<'a> {
    Commit {
        channel,
        taken_at,
        views,
        compared_with: b"",
        head: b"head",
        users: b"",
        present: 1,
        events: Some(&[]),
        is_forgotten: false,
    }
}

/// The outcome of a commit that is kept, with nothing else to tell.
pub(crate) fn kept() -> Outcome {
    Outcome::Committed(Committed::default())
}

/// Commits as a collector does that has read what is kept.
pub(crate) async fn commit(store: &Store, channel: &str, taken_at: u64, mark: &str) -> Outcome {
    let (head, views) = (format!("{taken_at} {mark}"), views(mark));
    let commit = Commit { head: head.as_bytes(), ..first_commit(channel, taken_at, &views) };
    commit_over(store, commit, NOW).await
}

/// Commits over whatever is there.
pub(crate) async fn commit_over(store: &Store, commit: Commit<'_>, now: u64) -> Outcome {
    let kept = store.ledgers(&[commit.channel]).await.unwrap().pop().unwrap().unwrap();
    let commit = Commit { compared_with: &kept.head, ..commit };
    store.commit(&[commit], now, TTL).await.pop().unwrap().unwrap()
}
