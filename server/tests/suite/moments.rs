//! Roll calls on the clock, by one and by two.

use std::time::Duration;

use harness::{eventually, now_seconds};
use serde_json::{Value, json};

use crate::stage::{Serving, Stage};

const PERIOD: u64 = 10_000;

/// Waits until a view of a later moment is kept.
async fn view_after(stage: &Stage, taken_at: u64) -> Value {
    let kept = async || {
        let view = stage.members("site:main").await?;
        (view["taken_at"].as_u64().unwrap() > taken_at).then_some(view)
    };
    eventually(Duration::from_secs(25), "the next view", kept).await.unwrap()
}

#[tokio::test]
async fn the_last_moment_is_taken_at_once_where_nothing_younger_is_kept() {
    // The period is a minute: nobody would wait for the next moment here.
    let mut stage = Stage::watching("site:main").await;
    let _visitor = stage.user("42", "site:main").await;
    let before = now_seconds() * 1000;
    let serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    let view = stage.members("site:main").await.unwrap();
    let taken_at = view["taken_at"].as_u64().unwrap();
    assert_eq!(taken_at % 60_000, 0, "{view}");
    assert!(taken_at + 60_000 > before && taken_at <= (now_seconds() + 1) * 1000, "{view}");
    // What is kept is what is served.
    let answer = serving.get("/v1/presence/site:main").await;
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), view);
    assert!(answer.header("cache-control").contains("s-maxage="), "{answer:?}");
    let many = serving.get("/v1/presence?channels=site:main").await;
    assert_eq!(serde_json::from_slice::<Value>(&many.body).unwrap()["channels"]["site:main"], view);
}

#[tokio::test]
async fn a_younger_view_is_good_until_the_next_moment() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let report = stage.run(&["take"]).await.report();
    let kept = report["taken_at"].as_u64().unwrap();
    let serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    let first = view_after(&stage, kept).await["taken_at"].as_u64().unwrap();
    assert_eq!(first, kept - kept % PERIOD + PERIOD);
    assert!(serving.metric("rollcall_roll_calls_total{result=\"superseded\"}").await < 1.0);
}

/// How many roll calls had that result, of both.
async fn both(serving: &[Serving; 2], result: &str) -> f64 {
    let name = format!("rollcall_roll_calls_total{{result=\"{result}\"}}");
    serving[0].metric(&name).await + serving[1].metric(&name).await
}

#[tokio::test]
async fn two_beside_one_redis_are_one() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    // One roll call may be missed. If the two took one each, nobody could miss a moment.
    stage.set("LEAVE_GRACE_SECONDS", "10");
    let visitor = stage.user("42", "site:main").await;
    let mut serving = [stage.serve().await, stage.serve().await];
    let first = view_after(&stage, 0).await;
    let (since, first) = (&first["members"][0]["since"], first["taken_at"].as_u64().unwrap());
    assert!(since.is_u64());
    visitor.leave().await;
    stage.centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    let missed = view_after(&stage, first).await;
    assert_eq!((&missed["present"], &missed["taken_at"]), (&json!(0), &json!(first + PERIOD)));
    let _visitor = stage.user("42", "site:main").await;
    // One of the two is killed, and the other takes what is next.
    serving[0].process.kill();
    let back = view_after(&stage, first + PERIOD).await;
    assert_eq!(&back["members"][0]["since"], since, "an absence within the grace: {back}");
    assert_eq!(back["taken_at"], first + 2 * PERIOD);
    // It is started again, and both are one as before.
    serving[0] = stage.serve().await;
    let (committed, superseded) =
        (both(&serving, "committed").await, both(&serving, "superseded").await);
    let last = view_after(&stage, first + 2 * PERIOD).await;
    assert_eq!(last["taken_at"], first + 3 * PERIOD);
    let is_through = async || {
        let all = both(&serving, "committed").await + both(&serving, "superseded").await;
        (all >= committed + superseded + 2.0).then_some(())
    };
    eventually(Duration::from_secs(5), "both have taken it", is_through).await.unwrap();
    assert!((both(&serving, "committed").await - committed - 1.0).abs() < 0.1);
    assert!((both(&serving, "superseded").await - superseded - 1.0).abs() < 0.1);
    assert!(both(&serving, "failed").await < 0.1);
}
