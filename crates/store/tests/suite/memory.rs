//! The ledger and the history.

use harness::Redis;
use presence::Event;
use store::{Commit, Error, KeptLedger, Outcome, Store, ViewKind};

use crate::util::{NOW, TTL, commit_over, first_commit, kept, store_at, views};

async fn ledger(store: &Store, channel: &str) -> KeptLedger {
    store.ledgers(&[channel]).await.unwrap().pop().unwrap().unwrap()
}

fn event(id: &str) -> Event {
    Event::of_detail(&format!("{{\"id\":\"{id}\"}}")).unwrap()
}

/// What is waiting of one roll call.
async fn waiting(store: &Store, channel: &str, taken_at: u64) -> Vec<Event> {
    store.waiting(&[(channel, taken_at)]).await.unwrap().pop().unwrap().unwrap()
}

async fn committed(store: &Store, commit: Commit<'_>, now: u64) -> Outcome {
    store.commit(&[commit], now, TTL).await.pop().unwrap().unwrap()
}

#[tokio::test]
async fn a_ledger_is_kept_as_bytes_and_outlives_the_views() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    assert_eq!(ledger(&store, "a").await, KeptLedger::default());
    let users: Vec<u8> = (0..=255).collect();
    let views = views("x");
    committed(&store, Commit { users: &users, ..first_commit("a", NOW, &views) }, NOW).await;
    assert_eq!(ledger(&store, "a").await, KeptLedger { head: b"head".into(), users });
    for key in ["rollcall:{a}:ledger", "rollcall:{a}:history"] {
        let ttl: u64 = redis.command(&["TTL", key]).await.unwrap();
        assert!((2_591_000..=2_592_000).contains(&ttl), "{key} {ttl}");
    }
}

#[tokio::test]
async fn a_commit_compared_with_another_ledger_changes_nothing() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let views = views("x");
    let first = first_commit("a", NOW, &views);
    assert_eq!(committed(&store, first.clone(), NOW).await, kept());
    let events = [event("a@2#changed")];
    let second =
        Commit { taken_at: NOW + 1, head: b"second", events: Some(&events), ..first.clone() };
    assert_eq!(committed(&store, second.clone(), NOW).await, Outcome::Changed);
    assert_eq!(
        ledger(&store, "a").await,
        KeptLedger { head: b"head".into(), ..KeptLedger::default() }
    );
    let second = Commit { compared_with: b"head", ..second };
    assert_eq!(committed(&store, second.clone(), NOW).await, kept());
    assert_eq!(committed(&store, second, NOW).await, kept(), "the repetition of a lost answer");
    assert_eq!(
        committed(&store, first, NOW).await,
        Outcome::Superseded,
        "older, whatever it compared with"
    );
    assert_eq!(waiting(&store, "a", NOW + 1).await, events);
}

/// The history as (minutes since the epoch, present), the minutes without a roll call left out.
async fn history(store: &Store) -> Vec<(u64, u32)> {
    let history = store.history("a").await.unwrap().unwrap();
    assert_eq!(history.present.len(), 1440);
    let minutes = (history.from / 60_000..).zip(history.present);
    minutes.filter_map(|(minute, present)| Some((minute, present?))).collect()
}

/// One roll call of the channel `a`, whatever is kept.
async fn take(store: &Store, taken_at: u64, present: u64) {
    let (head, views) = (taken_at.to_string(), views("x"));
    let commit = Commit { head: head.as_bytes(), present, ..first_commit("a", taken_at, &views) };
    let outcome = commit_over(store, commit, taken_at).await;
    assert!(matches!(outcome, Outcome::Committed(_)), "{outcome:?}");
}

#[tokio::test]
async fn the_history_holds_the_maximum_of_each_minute_of_a_day() {
    const MINUTE: u64 = 60_000;
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let take = async |taken_at: u64, present: u64| take(&store, taken_at, present).await;
    let m = NOW / MINUTE;
    let at = |minute: u64, seconds: u64| minute * MINUTE + seconds * 1000;
    take(at(m, 0), 3).await;
    take(at(m, 20), 7).await;
    take(at(m, 40), 5).await;
    assert_eq!(history(&store).await, [(m, 7)]);
    take(at(m + 3, 0), 0).await;
    assert_eq!(
        history(&store).await,
        [(m, 7), (m + 3, 0)],
        "minutes without a roll call are missing, not 0"
    );
    take(at(m + 1439, 0), 9).await;
    assert_eq!(history(&store).await, [(m, 7), (m + 3, 0), (m + 1439, 9)]);
    take(at(m + 1440, 0), 1).await;
    assert_eq!(
        history(&store).await,
        [(m + 3, 0), (m + 1439, 9), (m + 1440, 1)],
        "a day and no more"
    );
    take(at(m + 5000, 0), 2).await;
    assert_eq!(history(&store).await, [(m + 5000, 2)], "a long pause leaves nothing of before");
    take(at(m + 4998, 0), 4).await;
    assert_eq!(history(&store).await, [(m + 4998, 4)], "minutes from the future leave");
    take(at(m + 4999, 0), 6).await;
    assert_eq!(history(&store).await, [(m + 4998, 4), (m + 4999, 6)]);
    take(at(m, 0), 8).await;
    assert_eq!(history(&store).await, [(m, 8)], "a clock that was days ahead leaves nothing");
}

