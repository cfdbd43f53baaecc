//! Channels of globs that come and go, whatever happens meanwhile: who joined is told to have left one day.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use harness::{Fault, FaultProxy, Visitor};
use presence::Event;
use roll_call::{Announcer, Step, Verdicts};
use serde_json::json;
use tokio::sync::Notify;

use crate::stage::{Stage, T0};

const MINUTE: u64 = 60_000;

/// A stage that watches `channels`, with a proxy before Centrifugo.
async fn behind_a_proxy(channels: &str) -> (Stage, FaultProxy) {
    let mut stage = Stage::watching(channels).await;
    let proxy = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
    stage.set("CENTRIFUGO_API_URL", &format!("http://127.0.0.1:{}/api", proxy.port()));
    (stage, proxy)
}

async fn leave(stage: &Stage, visitor: Visitor, channel: &str) {
    visitor.leave().await;
    stage.centrifugo.wait_for_clients(channel, 0).await.unwrap();
}

#[tokio::test]
async fn a_glob_that_cant_be_listed_loses_no_channel_of_another() {
    let (stage, proxy) = behind_a_proxy("room:*,bad:*,site:main").await;
    assert_eq!(stage.roll_call(T0).await.unwrap().watched, 1);
    proxy.strike_whenever("\"bad:*\"", Fault::Cut);
    let ann = stage.user("1", json!({}), &["room:1"]).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.joined), (2, 1));
    assert_eq!((report.failed[0].channel.as_str(), report.failed[0].step), ("bad:*", Step::List));

    leave(&stage, ann, "room:1").await;
    let missed = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((missed.watched, missed.left), (2, 0), "that it is in no list takes nothing out");
    assert_eq!(stage.roll_call(T0 + 3 * MINUTE).await.unwrap().left, 1);
    // That it is settled is known without a list.
    assert_eq!(stage.roll_call(T0 + 4 * MINUTE).await.unwrap().watched, 1);
    proxy.rest();
    assert_eq!(stage.roll_call(T0 + 5 * MINUTE).await.unwrap().failed, []);
}

#[tokio::test]
async fn what_is_cut_off_is_told_with_its_step_and_loses_no_channel() {
    let (stage, proxy) = behind_a_proxy("room:*").await;
    stage.roll_call(T0).await.unwrap();
    let ann = stage.user("1", json!({}), &["room:1"]).await;
    proxy.strike_whenever("{\"publish\":", Fault::Hang);
    let collector = stage.collector(|| T0 + MINUTE);
    let (report, error) = collector.roll_call(T0 + MINUTE, Duration::from_secs(2)).await;
    assert!(error.is_none());
    assert_eq!((report.committed, report.joined, report.published), (1, 1, 0));
    let failed: Vec<_> =
        report.failed.iter().map(|failed| (failed.channel.as_str(), failed.step)).collect();
    assert_eq!(failed, [("room:1", Step::Publish)], "{report:?}");
    assert!(report.failed[0].error.contains("had to end"), "{report:?}");
    assert!(report.spent.at(Step::Publish) > Duration::from_secs(1), "{:?}", report.spent);

    proxy.rest();
    leave(&stage, ann, "room:1").await;
    assert_eq!(stage.roll_call(T0 + 2 * MINUTE).await.unwrap().watched, 1);
    assert_eq!(stage.roll_call(T0 + 3 * MINUTE).await.unwrap().left, 1);
    assert_eq!(stage.roll_call(T0 + 4 * MINUTE).await.unwrap().watched, 0);
}

#[tokio::test]
async fn nothing_of_a_channel_is_committed_that_could_not_be_remembered() {
    let mut stage = Stage::watching("room:*").await;
    let proxy = FaultProxy::start(stage.redis.port()).await.unwrap();
    stage.set("REDIS_URL", &format!("redis://127.0.0.1:{}", proxy.port()));
    stage.roll_call(T0).await.unwrap();
    let _ann = stage.user("1", json!({}), &["room:1"]).await;
    proxy.strike_whenever("room:1", Fault::Cut);
    let error = stage.roll_call(T0 + MINUTE).await.unwrap_err();
    assert_eq!(error.error_type(), "StoreUnavailable");
    proxy.rest();
    assert_eq!(stage.members("room:1").await, None);
    assert_eq!(stage.roll_call(T0 + 2 * MINUTE).await.unwrap().joined, 1);
}

