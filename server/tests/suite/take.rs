//! One roll call, and the exit status.

use harness::now_seconds;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn one_roll_call_is_taken_at_once_and_its_report_printed() {
    let mut stage = Stage::watching("site:main,room:*").await;
    // Whatever the period: no moment of the clock is waited for.
    stage.set("PERIOD_SECONDS", "30");
    let _visitor = stage.user("42", "site:main").await;
    let before = now_seconds() * 1000;
    let ended = stage.run(&["take"]).await;
    let after = (now_seconds() + 1) * 1000;
    assert_eq!(ended.status, 0, "{ended:?}");
    let report = ended.report();
    assert_eq!((&report["watched"], &report["committed"]), (&json!(1), &json!(1)), "{report}");
    let taken_at = report["taken_at"].as_u64().unwrap();
    assert!((before..=after).contains(&taken_at), "{before} {taken_at} {after}");
    let view = stage.members("site:main").await.unwrap();
    assert_eq!((&view["taken_at"], &view["members"][0]["id"]), (&json!(taken_at), &json!("42")));
    assert!(ended.stderr.contains("1 of 1 channels committed"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_machine_that_trusts_no_authority_takes_roll_calls_all_the_same() {
    let mut stage = Stage::watching("site:main").await;
    // As in an image with this one program in it.
    stage.set("SSL_CERT_FILE", "/dev/null");
    let ended = stage.run(&["take"]).await;
    assert_eq!((ended.status, &ended.report()["committed"]), (0, &json!(1)), "{ended:?}");
}

#[tokio::test]
async fn what_an_invocation_would_call_a_success_is_one() {
    let stage = Stage::watching("room:*").await;
    let nothing = stage.run(&["take"]).await;
    assert_eq!((nothing.status, &nothing.report()["watched"]), (0, &json!(0)), "{nothing:?}");

    let stage = Stage::watching("site:main").await;
    // Somebody whose clock is a little ahead has been here.
    let newer = ((now_seconds() + 5) * 1000).to_string();
    let words = ["HSET", "rollcall:{site:main}:view", "taken_at", &newer];
    let _: u64 = stage.redis.command(&words).await.unwrap();
    let superseded = stage.run(&["take"]).await;
    assert_eq!(superseded.status, 0, "{superseded:?}");
    assert_eq!(superseded.report()["superseded"], 1);

    // One bad channel is in the report, and makes no failure of it.
    let stage = Stage::watching("site:main,plain:x").await;
    let partly = stage.run(&["take"]).await;
    assert_eq!((partly.status, &partly.report()["committed"]), (0, &json!(1)), "{partly:?}");
    assert_eq!(partly.report()["failed"][0]["channel"], "plain:x");
}

#[tokio::test]
async fn where_nothing_can_be_committed_the_type_of_the_error_is_told() {
    let mut stage = Stage::watching("site:main").await;
    let good = stage.centrifugo.api_key();
    stage.set("CENTRIFUGO_API_KEY", "hunter2");
    let refused = stage.run(&["take"]).await;
    stage.set("CENTRIFUGO_API_KEY", good);
    stage.centrifugo.stop().await;
    let unavailable = stage.run(&["take"]).await;
    stage.redis.stop().await;
    let no_store = stage.run(&["take"]).await;
    for (ended, error_type) in [
        (refused, "CentrifugoRefused: "),
        (unavailable, "CentrifugoUnavailable: "),
        (no_store, "StoreUnavailable: "),
    ] {
        assert_eq!(ended.status, 1, "{ended:?}");
        assert!(ended.stderr.lines().any(|line| line.starts_with(error_type)), "{ended:?}");
        assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
        assert_eq!(ended.report()["committed"], 0);
    }
}

#[tokio::test]
async fn each_wrong_setting_is_a_line() {
    let mut stage = Stage::watching("room:{a").await;
    stage.set("CENTRIFUGO_API_KEY", "hunter2\n");
    stage.set("REDIS_URL", "");
    stage.set("SHARD_BUS_NAME", "shards");
    let ended = stage.run(&["take"]).await;
    assert_eq!((ended.status, ended.stdout.as_str()), (2, ""));
    let mut names: Vec<&str> =
        ended.stderr.lines().map(|line| line.split(' ').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["CENTRIFUGO_API_KEY", "REDIS_URL", "SHARD_BUS_NAME", "WATCH_CHANNELS"]);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    assert_eq!(stage.run(&["give"]).await.status, 2);
}
