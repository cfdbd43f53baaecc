//! What is still to be announced.

use harness::Redis;
use presence::Event;
use store::{Commit, Committed, Outcome, Store, Untaken};

use crate::util::{NOW, commit_over, first_commit, store_at, views};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// An event of the roll call taken then, whose detail has about so many bytes.
fn event(taken_at: u64, kind: &str, bytes: usize) -> Event {
    let fill = "x".repeat(bytes);
    Event::of_detail(&format!("{{\"id\":\"a@{taken_at}#{kind}\",\"fill\":\"{fill}\"}}")).unwrap()
}

/// Commits a roll call of channel `a` over whatever is there.
async fn take(store: &Store, taken_at: u64, events: Option<&[Event]>) -> Committed {
    let (head, views) = (taken_at.to_string(), views("x"));
    let commit = Commit { head: head.as_bytes(), events, ..first_commit("a", taken_at, &views) };
    match commit_over(store, commit, taken_at).await {
        Outcome::Committed(committed) => committed,
        other => unreachable!("{other:?}"),
    }
}

async fn waiting(store: &Store, taken_at: u64) -> Vec<Event> {
    store.waiting(&[("a", taken_at)]).await.unwrap().pop().unwrap().unwrap()
}

#[tokio::test]
async fn what_was_not_taken_waits_and_the_next_commit_tells_of_which_roll_calls() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let first = [event(NOW, "changed", 9), event(NOW, "occupied", 9)];
    assert_eq!(take(&store, NOW, Some(&first)).await.waiting, [0; 0]);
    let second = [event(NOW + MINUTE, "changed", 9)];
    assert_eq!(take(&store, NOW + MINUTE, Some(&second)).await.waiting, [NOW]);
    assert_eq!(waiting(&store, NOW).await, first);

    let left = [&first[1]];
    let untaken = |taken_at, events| Untaken { channel: "a", taken_at, events };
    store.announced(&[untaken(NOW, &left), untaken(NOW + MINUTE, &[])]).await.unwrap();
    let third = take(&store, NOW + 2 * MINUTE, Some(&[])).await;
    assert_eq!(third, Committed { waiting: vec![NOW], ..Committed::default() });
    assert_eq!(waiting(&store, NOW).await, first[1..]);
    store.announced(&[untaken(NOW, &[])]).await.unwrap();
    assert_eq!(take(&store, NOW + 3 * MINUTE, Some(&[])).await, Committed::default());
    let fields: Vec<String> = redis.command(&["HKEYS", "rollcall:{a}:ledger"]).await.unwrap();
    assert_eq!(fields.len(), 3, "nothing is left of what was taken: {fields:?}");
}

#[tokio::test]
async fn it_holds_a_day_and_then_whole_roll_calls_are_dropped() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let first = [event(NOW, "changed", 9), event(NOW, "occupied", 9)];
    take(&store, NOW, Some(&first)).await;
    let second = [event(NOW + MINUTE, "changed", 9)];
    take(&store, NOW + MINUTE, Some(&second)).await;
    let day_later = take(&store, NOW + DAY, Some(&[])).await;
    assert_eq!((day_later.dropped, day_later.waiting), (0, vec![NOW, NOW + MINUTE]));
    let later = take(&store, NOW + DAY + 1, Some(&[])).await;
    assert_eq!((later.dropped, later.waiting), (2, vec![NOW + MINUTE]));
    assert_eq!(waiting(&store, NOW).await, []);
}

#[tokio::test]
async fn it_holds_a_megabyte_of_earlier_roll_calls_and_the_own_events_always() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let at = |n: u64| NOW + n * MINUTE;
    for n in 0..3 {
        let events = [event(at(n), "changed", 400 * 1024)];
        assert_eq!(take(&store, at(n), Some(&events)).await.dropped, 0, "{n}");
    }
    // Three of them are more than a megabyte: the oldest goes.
    let huge = [event(at(3), "changed", 3 * 1024 * 1024)];
    let taken = take(&store, at(3), Some(&huge)).await;
    assert_eq!((taken.dropped, taken.waiting), (1, vec![at(1), at(2)]));
    assert_eq!(
        waiting(&store, at(3)).await.len(),
        1,
        "the roll call's own are kept, whatever their size"
    );
    let taken = take(&store, at(4), Some(&[])).await;
    assert_eq!((taken.dropped, taken.waiting), (3, vec![]), "all that is older has to go with it");
}

#[tokio::test]
async fn with_nobody_to_announce_to_nothing_is_kept() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    take(&store, NOW, Some(&[event(NOW, "changed", 9)])).await;
    assert_eq!(take(&store, NOW + MINUTE, None).await, Committed::default());
    assert_eq!(waiting(&store, NOW).await, []);
    let fields: Vec<String> = redis.command(&["HKEYS", "rollcall:{a}:ledger"]).await.unwrap();
    assert_eq!(fields.len(), 3, "{fields:?}");
}

#[tokio::test]
async fn a_line_that_is_no_event_costs_no_other() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let good = event(NOW, "changed", 9);
    take(&store, NOW, Some(std::slice::from_ref(&good))).await;
    let damaged = format!("\u{1}garbage\n{}\n{{}}", good.detail);
    let field = format!("#{NOW}");
    let _: u64 = redis.command(&["HSET", "rollcall:{a}:ledger", &field, &damaged]).await.unwrap();
    assert_eq!(waiting(&store, NOW).await, [good]);
}

#[tokio::test]
async fn what_is_of_another_type_is_replaced() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    for key in ["ledger", "history"] {
        let key = format!("rollcall:{{a}}:{key}");
        let _: u64 = redis.command(&["RPUSH", &key, "somebody else's"]).await.unwrap();
    }
    assert!(!store.ledgers(&["a"]).await.unwrap().pop().unwrap().unwrap().users.is_empty());
    assert_eq!(take(&store, NOW, Some(&[])).await, Committed::default());
    assert_eq!(take(&store, NOW + MINUTE, Some(&[])).await, Committed::default());
    let minutes = store.history("a").await.unwrap().unwrap().present;
    assert_eq!(minutes[1438..], [Some(1), Some(1)]);
}