#[tokio::test]
async fn a_history_that_was_lost_or_replaced_begins_anew_and_outlives_a_lost_ledger() {
    const MINUTE: u64 = 60_000;
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let m = NOW / MINUTE;
    take(&store, NOW, 3).await;
    take(&store, NOW + MINUTE, 4).await;
    let _: u64 = redis.command(&["DEL", "rollcall:{a}:history"]).await.unwrap();
    take(&store, NOW + 2 * MINUTE, 5).await;
    assert_eq!(history(&store).await, [(m + 2, 5)]);
    let _: u64 = redis.command(&["DEL", "rollcall:{a}:history"]).await.unwrap();
    let _: u64 = redis.command(&["RPUSH", "rollcall:{a}:history", "x"]).await.unwrap();
    take(&store, NOW + 3 * MINUTE, 6).await;
    assert_eq!(history(&store).await, [(m + 3, 6)]);
    take(&store, NOW + 4 * MINUTE, 7).await;
    let _: u64 = redis.command(&["DEL", "rollcall:{a}:ledger"]).await.unwrap();
    take(&store, NOW + 5 * MINUTE, 10).await;
    assert_eq!(history(&store).await, [(m + 3, 6), (m + 4, 7), (m + 5, 10)]);
}

#[tokio::test]
async fn what_is_kept_for_a_month_is_renewed_each_hour() {
    const HOUR: u64 = 3_600_000;
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let begin = NOW - NOW % HOUR;
    for key in ["rollcall:{a}:ledger", "rollcall:{a}:history"] {
        let left = async || redis.command::<u64>(&["TTL", key]).await.unwrap();
        let _: String = redis.command(&["FLUSHALL"]).await.unwrap();
        take(&store, begin + HOUR - 60_000, 1).await;
        let _: u64 = redis.command(&["EXPIRE", key, "100"]).await.unwrap();
        take(&store, begin + HOUR - 1, 1).await;
        assert!(left().await <= 100, "{key}");
        take(&store, begin + HOUR, 1).await;
        assert!(left().await > 2_591_000, "{key}");
    }
}

#[tokio::test]
async fn a_history_needs_a_view_and_a_view_no_history() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    assert_eq!(store.history("a").await.unwrap(), None);
    let views = views("x");
    committed(&store, first_commit("a", NOW, &views), NOW).await;
    assert_eq!(history(&store).await, [(NOW / 60_000, 1)]);
    let _: u64 = redis.command(&["DEL", "rollcall:{a}:history"]).await.unwrap();
    assert_eq!(history(&store).await, []);
    let _: u64 = redis.command(&["DEL", "rollcall:{a}:view"]).await.unwrap();
    assert_eq!(store.history("a").await.unwrap(), None);
}

#[tokio::test]
async fn many_views_are_read_at_once_and_a_damaged_one_harms_no_other() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let views = views("x");
    for channel in ["a", "b"] {
        committed(&store, first_commit(channel, NOW, &views), NOW).await;
    }
    let cut = &views.members[..views.members.len() / 2];
    let _: u64 = redis.command(&["HSET", "rollcall:{b}:view", "members", cut]).await.unwrap();
    let _: () = redis.command(&["SET", "rollcall:{c}:view", "text"]).await.unwrap();
    let kept = store
        .views(&["a", "b", "c", "d"].map(|channel| (channel, ViewKind::Members)))
        .await
        .unwrap();
    assert_eq!(kept[0].as_ref().unwrap().as_ref().unwrap().view, views.members);
    assert!(matches!(kept[1], Err(Error::Damaged)));
    assert!(matches!(kept[2], Err(Error::Damaged)));
    assert!(matches!(kept[3], Ok(None)));
}
