//! The day behind.

use serde_json::{Value, json};

use crate::stage::{PEAK, Stage, TAKEN_AT};

const MINUTE: u64 = 60_000;

#[tokio::test]
async fn the_minutes_end_with_the_last_roll_call() {
    let stage = Stage::start(&[("VISIBILITY", "counts")]).await;
    stage.take("site:main", TAKEN_AT - 3 * MINUTE, 12).await;
    stage.take("site:main", TAKEN_AT - 2 * MINUTE, 0).await;
    stage.take("site:main", TAKEN_AT, 7).await;
    let answer = stage.get("/v1/presence/site:main/history").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("etag"), format!("\"{TAKEN_AT}-history\""));
    assert!(answer.header("cache-control").contains("s-maxage=41"));
    let history: Value = serde_json::from_str(&answer.body).unwrap();
    let mut present = vec![Value::Null; 1436];
    present.extend([json!(12), json!(0), Value::Null, json!(7)]);
    let last = TAKEN_AT / MINUTE * MINUTE;
    let peak: Value = serde_json::from_str(PEAK).unwrap();
    assert_eq!(
        history,
        json!({"v": 1, "channel": "site:main", "step": 60, "from": last - 1439 * MINUTE, "present": present, "peak": peak})
    );
    let known = answer.header("etag");
    let path = "/v1/presence/site:main/history";
    assert_eq!(stage.ask("GET", path, &[("if-none-match", known)]).await.status, 304);
}

#[tokio::test]
async fn a_history_is_one_round_trip_and_of_any_name() {
    let stage = Stage::start(&[]).await;
    stage.take("room:\\\"x", TAKEN_AT, 1).await;
    let commands = stage.commands_for(async || {
        let answer = stage.get("/v1/presence/room:%5C%22x/history").await;
        let history: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(history["channel"], "room:\\\"x");
    });
    // HMGET and GET, and two with which the connection introduces itself.
    assert!(commands.await <= 4);
    stage.get("/v1/presence/room:none/history").await.assert_problem(404, "no_snapshot");
    stage.get("/v1/presence/none/history").await.assert_problem(404, "unknown_channel");
}