#[tokio::test]
async fn until_the_baseline_is_through_channels_without_a_ledger_announce_nothing() {
    let channels: Vec<String> = (100..400).map(|n| format!("room:{n}")).collect();
    let mut stage = Stage::watching(&channels.join(",")).await;
    let proxy = FaultProxy::start(stage.redis.port()).await.unwrap();
    stage.set("REDIS_URL", &format!("redis://127.0.0.1:{}", proxy.port()));
    let _ann = stage.user("1", json!({}), &["room:399"]).await;
    // The second batch can't be committed.
    proxy.strike_whenever("{room:399}:view", Fault::Cut);
    let first = stage.roll_call(T0).await.unwrap();
    assert_eq!((first.committed, first.failed.len()), (250, 50));
    proxy.rest();
    let second = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((second.committed, second.joined), (300, 0), "it is the baseline still");
    let _bo = stage.user("2", json!({}), &["room:399"]).await;
    assert_eq!(stage.roll_call(T0 + 2 * MINUTE).await.unwrap().joined, 1);
}

#[tokio::test]
async fn what_only_a_changed_setting_mends_does_not_hold_up_the_baseline() {
    let stage = Stage::watching("nope:x,site:main,room:*").await;
    assert_eq!(stage.roll_call(T0).await.unwrap().failed.len(), 1);
    let _ann = stage.user("1", json!({}), &["room:1"]).await;
    assert_eq!(stage.roll_call(T0 + MINUTE).await.unwrap().joined, 1);
}

/// An announcer that takes its events when it is told to.
#[derive(Clone, Default)]
struct Waiting {
    asked: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Announcer for Waiting {
    fn call_length(&self, events: &[&Event]) -> usize {
        events.len()
    }

    fn announce<'a>(&'a self, events: &'a [&'a Event]) -> BoxFuture<'a, Result<Verdicts, String>> {
        Box::pin(async {
            self.asked.notify_one();
            self.go_on.notified().await;
            Ok(events.iter().map(|_| Ok(())).collect())
        })
    }
}

#[tokio::test]
async fn a_channel_that_is_occupied_while_it_is_about_to_be_forgotten_is_remembered() {
    let mut stage = Stage::watching("room:*").await;
    stage.set("LEAVE_GRACE_SECONDS", "0");
    stage.roll_call(T0).await.unwrap();
    let guest = stage.guest(&["room:1"]).await;
    stage.roll_call(T0 + MINUTE).await.unwrap();
    leave(&stage, guest, "room:1").await;

    let at = T0 + 2 * MINUTE;
    let announcer = Waiting::default();
    let vacating = stage.quiet_collector(move || at).announcing(announcer.clone());
    // While it announces that the channel is vacated, and before it forgets it, ann comes and another collector finds her.
    let meanwhile = async {
        announcer.asked.notified().await;
        let ann = stage.user("1", json!({}), &["room:1"]).await;
        let report = stage.roll_call(at + 1).await.unwrap();
        assert_eq!((report.committed, report.joined), (1, 1), "{report:?}");
        announcer.go_on.notify_one();
        ann
    };
    let ((report, _), ann) =
        tokio::join!(vacating.roll_call(at, Duration::from_secs(30)), meanwhile);
    assert_eq!((report.committed, report.announced, report.failed), (1, 1, vec![]));

    leave(&stage, ann, "room:1").await;
    let report = stage.roll_call(at + MINUTE).await.unwrap();
    assert_eq!((report.watched, report.left), (1, 1), "ann's leaving is told");
}
