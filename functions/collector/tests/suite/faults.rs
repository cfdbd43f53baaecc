//! What stands in the way of a roll call. The last good view stays readable each time.

use std::sync::atomic::{AtomicBool, Ordering};

use harness::{Answer, Canned, Visitor, sign};
use roll_call::NothingCommitted;
use serde_json::json;

use crate::stage::{Stage, T0};

/// A stage whose channel has a good view of one guest, taken at T0.
async fn with_a_good_view() -> Stage {
    let stage = Stage::watching("site:main").await;
    let guest = stage.guest(&["site:main"]).await;
    stage.roll_call(T0).await.unwrap();
    guest.leave().await;
    stage
}

async fn assert_good_view_is_kept(stage: &Stage) {
    let view = stage.members("site:main").await.unwrap();
    assert_eq!((&view["taken_at"], &view["present"]), (&json!(T0), &json!(1)));
}

#[tokio::test]
async fn a_channel_that_centrifugo_refuses_stops_no_other() {
    let stage = Stage::watching("nope:x,plain:x,site:main").await;
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.watched, report.committed, report.published), (3, 1, 1));
    let failed: Vec<_> = report.failed.iter().map(|failed| failed.channel.as_str()).collect();
    assert_eq!(failed, ["nope:x", "plain:x"]);
    assert!(report.failed[0].error.contains("namespace `nope`"), "{report:?}");
    assert!(report.failed[1].error.contains("presence: true"), "{report:?}");
}

#[tokio::test]
async fn a_client_whose_info_is_no_json_costs_its_own_channel_alone() {
    let stage = Stage::watching("room:a,room:b,room:bad,site:main").await;
    // Such an info is legal in a token; Centrifugo answers a call that asks for its channel with status 500.
    let binary = json!({"sub": "9", "b64info": "bm90IGpzb24="});
    let token = sign(stage.centrifugo.token_secret(), &binary).unwrap();
    let url = stage.centrifugo.client_url();
    let _nine = Visitor::connect_to(&url, Some(&token), &["room:bad"]).await.unwrap();
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.watched, report.committed, report.published), (4, 3, 3), "{report:?}");
    let failed: Vec<_> = report.failed.iter().map(|failed| failed.channel.as_str()).collect();
    assert_eq!(failed, ["room:bad"]);
}

#[tokio::test]
async fn where_centrifugo_refuses_everything_the_setting_is_named() {
    let mut stage = with_a_good_view().await;
    stage.set("CENTRIFUGO_API_KEY", "wrong");
    let error = stage.roll_call(T0 + 60_000).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::CentrifugoRefused(_)), "{error:?}");
    assert_eq!(error.error_type(), "CentrifugoRefused");
    assert!(
        error.to_string().contains("CENTRIFUGO_API_KEY") && !error.to_string().contains("wrong"),
        "{error}"
    );
    assert_good_view_is_kept(&stage).await;
}

#[tokio::test]
async fn a_centrifugo_that_is_not_there_is_unavailable() {
    let mut stage = with_a_good_view().await;
    stage.centrifugo.stop().await;
    let error = stage.roll_call(T0 + 60_000).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::CentrifugoUnavailable(_)), "{error:?}");
    assert_good_view_is_kept(&stage).await;
}

#[tokio::test]
async fn a_centrifugo_that_talks_nonsense_is_unavailable() {
    let mut stage = with_a_good_view().await;
    for body in ["<html>", "{\"replies\":[{\"presence\":{\"presence\":[]}}]}"] {
        let nonsense = Canned::start(vec![Answer::Body(200, body.into())]).await.unwrap();
        stage.set("CENTRIFUGO_API_URL", &nonsense.url());
        let error = stage.roll_call(T0 + 60_000).await.unwrap_err();
        assert!(matches!(error, NothingCommitted::CentrifugoUnavailable(_)), "{error:?}");
    }
    assert_good_view_is_kept(&stage).await;
}

#[tokio::test]
async fn a_redis_that_is_frozen_or_gone_is_unavailable_soon() {
    let mut stage = with_a_good_view().await;
    // It never answers: only its own patience ends a wait.
    stage.redis.process().freeze();
    let error = stage.roll_call(T0 + 60_000).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::StoreUnavailable(_)), "{error:?}");
    stage.redis.process().thaw();
    assert_good_view_is_kept(&stage).await;

    stage.redis.stop().await;
    let error = stage.roll_call(T0 + 120_000).await.unwrap_err();
    assert_eq!(error.error_type(), "StoreUnavailable");
    assert!(error.to_string().contains("REDIS_URL"), "{error}");
}

