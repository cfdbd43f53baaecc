//! What is remembered from one roll call to the next.

use harness::{Answer, Canned};
use serde_json::json;

use crate::stage::{Stage, T0};

const MINUTE: u64 = 60_000;

#[tokio::test]
async fn who_comes_and_goes_is_counted_and_since_survives_the_grace() {
    let stage = Stage::watching("site:main").await;
    let ann = stage.user("1", json!({"name": "Ann"}), &["site:main"]).await;
    let first = stage.roll_call(T0).await.unwrap();
    assert_eq!((first.joined, first.left), (0, 0), "the first roll call ever is a baseline");

    let _bo = stage.user("2", json!({"name": "Bo"}), &["site:main"]).await;
    let second = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((second.joined, second.failed), (1, vec![]), "with nobody to announce to");
    ann.leave().await;
    stage.centrifugo.wait_for_clients("site:main", 1).await.unwrap();
    assert_eq!(stage.roll_call(T0 + 2 * MINUTE).await.unwrap().left, 0);
    let view = stage.members("site:main").await.unwrap();
    assert_eq!(
        view["recent"],
        json!([{"id": "1", "info": {"name": "Ann"}, "last_seen": T0 + MINUTE}])
    );

    let ann = stage.user("1", json!({"name": "Ann"}), &["site:main"]).await;
    assert_eq!(stage.roll_call(T0 + 3 * MINUTE).await.unwrap().joined, 0);
    let view = stage.members("site:main").await.unwrap();
    assert_eq!(
        (&view["members"][0]["id"], &view["members"][0]["since"]),
        (&json!("1"), &json!(T0))
    );

    ann.leave().await;
    stage.centrifugo.wait_for_clients("site:main", 1).await.unwrap();
    stage.roll_call(T0 + 4 * MINUTE).await.unwrap();
    assert_eq!(stage.roll_call(T0 + 5 * MINUTE).await.unwrap().left, 1);
}

#[tokio::test]
async fn a_restart_of_centrifugo_is_nobodys_leaving() {
    let mut stage = Stage::watching("site:main").await;
    let ann = stage.user("1", json!({"name": "Ann"}), &["site:main"]).await;
    stage.roll_call(T0).await.unwrap();
    stage.centrifugo.restart().await.unwrap();
    drop(ann);
    assert_eq!(stage.roll_call(T0 + MINUTE).await.unwrap().left, 0);
    let _ann = stage.user("1", json!({"name": "Ann"}), &["site:main"]).await;
    let report = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((report.joined, report.left), (0, 0));
    assert_eq!(stage.members("site:main").await.unwrap()["members"][0]["since"], T0);
}

#[tokio::test]
async fn a_channel_of_a_glob_is_asked_until_it_is_vacated_and_then_forgotten() {
    let stage = Stage::watching("room:*").await;
    assert_eq!(stage.roll_call(T0).await.unwrap().watched, 0);
    let ann = stage.user("1", json!({}), &["room:1"]).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!(
        (report.watched, report.joined),
        (1, 1),
        "no baseline: there was a roll call, of no channel"
    );
    ann.leave().await;
    stage.centrifugo.wait_for_clients("room:1", 0).await.unwrap();
    let missed = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((missed.watched, missed.left), (1, 0));
    assert_eq!(stage.members("room:1").await.unwrap()["present"], 0);
    let left = stage.roll_call(T0 + 3 * MINUTE).await.unwrap();
    assert_eq!((left.watched, left.left), (1, 1));
    assert_eq!(stage.roll_call(T0 + 4 * MINUTE).await.unwrap().watched, 0);
}

#[tokio::test]
async fn an_unknown_list_is_not_an_empty_one() {
    let mut stage = Stage::watching("room:*,site:main").await;
    let _ann = stage.user("1", json!({}), &["room:1"]).await;
    stage.roll_call(T0).await.unwrap();
    // The list can't be had, as while a node of Centrifugo is being given up; the presence can.
    let good = stage.centrifugo.api_url();
    let ok = |body: &str| Answer::Body(200, body.into());
    let no_list = || ok(r#"{"error":{"code":100,"message":"internal server error"}}"#);
    let presence = ok(
        // site:main comes first, since it is watched by name.
        r#"{"replies":[{"presence":{"presence":{}}},{"presence":{"presence":{"c":{"user":"1"}}}}]}"#,
    );
    let published = ok(r#"{"replies":[{"publish":{}},{"publish":{}}]}"#);
    let canned = Canned::start(vec![no_list(), no_list(), presence, published]).await.unwrap();
    stage.set("CENTRIFUGO_API_URL", &canned.url());
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.watched, report.committed), (2, 2), "{report:?}");
    assert_eq!(report.failed[0].channel, "room:*");
    assert_eq!(canned.requests().len(), 4, "the list is asked for once more");
    stage.set("CENTRIFUGO_API_URL", &good);
    let report = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((report.watched, report.joined, report.left), (2, 0, 0));
}

#[tokio::test]
async fn a_redis_that_was_emptied_begins_with_a_baseline() {
    let mut stage = Stage::watching("site:main").await;
    let mut ann = stage.user("1", json!({}), &["site:main", "presence:site:main"]).await;
    stage.roll_call(T0).await.unwrap();
    ann.next_publication("presence:site:main").await.unwrap();
    stage.redis.restart().await.unwrap();
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.joined), (1, 0));
    assert_eq!(
        ann.next_publication("presence:site:main").await.unwrap().version,
        Some(T0 + MINUTE)
    );
}

#[tokio::test]
async fn a_ledger_that_is_none_is_replaced_and_announces_nothing() {
    let stage = Stage::watching("site:main").await;
    let _ann = stage.user("1", json!({}), &["site:main"]).await;
    stage.roll_call(T0).await.unwrap();
    let _: u64 = stage
        .redis
        .command(&["HSET", "rollcall:{site:main}:ledger", "users", "\u{1}garbage"])
        .await
        .unwrap();
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.joined, report.left), (1, 0, 0));
    assert_eq!(stage.roll_call(T0 + 2 * MINUTE).await.unwrap().joined, 0);
}

#[tokio::test]
async fn a_clock_that_was_wrong_mutes_nobody() {
    let stage = Stage::watching("site:main").await;
    let mut ann = stage.user("1", json!({}), &["site:main", "presence:site:main"]).await;
    stage.roll_call(T0 + 365 * 24 * 60 * MINUTE).await.unwrap();
    ann.next_publication("presence:site:main").await.unwrap();
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.committed, report.published, report.joined), (1, 1, 0));
    let publication = ann.next_publication("presence:site:main").await.unwrap();
    assert_eq!(publication.version, Some(T0), "its version epoch is a new one");
    assert_eq!(stage.members("site:main").await.unwrap()["members"][0]["since"], T0);
}
