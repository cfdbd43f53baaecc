//! What a process remembers.

use std::time::Duration;

use crate::stage::{Stage, TAKEN_AT};

const ROUTES: [&str; 5] = [
    "/v1/presence/site:main",
    "/v1/presence/site:main/members",
    "/v1/presence/site:main/history",
    "/v1/presence/site:main/badge.svg",
    "/v1/presence?channels=site:main",
];

#[tokio::test]
async fn for_a_second_redis_is_not_asked_again() {
    let stage = Stage::start(&[]).await;
    let first = stage.take("site:main", TAKEN_AT, 1).await;
    for path in ROUTES {
        assert_eq!(stage.get(path).await.status, 200, "{path}");
    }
    let second = stage.take("site:main", TAKEN_AT + 10, 2).await;
    let commands = stage.commands_for(async || {
        for path in ROUTES {
            assert_eq!(stage.get(path).await.status, 200, "{path}");
        }
        stage.later(999);
        assert_eq!(stage.get("/v1/presence/site:main").await.body, first.members);
    });
    assert_eq!(commands.await, 0);
    stage.later(1);
    let commands = stage.commands_for(async || {
        assert_eq!(stage.get("/v1/presence/site:main").await.body, second.members);
    });
    assert_eq!(commands.await, 1);
}

#[tokio::test]
async fn that_nothing_is_kept_is_not_remembered() {
    let mut stage = Stage::start(&[]).await;
    stage.get("/v1/presence/site:main").await.assert_problem(404, "no_snapshot");
    let views = stage.keep("site:main").await;
    assert_eq!(stage.get("/v1/presence/site:main").await.body, views.members);
    let _: u64 = stage.redis.command(&["DEL", "rollcall:{site:main}:view"]).await.unwrap();
    stage.later(1000);
    stage.get("/v1/presence/site:main").await.assert_problem(404, "no_snapshot");
    stage.redis.process().kill();
    stage.get("/v1/presence/site:main").await.assert_problem(503, "store_unavailable");
}

#[tokio::test]
async fn while_redis_does_not_answer_what_is_remembered_is_served() {
    let mut stage = Stage::start(&[]).await;
    stage.take("site:main", TAKEN_AT, 1).await;
    let mut bodies = Vec::new();
    for path in ROUTES {
        bodies.push(stage.get(path).await.body);
    }
    let all_are_served = async |stage: &Stage| {
        for (path, body) in ROUTES.iter().zip(&bodies) {
            let answer = stage.get(path).await;
            assert_eq!((answer.status.as_u16(), &answer.body), (200, body), "{path}");
            assert!(answer.header("cache-control").contains("s-maxage=1,"), "asked for soon again");
        }
        stage.get("/v1/presence/room:1").await.assert_problem(503, "store_unavailable");
        let some = stage.get("/v1/presence?channels=site:main,room:1").await;
        some.assert_problem(503, "store_unavailable");
        stage.get("/v1/health").await.assert_problem(503, "store_unavailable");
    };
    stage.redis.process().freeze();
    stage.later(3_600_000);
    all_are_served(&stage).await;
    // It costs the first request its time, and those of the next second none.
    stage.later(1000);
    for (path, most) in ROUTES.iter().zip([600, 0, 0, 0, 0]) {
        let (answer, waited) = stage.get_in_vain(path).await;
        assert_eq!(answer.status, 200);
        assert!(waited <= Duration::from_millis(most), "{path}: {waited:?}");
        assert!(most == 0 || waited > Duration::ZERO, "{path}: Redis was asked");
    }
    stage.redis.process().thaw();
    stage.redis.process().kill();
    stage.later(1000);
    all_are_served(&stage).await;

    // An empty Redis answers: nothing is kept.
    stage.redis.restart().await.unwrap();
    stage.later(1000);
    stage.get("/v1/presence/site:main").await.assert_problem(404, "no_snapshot");
}

/// Like a load test, but short and in one process: many readers, and a Redis that goes and comes back.
#[tokio::test]
async fn under_load_no_body_is_wrong_and_no_channel_is_lost() {
    let mut stage = Stage::start(&[]).await;
    let channels: Vec<String> = (0..20).map(|n| format!("room:{n}")).collect();
    let mut bodies = Vec::new();
    for channel in &channels {
        stage.take(channel, TAKEN_AT, 3).await;
        bodies.push(stage.get(&format!("/v1/presence/{channel}")).await.body);
    }
    let mut answers = 0;
    for round in 0..60 {
        match round {
            20 => stage.redis.process().freeze(),
            40 => stage.redis.process().thaw(),
            _ => {}
        }
        stage.later(100);
        let paths: Vec<String> =
            channels.iter().map(|channel| format!("/v1/presence/{channel}")).collect();
        let asked = futures_util::future::join_all(paths.iter().map(|path| stage.get(path)));
        for (answer, body) in asked.await.iter().zip(&bodies) {
            assert_eq!((answer.status.as_u16(), &answer.body), (200, body));
            answers += 1;
        }
    }
    assert!(answers > 1000, "{answers}");
}
