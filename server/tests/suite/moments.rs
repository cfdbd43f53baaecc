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
    // What is kept is what is served; the next moment may come between two looks.
    let read = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap();
    let are_same = async || {
        let one = read(&serving.get("/v1/presence/site:main").await.body);
        let many = read(&serving.get("/v1/presence?channels=site:main").await.body);
        let kept = stage.members("site:main").await?;
        (one == kept && many["channels"]["site:main"] == kept).then_some(())
    };
    eventually(Duration::from_secs(5), "what is kept is served", are_same).await.unwrap();
    let answer = serving.get("/v1/presence/site:main").await;
    assert!(answer.header("cache-control").contains("s-maxage="), "{answer:?}");
}

#[tokio::test]
async fn a_younger_view_is_good_until_the_next_moment() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let report = stage.run(&["take"]).await.report();
    let kept = report["taken_at"].as_u64().unwrap();
    let started = now_seconds() * 1000;
    let serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    let first = view_after(&stage, kept).await["taken_at"].as_u64().unwrap();
    assert!(first % PERIOD == 0 && first >= started, "{kept} {started} {first}");
    assert!(serving.metric("rollcall_roll_calls_total{result=\"superseded\"}").await < 1.0);
}

/// How many roll calls had that result, of both.
async fn both(serving: &[Serving; 2], result: &str) -> f64 {
    let name = format!("rollcall_roll_calls_total{{result=\"{result}\"}}");
    serving[0].metric(&name).await + serving[1].metric(&name).await
}

/// Waits until the roll call of that moment is counted.
async fn counted(serving: &Serving, taken_at: u64) {
    let is_counted = async || {
        let last = serving.metric("rollcall_last_roll_call_timestamp_seconds").await;
        (last * 1000.0 >= taken_at as f64).then_some(())
    };
    eventually(Duration::from_secs(5), "the roll call is counted", is_counted).await.unwrap();
}

#[tokio::test]
async fn two_beside_one_redis_are_one() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    // One roll call may be missed. If the two took one each, nobody could miss a moment.
    stage.set("LEAVE_GRACE_SECONDS", "10");
    let visitor = stage.user("42", "site:main").await;
    let mut serving = [stage.serve().await, stage.serve().await];
    // The moment after the one that was taken at once: there is a whole period until the next.
    let at_once = view_after(&stage, 0).await["taken_at"].as_u64().unwrap();
    let first = view_after(&stage, at_once).await;
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
    counted(&serving[1], first + 2 * PERIOD).await;
    serving[0] = stage.serve().await;
    let taken = async || {
        let superseded = both(&serving, "superseded").await;
        (both(&serving, "committed").await, superseded, both(&serving, "failed").await)
    };
    let before = taken().await;
    let last = view_after(&stage, first + 2 * PERIOD).await;
    assert_eq!(last["taken_at"], first + 3 * PERIOD);
    for one in &serving {
        counted(one, first + 3 * PERIOD).await;
    }
    let after = taken().await;
    // Whoever came later is superseded, or has committed the very same once more.
    let (committed, superseded) = (after.0 - before.0, after.1 - before.1);
    let logs = || format!("{} {}", serving[0].log(), serving[1].log());
    assert_eq!((committed + superseded, after.2), (2.0, 0.0), "{}", logs());
    assert!(committed >= 1.0, "{}", logs());
}
