//! The list of channels.

use harness::Redis;
use store::{KnownChannels, Mentions};

use crate::util::{NOW, store_at};

fn known(names: &[&str], is_baseline: bool) -> Option<KnownChannels> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Some(KnownChannels { names, is_baseline })
}

#[tokio::test]
async fn no_list_is_not_an_empty_one() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    assert_eq!(store.channels().await.unwrap(), None);
    store.expect_channels(&[], NOW, true).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&[], true));
    store.keep_channels(true).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&[], false));
    let exists: u64 = redis.command(&["EXISTS", "rollcall:channels"]).await.unwrap();
    assert_eq!(exists, 1);
    let ttl: u64 = redis.command(&["TTL", "rollcall:channels"]).await.unwrap();
    assert!((2_591_000..=2_592_000).contains(&ttl), "{ttl}");
}

#[tokio::test]
async fn channels_are_added_and_taken_out() {
    let redis = Redis::start_cluster().await.unwrap();
    let store = store_at(&redis.url());
    let many: Vec<String> = (0..2500).map(|n| format!("room:{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    store.expect_channels(&many, NOW, true).await.unwrap();
    store.expect_channels(&["site:ü {a}"], NOW, false).await.unwrap();
    store.forget_channels(&many[1..], NOW, NOW).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&["room:0", "site:ü {a}"], true));
}

#[tokio::test]
async fn a_list_of_any_length_is_read_in_pieces() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let many: Vec<String> = (0..50_000).map(|n| format!("room:{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    store.expect_channels(&many, NOW, true).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&many, true));
    // Redis serves others in between: no answer holds much more than is asked for in one go.
    let most: String = redis.command(&["INFO", "clients"]).await.unwrap();
    let line = most.lines().find_map(|line| line.strip_prefix("client_recent_max_output_buffer:"));
    assert!(line.unwrap().parse::<usize>().unwrap() < 1_000_000, "{most}");
    store.forget_channels(&many, NOW, NOW).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&[], true));
}

#[tokio::test]
async fn of_some_channels_it_is_known_who_meant_to_commit_them() {
    let redis = Redis::start_cluster().await.unwrap();
    let store = store_at(&redis.url());
    assert_eq!(store.mentions(&["room:1"]).await.unwrap(), None, "there is no list");
    store.expect_channels(&["room:1"], NOW, true).await.unwrap();
    store.expect_channels(&["room:2"], NOW + 1, false).await.unwrap();
    let mentions = |meant_by, is_baseline| Some(Mentions { meant_by, is_baseline });
    let of_all = vec![Some(NOW + 1), None, Some(NOW)];
    let asked = ["room:2", "room:3", "room:1"];
    assert_eq!(store.mentions(&asked).await.unwrap(), mentions(of_all.clone(), true));
    store.keep_channels(true).await.unwrap();
    assert_eq!(store.mentions(&asked).await.unwrap(), mentions(of_all, false));
    assert_eq!(store.mentions(&[]).await.unwrap(), mentions(vec![], false));
}

#[tokio::test]
async fn a_channel_that_a_later_roll_call_means_to_commit_is_not_taken_out() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    store.expect_channels(&["room:1", "room:2"], NOW, false).await.unwrap();
    store.expect_channels(&["room:2"], NOW + 2, false).await.unwrap();
    store.forget_channels(&["room:1", "room:2", "room:3"], NOW + 1, NOW + 1).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&["room:2"], false));
    store.forget_channels(&["room:2"], NOW + 2, NOW + 2).await.unwrap();
    // With the last channel the list is gone as well, but for the field that a first roll call leaves.
    assert_eq!(store.channels().await.unwrap(), None);
}

#[tokio::test]
async fn what_a_broken_clock_meant_to_commit_is_taken_out() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    store.expect_channels(&["room:0"], NOW, true).await.unwrap();
    store.expect_channels(&["room:1"], NOW + 10_001, false).await.unwrap();
    store.expect_channels(&["room:2"], NOW + 10_000, false).await.unwrap();
    store.forget_channels(&["room:1", "room:2"], NOW, NOW).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&["room:0", "room:2"], true));
}

#[tokio::test]
async fn a_list_of_another_type_begins_anew() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    let _: () = redis.command(&["SET", "rollcall:channels", "somebody else's"]).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), None);
    store.expect_channels(&["room:1"], NOW, true).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), known(&["room:1"], true));
}
