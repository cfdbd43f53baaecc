//! Channels that strangers make up by the hundred: nobody else has to pay for them.

use std::time::Duration;

use harness::{Fault, FaultProxy, Moto, Visitor};
use roll_call::Step;
use serde_json::json;

use crate::stage::{Stage, T0};

const MINUTE: u64 = 60_000;

/// One connection makes up so many channels.
async fn make_up(stage: &Stage, round: u64, n_rooms: usize) -> Visitor {
    let rooms: Vec<String> = (0..n_rooms).map(|n| format!("room:{round}-{n}")).collect();
    stage.guest(&rooms.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn channels_watched_by_name_are_renewed_however_slow_the_bus_is() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let proxy = FaultProxy::start(moto.port()).await.unwrap();
    let mut stage = Stage::watching("room:*,site:main").await;
    stage.set("EVENT_BUS_NAME", queue.bus());
    stage.set("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{}", proxy.port()));
    stage.roll_call(T0).await.unwrap();
    proxy.strike_whenever("PutEvents", Fault::Hang);
    for round in 1..4 {
        let _stranger = make_up(&stage, round, 100).await;
        let at = T0 + round * MINUTE;
        let collector = stage.collector(move || at);
        // The bus alone takes longer than that.
        let (report, _) = collector.roll_call(at, Duration::from_secs(3)).await;
        assert_eq!(report.published, report.watched, "round {round}");
        assert_eq!(report.announced, 0);
        assert!(report.failed.iter().all(|failed| failed.step == Step::Announce), "{report:?}");
        assert!(!report.failed.is_empty());
        assert_eq!(stage.members("site:main").await.unwrap()["taken_at"], at);
    }
}

#[tokio::test]
async fn of_too_many_channels_those_with_something_to_end_come_first_and_then_the_fullest() {
    let mut stage = Stage::watching("room:*,site:a,site:b").await;
    stage.set("WATCH_CHANNELS_MAX", "2");
    let left_out = |report: &roll_call::RollCallReport| {
        let numbers = report.numbers(true);
        numbers.iter().find(|number| number.name == "LeftOut").unwrap().value.unwrap()
    };
    stage.roll_call(T0).await.unwrap();
    let few = stage.guest(&["room:few", "room:gone"]).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.watched, left_out(&report)), (4, 0));
    few.leave().await;
    stage.centrifugo.wait_for_clients("room:gone", 0).await.unwrap();

    let _few = stage.guest(&["room:few", "room:full"]).await;
    let _full = stage.guest(&["room:full"]).await;
    let report = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((report.watched, left_out(&report)), (4, 1), "two by name, two of three by glob");
    let taken_at = async |channel: &str| {
        stage.members(channel).await.map(|view| view["taken_at"].as_u64().unwrap())
    };
    assert_eq!(taken_at("room:gone").await, Some(T0 + 2 * MINUTE));
    assert_eq!(taken_at("room:full").await, Some(T0 + 2 * MINUTE));
    assert_eq!(taken_at("room:few").await, Some(T0 + MINUTE), "left out");
    assert_eq!(taken_at("site:b").await, Some(T0 + 2 * MINUTE));
    // room:gone has ended now; room:few is remembered, and its end can be told once there is room.
    stage.roll_call(T0 + 3 * MINUTE).await.unwrap();
    let report = stage.roll_call(T0 + 4 * MINUTE).await.unwrap();
    assert_eq!((report.watched, left_out(&report)), (4, 0));
    assert_eq!(taken_at("room:few").await, Some(T0 + 4 * MINUTE));
}

#[tokio::test]
async fn a_channel_that_centrifugo_refuses_is_not_asked_for_ever() {
    let stage = Stage::watching("plain:*,room:*").await;
    let _host = stage.guest(&["room:live"]).await;
    let guest = stage.guest(&["plain:1", "plain:2"]).await;
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.committed, report.failed.len()), (1, 2));
    guest.leave().await;
    // They are empty, which the list of channels shows after a moment.
    let known = async || -> Vec<String> {
        stage.redis.command(&["HKEYS", "rollcall:channels"]).await.unwrap()
    };
    assert_eq!(known().await.len(), 2, "room:live, and the field without a name");
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.watched, report.failed), (1, vec![]));
}

#[tokio::test]
async fn a_forgotten_channel_leaves_little_and_nothing_a_day_later() {
    let mut stage = Stage::watching("room:*").await;
    stage.set("EVENT_BUS_NAME", "");
    stage.roll_call(T0).await.unwrap();
    let n_rooms = 100;
    let stranger = make_up(&stage, 1, n_rooms).await;
    stage.roll_call(T0 + MINUTE).await.unwrap();
    stranger.leave().await;
    stage.centrifugo.wait_for_clients("room:1-99", 0).await.unwrap();
    for minute in 2..5 {
        stage.roll_call(T0 + minute * MINUTE).await.unwrap();
    }
    let known: Vec<String> = stage.redis.command(&["HKEYS", "rollcall:channels"]).await.unwrap();
    assert_eq!(known, [""], "all are forgotten");
    let keys: Vec<String> = stage.redis.command(&["KEYS", "rollcall:{*"]).await.unwrap();
    assert_eq!(keys.len(), 3 * n_rooms);
    let mut bytes = 0;
    for key in &keys {
        let ttl: u64 = stage.redis.command(&["TTL", key]).await.unwrap();
        assert!(ttl <= 24 * 60 * 60, "{key} {ttl}");
        bytes += stage.redis.command::<usize>(&["MEMORY", "USAGE", key]).await.unwrap();
    }
    assert!(bytes / n_rooms <= 2048, "{} bytes a room", bytes / n_rooms);
}

#[tokio::test]
async fn a_channel_watched_by_name_that_is_empty_is_remembered_for_long() {
    let stage = Stage::watching("site:main").await;
    let guest = stage.user("1", json!({}), &["site:main"]).await;
    stage.roll_call(T0).await.unwrap();
    guest.leave().await;
    stage.centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    for minute in 1..4 {
        stage.roll_call(T0 + minute * MINUTE).await.unwrap();
    }
    let ttl: u64 = stage.redis.command(&["TTL", "rollcall:{site:main}:ledger"]).await.unwrap();
    assert!(ttl > 29 * 24 * 60 * 60, "{ttl}");
}
