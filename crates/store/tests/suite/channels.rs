//! The list of channels.

use std::collections::BTreeSet;

use harness::Redis;

use crate::util::store_at;

#[tokio::test]
async fn no_list_is_not_an_empty_one() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url());
    assert_eq!(store.channels().await.unwrap(), None);
    store.change_channels(&[], &[]).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), Some(BTreeSet::new()));
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
    store.change_channels(&many, &[]).await.unwrap();
    store.change_channels(&["site:ü {a}"], &many[1..]).await.unwrap();
    let expected: BTreeSet<String> = ["room:0", "site:ü {a}"].map(str::to_owned).into();
    assert_eq!(store.channels().await.unwrap(), Some(expected));
}
