//! Views and commits, against a real Redis.

use std::time::Duration;

use harness::{Fault, FaultProxy, Redis, eventually};
use presence::Views;
use store::{Commit, Committed, Error, Kept, Outcome, Store, ViewKind};

use crate::util::{NOW, TTL, commit, first_commit, kept as outcome_kept, store_at, views};

async fn kept(store: &Store, channel: &str) -> Option<(u64, String)> {
    let kept = store.view(channel, ViewKind::Counts).await.unwrap();
    kept.map(|Kept { taken_at, view }| (taken_at, String::from_utf8(view.to_vec()).unwrap()))
}

#[tokio::test]
async fn what_is_committed_is_read_byte_for_byte() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    assert_eq!(kept(&store, "site:main").await, None);
    let views =
        Views { counts: "{\"n\":{\"of\":\"ü\\u003c\"}}".into(), members: "{\"m\":[]}".into() };
    let commits = [first_commit("site:main", NOW, &views)];
    assert_eq!(store.commit(&commits, NOW, TTL).await[0].as_ref().unwrap(), &outcome_kept());
    for (kind, view) in [(ViewKind::Counts, &views.counts), (ViewKind::Members, &views.members)] {
        let kept = store.view("site:main", kind).await.unwrap().unwrap();
        assert_eq!(kept, Kept { taken_at: NOW, view: view.clone().into() });
    }
    // The form of the contract, for whoever looks into Redis.
    let taken_at: String =
        redis.command(&["HGET", "rollcall:{site:main}:view", "taken_at"]).await.unwrap();
    assert_eq!(taken_at, NOW.to_string());
    let ttl: u64 = redis.command(&["TTL", "rollcall:{site:main}:view"]).await.unwrap();
    assert!((3590..=3600).contains(&ttl), "{ttl}");
}

#[tokio::test]
async fn an_older_roll_call_never_replaces_a_newer_one() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    assert_eq!(commit(&store, "a", NOW, "new").await, outcome_kept());
    assert_eq!(commit(&store, "a", NOW - 1, "old").await, Outcome::Superseded);
    assert_eq!(commit(&store, "a", NOW, "another of the same moment").await, Outcome::Superseded);
    assert_eq!(kept(&store, "a").await, Some((NOW, views("new").counts)));
    assert_eq!(
        commit(&store, "a", NOW, "new").await,
        outcome_kept(),
        "a repetition is no other roll call"
    );
    assert_eq!(commit(&store, "a", NOW + 1, "newer").await, outcome_kept());
}

#[tokio::test]
async fn a_roll_call_from_the_future_is_overwritten_and_one_of_a_clock_slightly_ahead_is_not() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    commit(&store, "a", NOW + 10_000, "ahead").await;
    assert_eq!(commit(&store, "a", NOW, "x").await, Outcome::Superseded);
    commit(&store, "b", NOW + 10_001, "future").await;
    assert_eq!(
        commit(&store, "b", NOW, "now").await,
        Outcome::Committed(Committed { overwritten: true, ..Committed::default() })
    );
    assert_eq!(kept(&store, "b").await, Some((NOW, views("now").counts)));
}

#[tokio::test]
async fn any_channel_name_has_keys_of_its_own_in_cluster_mode_too() {
    let redis = Redis::start_cluster().await.unwrap();
    let store = store_at(&redis.url());
    let long = "x".repeat(255);
    let channels =
        ["room:{a}", "room:{a", "room:a b", "room:a}b", "room:ü/é", "room:\r\n*1", &long];
    let views: Vec<Views> = channels.iter().map(|channel| views(&format!("{channel:?}"))).collect();
    let commits: Vec<Commit<'_>> = channels
        .iter()
        .zip(&views)
        .map(|(channel, views)| first_commit(channel, NOW, views))
        .collect();
    for (channel, result) in channels.iter().zip(store.commit(&commits, NOW, TTL).await) {
        assert_eq!(result.unwrap(), outcome_kept(), "{channel}");
    }
    for (channel, views) in channels.iter().zip(&views) {
        assert_eq!(kept(&store, channel).await, Some((NOW, views.counts.clone())), "{channel}");
    }
}

#[tokio::test]
async fn one_channel_that_redis_refuses_harms_no_other() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let _: () = redis.command(&["SET", "rollcall:{b}:view", "somebody else's"]).await.unwrap();
    let views = views("x");
    let commits = ["a", "b", "c"].map(|channel| first_commit(channel, NOW, &views));
    let results = store.commit(&commits, NOW, TTL).await;
    assert!(results[0].is_ok() && results[2].is_ok());
    assert!(matches!(results[1], Err(Error::Refused(_))), "{results:?}");
    assert!(matches!(store.view("b", ViewKind::Counts).await, Err(Error::Damaged)));
}

#[tokio::test]
async fn a_redis_that_is_gone_or_frozen_costs_little_and_works_again_when_it_is_back() {
    let mut redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    commit(&store, "a", NOW, "x").await;

    // It never answers: only its own patience ends a wait.
    redis.process().freeze();
    let error = store.view("a", ViewKind::Counts).await.unwrap_err();
    assert!(matches!(error, Error::TimedOut(_)), "{error}");
    redis.process().thaw();
    let answered = async || store.view("a", ViewKind::Counts).await.ok();
    eventually(Duration::from_secs(10), "Redis answers again", answered).await.unwrap().unwrap();

    redis.stop().await;
    let error = store.view("a", ViewKind::Counts).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)) && !error.to_string().contains('\n'), "{error}");

    redis.restart().await.unwrap();
    assert_eq!(kept(&store, "a").await, None, "the first request after a restart works");
    assert_eq!(commit(&store, "a", NOW, "x").await, outcome_kept(), "and so does the script");
}

#[tokio::test]
async fn a_server_that_does_not_know_the_script_gets_it() {
    let redis = Redis::start().await.unwrap();
    let proxy = FaultProxy::start(redis.port()).await.unwrap();
    let store = store_at(&format!("redis://127.0.0.1:{}", proxy.port()));
    let views = views("x");
    for n in 0..3 {
        // As where another server answers behind the same address.
        let _: () = redis.command(&["SCRIPT", "FLUSH"]).await.unwrap();
        let channels = [format!("a{n}"), format!("b{n}")];
        let commits = [0, 1].map(|index: usize| first_commit(&channels[index], NOW, &views));
        let outcomes = store.commit(&commits, NOW, TTL).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2, "{outcomes:?}");
        let knows: String = redis.command(&["INFO", "commandstats"]).await.unwrap();
        assert!(knows.contains("cmdstat_eval:"), "{knows}");
    }
    // Where it is known, the script does not go over the wire again.
    proxy.strike_whenever("replace_unless", Fault::Cut);
    let next = [first_commit("c", NOW, &views)];
    assert!(store.commit(&next, NOW, TTL).await[0].is_ok());
    assert_eq!(proxy.strikes(), 0);
}
