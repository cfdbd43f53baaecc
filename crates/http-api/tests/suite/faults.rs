//! Redis gone, frozen, or holding something else.

use std::time::Duration;

use crate::stage::{Stage, TAKEN_AT};

#[tokio::test]
async fn without_redis_the_store_is_unavailable_and_soon() {
    let mut stage = Stage::start(&[]).await;
    stage.keep("site:main").await;
    stage.redis.process().freeze();
    for path in ["/v1/presence/site:main", "/v1/health"] {
        let (answer, waited) = stage.get_in_vain(path).await;
        assert!(waited <= Duration::from_millis(600), "{path}: {waited:?}");
        answer.assert_problem(503, "store_unavailable");
        assert_eq!(answer.header("retry-after"), "5");
        assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
    }
    stage.redis.process().thaw();
    let _: String = stage.redis.command(&["PING"]).await.unwrap();
    assert_eq!(
        stage.get("/v1/presence/site:main").await.status,
        200,
        "the last good view is still there"
    );

    stage.redis.stop().await;
    // What this process has served it remembers; the rest it can't know.
    stage.later(1000);
    assert_eq!(stage.get("/v1/presence/site:main").await.status, 200);
    stage.get("/v1/presence/room:1").await.assert_problem(503, "store_unavailable");
    stage.redis.restart().await.unwrap();
    stage.later(1000);
    stage.get("/v1/presence/site:main").await.assert_problem(404, "no_snapshot");
}

#[tokio::test]
async fn what_is_no_view_is_not_served() {
    let stage = Stage::start(&[]).await;
    let whole = stage.take("room:5", TAKEN_AT, 7).await.members;
    for command in [
        vec!["SET", "rollcall:{room:1}:view", "text"],
        vec!["HSET", "rollcall:{room:2}:view", "taken_at", "soon", "members", &whole],
        vec!["HSET", "rollcall:{room:3}:view", "members", &whole],
        vec!["HSET", "rollcall:{room:4}:view", "taken_at", "7"],
        vec!["HSET", "rollcall:{room:5}:view", "members", &whole[..whole.len() / 2]],
    ] {
        let _: redis::Value = stage.redis.command(&command).await.unwrap();
    }
    for n in 1..=5 {
        let answer = stage.get(&format!("/v1/presence/room:{n}")).await;
        answer.assert_problem(503, "store_unavailable");
        assert!(!answer.body.contains("channel"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_view_that_was_cut_is_not_served_from_memory_either() {
    let stage = Stage::start(&[]).await;
    let whole = stage.take("site:main", TAKEN_AT, 7).await;
    for path in ["", "/badge.svg", "/history"] {
        assert_eq!(stage.get(&format!("/v1/presence/site:main{path}")).await.status, 200);
    }
    for (field, view) in [("counts", &whole.counts), ("members", &whole.members)] {
        let half = &view[..view.len() / 2];
        let words = ["HSET", "rollcall:{site:main}:view", field, half];
        let _: u64 = stage.redis.command(&words).await.unwrap();
    }
    stage.later(1000);
    for path in ["", "/members", "/badge.svg", "/history"] {
        let answer = stage.get(&format!("/v1/presence/site:main{path}")).await;
        answer.assert_problem(503, "store_unavailable");
    }
}
