//! Events on their way to a webhook: the outbox promises there what it promises on a bus.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use harness::{Fault, FaultProxy, Hook, Message, Reception, Sandbox, Visitor};
use serde_json::json;

use crate::stage::{Stage, T0};

const MINUTE: u64 = 60_000;

/// A stage that announces to that address. Its channels have had a roll call already.
async fn announcing_to(url: &str) -> Stage {
    let mut stage = Stage::watching("site:main,room:*").await;
    stage.set("EVENT_WEBHOOK_URL", url);
    stage.set("EVENT_WEBHOOK_SECRET", Hook::SECRET);
    stage.roll_call(T0).await.unwrap();
    stage
}

/// Somebody comes to so many rooms; the events are two for each, changed and occupied.
async fn come(stage: &Stage, user: &str, rooms: usize) -> Visitor {
    let rooms: Vec<String> = (0..rooms).map(|room| format!("room:{room}")).collect();
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    stage.user(user, json!({"name": user}), &rooms).await
}

/// How often each event came, by its id in the body; all of them signed, and under one `webhook-id` each.
fn told(messages: &[Message]) -> BTreeMap<String, usize> {
    let (mut told, mut ids) = (BTreeMap::new(), BTreeSet::new());
    for message in messages {
        assert_eq!(message.forged, None);
        let id = message.body["data"]["id"].as_str().unwrap().to_owned();
        ids.insert((id.clone(), message.id.clone()));
        *told.entry(id).or_default() += 1;
    }
    assert_eq!(ids.len(), told.len(), "one id on every try: {ids:?}");
    told
}

#[tokio::test]
async fn what_is_refused_is_sent_again_under_its_id_and_what_was_taken_is_not() {
    let refusing = |before: usize| Reception::Status(if before % 3 == 2 { 500 } else { 204 });
    let hook = Hook::start(refusing).await.unwrap();
    let stage = announcing_to(&hook.url()).await;
    let _ann = come(&stage, "ann", 12).await;
    let mut announced = 0;
    for minute in 1..8 {
        let report = stage.roll_call(T0 + minute * MINUTE).await.unwrap();
        assert_eq!((report.committed, report.published), (13, 13));
        announced += report.announced;
    }
    assert_eq!(announced, 24);
    let told = told(&hook.received());
    assert_eq!(told.len(), 24, "{told:?}");
    assert_eq!(told.values().sum::<usize>(), 24 + 11, "each third of 35 was refused");
}

#[tokio::test]
async fn while_it_is_dead_events_wait_and_a_channel_that_it_cant_take_holds_up_no_other() {
    let mut stage = announcing_to("http://127.0.0.1:1/").await;
    let _ann = come(&stage, "ann", 2).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.announced), (3, 0));
    assert!(report.failed[0].error.contains("EVENT_WEBHOOK_URL"), "{report:?}");

    let hook = Hook::start(|before| Reception::Status(if before == 0 { 500 } else { 200 }));
    let hook = hook.await.unwrap();
    stage.set("EVENT_WEBHOOK_URL", &hook.url());
    assert_eq!(stage.roll_call(T0 + 2 * MINUTE).await.unwrap().announced, 3);
    assert_eq!(stage.roll_call(T0 + 3 * MINUTE).await.unwrap().announced, 1);
    let told = told(&hook.received());
    let first = format!("@{}#", T0 + MINUTE);
    assert!(told.len() == 4 && told.keys().all(|id| id.contains(&first)), "{told:?}");
}

#[tokio::test]
async fn one_that_is_slow_costs_ten_seconds_and_nobodys_view() {
    let hook = Hook::start(|_| Reception::Slow(Duration::from_secs(4))).await.unwrap();
    let stage = announcing_to(&hook.url()).await;
    let _ann = come(&stage, "ann", 20).await;
    let start = Instant::now();
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert!((9..13).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert_eq!((report.committed, report.announced), (21, 16), "eight at once, twice");
    assert!(report.failed.iter().any(|failed| failed.error.contains("too slow")), "{report:?}");
    assert_eq!(told(&hook.received()).len(), 24, "of which eight have no answer yet");
}

#[tokio::test]
async fn a_kill_before_or_after_it_has_answered_loses_nothing() {
    let hook = Hook::start(|_| Reception::Status(200)).await.unwrap();
    let port = hook.url().split(':').nth(2).unwrap().split('/').next().unwrap().parse().unwrap();
    let proxy = FaultProxy::start(port).await.unwrap();
    let mut stage = announcing_to(&hook.url()).await;
    let sandbox = async |stage: &Stage| {
        let program = Path::new(env!("CARGO_BIN_EXE_collector"));
        Sandbox::start(program, stage.variables()).await.unwrap()
    };
    sandbox(&stage).await.invoke(json!({})).await.unwrap();
    let mut visitors = Vec::new();
    for fault in [Fault::Hang, Fault::LoseAnswer] {
        let user = format!("{fault:?}");
        visitors.push(stage.user(&user, json!({}), &["site:main"]).await);
        stage.set(
            "EVENT_WEBHOOK_URL",
            &hook.url().replace(&port.to_string(), &proxy.port().to_string()),
        );
        proxy.strike_at("POST /hooks", fault);
        let mut killed = sandbox(&stage).await;
        killed.send(json!({}));
        proxy.struck().await.unwrap();
        killed.process().kill();
        stage.set("EVENT_WEBHOOK_URL", &hook.url());
        sandbox(&stage).await.invoke(json!({})).await.unwrap();
        let messages = hook.received();
        let about = messages
            .iter()
            .filter(|message| message.body["data"]["joined"][0]["id"] == user.as_str());
        let ids: BTreeSet<&str> = about.map(|message| message.id.as_str()).collect();
        assert_eq!(ids.len(), 1, "{user}: {messages:?}");
        told(&messages);
    }
}
