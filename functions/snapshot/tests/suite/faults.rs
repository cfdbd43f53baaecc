//! Redis gone, frozen, or holding something else.

use std::time::{Duration, Instant};

use crate::stage::Stage;

#[tokio::test]
async fn without_redis_the_store_is_unavailable_and_soon() {
    let mut stage = Stage::start(&[]).await;
    stage.keep("site:main").await;
    let _: () = stage.redis.command(&["CLIENT", "PAUSE", "1500", "ALL"]).await.unwrap();
    for path in ["/v1/presence/site:main", "/v1/health"] {
        let start = Instant::now();
        let answer = stage.get(path).await;
        assert!(start.elapsed() < Duration::from_millis(700), "{:?}", start.elapsed());
        answer.assert_problem(503, "store_unavailable");
        assert_eq!(answer.header("retry-after"), "5");
        assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
    }
    // Answered only after the pause.
    let _: String = stage.redis.command(&["PING"]).await.unwrap();
    assert_eq!(
        stage.get("/v1/presence/site:main").await.status,
        200,
        "the last good view is still there"
    );

    stage.redis.stop().await;
    stage.get("/v1/presence/site:main").await.assert_problem(503, "store_unavailable");
    stage.redis.restart().await.unwrap();
    stage.get("/v1/presence/site:main").await.assert_problem(404, "no_snapshot");
}

#[tokio::test]
async fn what_is_no_view_is_not_served() {
    let stage = Stage::start(&[]).await;
    for command in [
        vec!["SET", "rollcall:{room:1}:view", "text"],
        vec!["HSET", "rollcall:{room:2}:view", "taken_at", "soon", "members", "{}"],
        vec!["HSET", "rollcall:{room:3}:view", "members", "{}"],
        vec!["HSET", "rollcall:{room:4}:view", "taken_at", "7"],
    ] {
        let _: redis::Value = stage.redis.command(&command).await.unwrap();
    }
    for n in 1..=4 {
        stage.get(&format!("/v1/presence/room:{n}")).await.assert_problem(503, "store_unavailable");
    }
}
