//! The process killed between two steps, and started again by the next minute.

use std::path::Path;

use harness::{Fault, FaultProxy, Moto, Sandbox, aws_at, told_under};
use serde_json::json;

use crate::stage::Stage;

const COLLECTOR: &str = env!("CARGO_BIN_EXE_collector");

async fn sandbox(stage: &Stage) -> Sandbox {
    Sandbox::start(Path::new(COLLECTOR), stage.variables()).await.unwrap()
}

/// A stage whose events go to that bus.
async fn announcing_stage(watched: &str, moto: &Moto, bus: &str) -> Stage {
    let mut stage = Stage::watching(watched).await;
    stage.set("EVENT_BUS_NAME", bus);
    for (name, value) in aws_at(&moto.url()) {
        stage.set(name, &value);
    }
    stage
}

/// Takes a roll call through these proxies, and kills it as soon as one of them does harm to the bytes that hold `mark`.
async fn kill_at(
    stage: &mut Stage,
    [redis, centrifugo]: [&FaultProxy; 2],
    (proxy, mark, fault): (&FaultProxy, &str, Fault),
) {
    stage.set("REDIS_URL", &format!("redis://127.0.0.1:{}", redis.port()));
    stage.set("CENTRIFUGO_API_URL", &format!("http://127.0.0.1:{}/api", centrifugo.port()));
    proxy.strike_at(mark, fault);
    let mut killed = sandbox(stage).await;
    killed.send(json!({}));
    proxy.struck().await.unwrap();
    killed.process().kill();
}

#[tokio::test]
async fn a_kill_between_any_two_steps_loses_nothing() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let mut stage = announcing_stage("site:main,room:*", moto, queue.bus()).await;
    sandbox(&stage).await.invoke(json!({})).await.unwrap();
    let good = stage.variables().clone();
    let redis = FaultProxy::start(stage.redis.port()).await.unwrap();
    let centrifugo = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
    let bus = FaultProxy::start(moto.port()).await.unwrap();
    let mut visitors = Vec::new();
    let mut rooms = Vec::new();
    let mut events = Vec::new();
    // Where the process stands when it is killed: each step under way, or done with its answer on the way back.
    for (proxy, mark, fault) in [
        (&centrifugo, "{\"presence\":", Fault::Hang),
        (&redis, "HSET", Fault::Hang),
        (&redis, "HSET", Fault::LoseAnswer),
        (&redis, "HMGET", Fault::Hang),
        (&redis, "EVALSHA", Fault::Hang),
        (&redis, "EVALSHA", Fault::LoseAnswer),
        (&centrifugo, "{\"publish\":", Fault::Hang),
        (&bus, "PutEvents", Fault::Hang),
        (&bus, "PutEvents", Fault::LoseAnswer),
        (&redis, "HDEL", Fault::Hang),
        (&redis, "HDEL", Fault::LoseAnswer),
    ] {
        let user = format!("{mark} {fault:?}");
        visitors.push(stage.user(&user, json!({}), &["site:main"]).await);
        // A room that is found at this roll call, and left before the next.
        let room = format!("room:{}", rooms.len());
        let passer_by = stage.user(&format!("{user} in {room}"), json!({}), &[&room]).await;
        stage.set("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{}", bus.port()));
        kill_at(&mut stage, [&redis, &centrifugo], (proxy, mark, fault)).await;
        passer_by.leave().await;
        stage.centrifugo.wait_for_clients(&room, 0).await.unwrap();
        rooms.push(room);

        good.iter().for_each(|(name, value)| stage.set(name, value));
        let report = sandbox(&stage).await.invoke(json!({})).await.unwrap();
        assert_eq!(report["roll_calls"][0]["failed"], json!([]), "{user}");
        let view = stage.members("site:main").await.unwrap();
        assert_eq!(
            (&view["present"], &view["taken_at"]),
            (&json!(visitors.len()), &report["roll_calls"][0]["taken_at"])
        );
        events.extend(queue.take().await.unwrap());
        assert_eq!(told_under("joined", &user, &events).len(), 1, "{user}: {events:?}");
    }
    for _ in 0..2 {
        sandbox(&stage).await.invoke(json!({})).await.unwrap();
    }
    events.extend(queue.take().await.unwrap());
    for event in events.iter().filter(|event| event["detail"]["channel"] != "site:main") {
        // Whoever was found in a room, and was told to have joined, is told to have left.
        for member in event["detail"]["joined"].as_array().into_iter().flatten() {
            let user = member["id"].as_str().unwrap();
            for list in ["joined", "left"] {
                assert_eq!(told_under(list, user, &events).len(), 1, "{user} {list}: {events:?}");
            }
        }
    }
    let vacated = events.iter().filter(|event| event["detail-type"] == "Channel Vacated");
    assert!(vacated.count() >= 6, "most kills come after the commit: {events:?}");
    let known: Vec<String> = stage.redis.command(&["HKEYS", "rollcall:channels"]).await.unwrap();
    assert!(!known.iter().any(|channel| rooms.contains(channel)), "all are forgotten: {known:?}");
}