#[tokio::test]
async fn an_older_roll_call_after_a_newer_one_is_superseded_and_publishes_nothing() {
    let stage = with_a_good_view().await;
    // It asked a minute before the good one, and comes to commit after it.
    let asked = AtomicBool::new(false);
    let clock = move || if asked.swap(true, Ordering::Relaxed) { T0 + 1000 } else { T0 - 60_000 };
    let report = stage.roll_call_by(clock).await.unwrap();
    assert_eq!((report.committed, report.superseded, report.published), (0, 1, 0));
    assert_good_view_is_kept(&stage).await;
}

#[tokio::test]
async fn a_publication_that_is_refused_is_told_and_the_view_is_kept() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PUBLISH_CHANNEL", "nowhere:{channel}");
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.committed, report.published), (1, 0));
    assert!(report.failed[0].error.contains("namespace `nowhere`"), "{report:?}");
    assert!(stage.members("site:main").await.is_some());
}

#[tokio::test]
async fn an_answer_too_large_for_one_call_is_asked_in_halves() {
    // The whole batch is refused by its size, then each half, then the single channels are answered.
    let too_large = Answer::Body(200, vec![b' '; centrifugo::Client::BODY_MAX + 1]);
    let one = || Answer::Body(200, br#"{"replies":[{"presence":{"presence":{}}}]}"#.to_vec());
    let published = || Answer::Body(200, br#"{"replies":[{"publish":{}}]}"#.to_vec());
    let mut stage = Stage::watching("site:a,site:b").await;
    let server =
        Canned::start(vec![too_large, one(), published(), one(), published()]).await.unwrap();
    stage.set("CENTRIFUGO_API_URL", &server.url());
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.committed, report.published), (2, 2), "{report:?}");
}

#[tokio::test]
async fn a_redis_without_memory_refuses_and_nothing_is_lost() {
    let stage = with_a_good_view().await;
    let _ann = stage.user("1", json!({}), &["site:main"]).await;
    let _: () =
        stage.redis.command(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await.unwrap();
    let _: () = stage.redis.command(&["CONFIG", "SET", "maxmemory", "1"]).await.unwrap();
    let error = stage.roll_call(T0 + 60_000).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::StoreUnavailable(_)), "{error:?}");
    assert!(error.to_string().contains("OOM"), "{error}");
    assert_good_view_is_kept(&stage).await;
    let _: () = stage.redis.command(&["CONFIG", "SET", "maxmemory", "0"]).await.unwrap();
    assert_eq!(stage.roll_call(T0 + 120_000).await.unwrap().joined, 1);
}

#[tokio::test]
async fn a_centrifugo_that_was_restarted_is_asked_and_published_to_anew() {
    let mut stage = with_a_good_view().await;
    stage.centrifugo.restart().await.unwrap();
    let report = stage.roll_call(T0 + 60_000).await.unwrap();
    assert_eq!((report.committed, report.published, report.left), (1, 1, 0));
    let newcomer = stage.guest(&["presence:site:main"]).await;
    let cached = newcomer.cached("presence:site:main").unwrap();
    assert_eq!(cached.version, Some(T0 + 60_000), "who comes now finds the view at once");
}

#[tokio::test]
async fn a_server_that_forgets_its_scripts_in_the_middle_gets_them_again() {
    let rooms: Vec<String> = (0..200).map(|n| format!("room:{n}")).collect();
    let stage = Stage::watching(&rooms.join(",")).await;
    let _ann = stage.user("ann", json!({"name": "Ann"}), &["room:0"]).await;
    // As behind a proxy each of whose servers knows other scripts: again and again, so between any two calls.
    let forgetting = async {
        loop {
            let () = stage.redis.command(&["SCRIPT", "FLUSH"]).await.unwrap();
        }
    };
    let mut forgetting = std::pin::pin!(forgetting);
    for round in 0..5 {
        let report = tokio::select! {
            report = stage.roll_call(T0 + round * 60_000) => report.unwrap(),
            () = &mut forgetting => unreachable!("it goes on for ever"),
        };
        assert_eq!((report.committed, report.failed), (200, vec![]));
    }
    let told: String = stage.redis.command(&["INFO", "commandstats"]).await.unwrap();
    assert!(told.contains("cmdstat_eval:"), "it never forgot in time: {told}");
    let view = stage.members("room:0").await.unwrap();
    assert_eq!(view["members"][0]["info"]["name"], "Ann");
}
