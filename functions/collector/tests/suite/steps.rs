//! A connection harmed at each of the steps: cut, reset, slow, half-open, or with the answer lost on its way back.
//!
//! After each fault: what is kept is whole and not older than before, and the next roll calls tell everything, each
//! change under one id.

use std::time::Duration;

use harness::{Fault, FaultProxy, Moto, told_under};
use serde_json::json;

use crate::stage::{Stage, T0};

const FAULTS: [Fault; 5] = [
    Fault::Cut,
    Fault::Reset,
    Fault::LoseAnswer,
    Fault::Hang,
    Fault::Slow(Duration::from_millis(200)),
];

/// Which connection is harmed.
#[derive(Clone, Copy)]
enum To {
    Redis,
    Centrifugo,
    EventBridge,
}

/// Plays all faults at the moment when bytes that hold `mark` go there. Each time somebody new comes just before.
async fn harm(to: To, mark: &str) {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let mut stage = Stage::watching("site:main,room:*").await;
    stage.set("EVENT_BUS_NAME", queue.bus());
    stage.set("AWS_ENDPOINT_URL", &moto.url());
    let port = match to {
        To::Redis => stage.redis.port(),
        To::Centrifugo => stage.centrifugo.port(),
        To::EventBridge => moto.port(),
    };
    let proxy = FaultProxy::start(port).await.unwrap();
    let through = format!("127.0.0.1:{}", proxy.port());
    match to {
        To::Redis => stage.set("REDIS_URL", &format!("redis://{through}")),
        To::Centrifugo => stage.set("CENTRIFUGO_API_URL", &format!("http://{through}/api")),
        To::EventBridge => stage.set("AWS_ENDPOINT_URL", &format!("http://{through}")),
    }
    let _room = stage.guest(&["room:1"]).await;
    stage.roll_call(T0).await.unwrap();
    let mut at = T0;
    let mut visitors = Vec::new();
    for fault in FAULTS {
        let user = format!("{mark} {fault:?}");
        visitors.push(stage.user(&user, json!({}), &["site:main"]).await);
        // And somebody to a room of their own.
        let room = format!("room:{fault:?}").replace(' ', "");
        let passer_by = format!("{user} passing by");
        let visitor = stage.user(&passer_by, json!({}), &[&room]).await;
        let last = at;
        at += 60_000;
        proxy.strike_at(mark, fault);
        // It ends by itself, whatever hangs, before it would be cut off.
        let harmed = stage.roll_call(at).await;
        proxy.struck().await.unwrap();
        if matches!(fault, Fault::Slow(_)) {
            let report = harmed.as_ref().unwrap();
            assert_eq!((report.committed, report.failed.len()), (3, 0), "{user}: {report:?}");
        }
        if let Ok(report) = &harmed {
            let late = report.failed.iter().find(|failed| failed.error.contains("had to end"));
            assert_eq!(late, None, "{user}");
        }
        // The view is that of this roll call where it was committed, else the one of before.
        let is_committed = harmed.is_ok_and(|report| report.committed > 0);
        let kept = stage.members("site:main").await.unwrap()["taken_at"].as_u64().unwrap();
        let before = if is_committed { at } else { last };
        // Where only the answer of the commit was lost, both are right: it is there, and the repetition says so or not.
        assert!(kept == before || (kept == at && mark == "EVALSHA"), "{user}: {kept} at {at}");

        for _ in 0..2 {
            at += 60_000;
            let report = stage.roll_call(at).await.unwrap();
            assert_eq!((report.committed, report.failed.len()), (3, 0), "{user}: {report:?}");
            assert_eq!(report.left, 0);
        }
        let view = stage.members("site:main").await.unwrap();
        assert_eq!(
            (&view["taken_at"], &view["present"]),
            (&json!(at), &json!(visitors.len())),
            "{user}"
        );
        // The room is left, found vacated, and forgotten.
        visitor.leave().await;
        stage.centrifugo.wait_for_clients(&room, 0).await.unwrap();
        for left in [0, 1] {
            at += 60_000;
            assert_eq!(stage.roll_call(at).await.unwrap().left, left, "{user}");
        }
        let events = queue.take().await.unwrap();
        for (list, user) in [("joined", &user), ("joined", &passer_by), ("left", &passer_by)] {
            assert_eq!(
                told_under(list, user, &events).len(),
                1,
                "{user} {list}: told under one id"
            );
        }
    }
    let known: Vec<String> = stage.redis.command(&["HKEYS", "rollcall:channels"]).await.unwrap();
    assert_eq!(known.len(), 3, "nothing of the rooms is remembered: {known:?}");
}

#[tokio::test]
async fn redis_while_the_list_of_channels_is_read() {
    harm(To::Redis, "HKEYS").await;
}

#[tokio::test]
async fn centrifugo_while_channels_are_listed() {
    harm(To::Centrifugo, "\"pattern\"").await;
}

#[tokio::test]
async fn redis_while_new_channels_are_written_down() {
    harm(To::Redis, "HSET").await;
}

#[tokio::test]
async fn centrifugo_while_it_is_asked() {
    harm(To::Centrifugo, "{\"presence\":").await;
}

#[tokio::test]
async fn redis_while_ledgers_are_read() {
    harm(To::Redis, "HMGET").await;
}

#[tokio::test]
async fn redis_while_the_roll_call_is_committed() {
    harm(To::Redis, "EVALSHA").await;
}

#[tokio::test]
async fn centrifugo_while_views_are_published() {
    harm(To::Centrifugo, "{\"publish\":").await;
}

#[tokio::test]
async fn eventbridge_while_events_are_announced() {
    harm(To::EventBridge, "PutEvents").await;
}

#[tokio::test]
async fn redis_while_the_outbox_is_cleared() {
    harm(To::Redis, "HDEL").await;
}