#[tokio::test]
async fn a_kill_at_any_step_with_two_batches_under_way_loses_nothing() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    // A batch has 250 channels: the first is in one, the last in another.
    let channels: Vec<String> = (100..400).map(|n| format!("room:{n}")).collect();
    let (first, last) = ("room:100", "room:399");
    let mut stage = announcing_stage(&channels.join(","), moto, queue.bus()).await;
    sandbox(&stage).await.invoke(json!({})).await.unwrap();
    let good = stage.variables().clone();
    let redis = FaultProxy::start(stage.redis.port()).await.unwrap();
    let centrifugo = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
    let mut visitors = Vec::new();
    let mut events = Vec::new();
    // Each step of either batch under way, or done with its answer on the way back, while the other goes on.
    for (proxy, mark, fault) in [
        (&centrifugo, "{\"channel\":\"room:100\"}", Fault::Hang),
        (&centrifugo, "{\"channel\":\"room:399\"}", Fault::Hang),
        (&redis, "{room:100}:ledger", Fault::Hang),
        (&redis, "{room:399}:ledger", Fault::Hang),
        (&redis, "{room:100}:view", Fault::Hang),
        (&redis, "{room:100}:view", Fault::LoseAnswer),
        (&redis, "{room:399}:view", Fault::Hang),
        (&redis, "{room:399}:view", Fault::LoseAnswer),
        (&centrifugo, "\"presence:room:100\"", Fault::Hang),
        (&centrifugo, "\"presence:room:399\"", Fault::Hang),
        (&centrifugo, "\"presence:room:399\"", Fault::LoseAnswer),
    ] {
        let user = format!("{mark} {fault:?}");
        let users = [first, last].map(|room| format!("{user} in {room}"));
        for (room, user) in [first, last].into_iter().zip(&users) {
            visitors.push(stage.user(user, json!({}), &[room]).await);
        }
        kill_at(&mut stage, [&redis, &centrifugo], (proxy, mark, fault)).await;

        good.iter().for_each(|(name, value)| stage.set(name, value));
        let report = sandbox(&stage).await.invoke(json!({})).await.unwrap();
        let report = &report["roll_calls"][0];
        assert_eq!((&report["failed"], &report["committed"]), (&json!([]), &json!(300)), "{user}");
        events.extend(queue.take().await.unwrap());
        for (room, user) in [first, last].into_iter().zip(&users) {
            let view = stage.members(room).await.unwrap();
            assert_eq!(
                (&view["present"], &view["taken_at"]),
                (&json!(visitors.len() / 2), &report["taken_at"]),
                "{user}"
            );
            assert_eq!(told_under("joined", user, &events).len(), 1, "{user}: {events:?}");
        }
    }
}

#[tokio::test]
async fn wrong_settings_stop_the_start_in_one_line_that_names_them_all() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "7");
    stage.set("REDIS_URL", "hunter2");
    stage.set("CENTRIFUGO_API_KEY", "");
    let mut sandbox = sandbox(&stage).await;
    let ended = sandbox.answer().await.unwrap_err().to_string();
    for name in ["PERIOD_SECONDS", "REDIS_URL", "CENTRIFUGO_API_KEY"] {
        assert!(ended.contains(name), "{ended}");
    }
    assert!(!ended.contains("hunter2"), "{ended}");
    assert!(!sandbox.process().ended().unwrap().success());
}

#[tokio::test]
async fn an_invocation_that_commits_nothing_has_a_stable_error_type() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("CENTRIFUGO_API_KEY", "wrong");
    let mut refused = sandbox(&stage).await;
    refused.send(json!({"scheduled_at": "2026-11-24T12:00:00Z"}));
    let harness::Answered::Error { error_type, message } = refused.answer().await.unwrap() else {
        unreachable!("nothing could be committed")
    };
    assert_eq!(error_type, "CentrifugoRefused");
    assert!(message.contains("CENTRIFUGO_API_KEY"), "{message}");
}
