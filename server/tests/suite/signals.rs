//! The end that a signal asks for.

use std::time::Duration;

use harness::{Fault, FaultProxy};
use rustix::process::Signal;
use serde_json::json;

use crate::stage::{Serving, Stage};

const PRESENCE: &str = "{\"presence\":";

/// A `serve` whose first roll call is under way, and harmed at Centrifugo.
async fn under_way(stage: &mut Stage, fault: Fault) -> (Serving, FaultProxy) {
    let proxy = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
    proxy.strike_whenever(PRESENCE, fault);
    stage.set("CENTRIFUGO_API_URL", &format!("http://127.0.0.1:{}/api", proxy.port()));
    let serving = stage.serve().await;
    proxy.struck().await.unwrap();
    (serving, proxy)
}

#[tokio::test]
async fn either_signal_ends_it_well() {
    let mut stage = Stage::watching("site:main").await;
    for signal in [Signal::TERM, Signal::INT] {
        let mut serving = stage.serve().await;
        serving.signal(signal);
        let (status, took) = serving.end().await;
        assert_eq!(status, Some(0), "{}", serving.log());
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
}

#[tokio::test]
async fn the_roll_call_under_way_is_taken_to_its_end() {
    let mut stage = Stage::watching("site:main").await;
    let _visitor = stage.user("42", "site:main").await;
    let slow = Fault::Slow(Duration::from_secs(2));
    let (mut serving, _proxy) = under_way(&mut stage, slow).await;
    serving.signal(Signal::TERM);
    // No new connection is taken meanwhile.
    let closed = async || {
        let address = serving.url.strip_prefix("http://").unwrap();
        tokio::net::TcpStream::connect(address).await.is_err().then_some(())
    };
    harness::eventually(Duration::from_secs(1), "the port is closed", closed).await.unwrap();
    assert!(serving.process.ended().is_none(), "the roll call is under way");
    let (status, _) = serving.end().await;
    assert_eq!(status, Some(0), "{}", serving.log());
    assert_eq!(stage.members("site:main").await.unwrap()["present"], 1);
    assert!(serving.log().contains("1 of 1 channels committed"), "{}", serving.log());
}

#[tokio::test]
async fn what_takes_longer_than_eight_seconds_is_cut_off_and_reported() {
    let mut stage = Stage::watching("site:main").await;
    let (mut serving, _proxy) = under_way(&mut stage, Fault::Slow(Duration::from_secs(30))).await;
    serving.signal(Signal::TERM);
    let (status, took) = serving.end().await;
    assert_eq!(status, Some(0), "{}", serving.log());
    assert!(took < Duration::from_secs(10), "{took:?}");
    let log = serving.log();
    assert!(log.lines().any(|line| line.contains("ERROR CentrifugoUnavailable: ")), "{log}");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut stage = Stage::watching("site:main").await;
    let (mut serving, _proxy) = under_way(&mut stage, Fault::Hang).await;
    serving.signal(Signal::INT);
    let ends = async || serving.log().contains("Ends: a signal").then_some(());
    harness::eventually(Duration::from_secs(2), "it says that it ends", ends).await.unwrap();
    serving.signal(Signal::INT);
    let (status, took) = serving.end().await;
    assert_eq!(status, Some(1), "{}", serving.log());
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn an_open_request_is_answered() {
    let mut stage = Stage::watching("site:main").await;
    let report = stage.run(&["take"]).await.report();
    assert_eq!(report["committed"], json!(1));
    let proxy = FaultProxy::start(stage.redis.port()).await.unwrap();
    stage.set("REDIS_URL", &format!("redis://127.0.0.1:{}", proxy.port()));
    let mut serving = stage.serve().await;
    // Its connection is there, and what it was greeted with is answered.
    assert_eq!(serving.get("/v1/health").await.status, 200);
    proxy.strike_at("HMGET", Fault::Slow(Duration::from_millis(300)));
    let (answer, ()) = tokio::join!(serving.get("/v1/presence/site:main"), async {
        proxy.struck().await.unwrap();
        serving.signal(Signal::TERM);
    });
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(serving.end().await.0, Some(0), "{}", serving.log());
}
