//! Servers that begin to hang in the middle of many channels.

use std::time::Duration;

use harness::{Fault, FaultProxy};
use roll_call::{RollCallReport, Step};

use crate::stage::{Stage, T0};

const N_ROOMS: usize = 4000;

/// A stage of many rooms that are watched by name: sixteen batches of 250.
async fn of_many_rooms() -> Stage {
    let channels: Vec<String> = (0..N_ROOMS).map(|n| format!("room:{n:04}")).collect();
    Stage::watching(&channels.join(",")).await
}

/// Asserts that some batches went all the way, and that all others failed at `step`, some without having been tried.
fn assert_given_up(report: &RollCallReport, step: Step) {
    assert_eq!((report.watched, report.published), (N_ROOMS, report.committed));
    assert!((250..N_ROOMS).contains(&report.committed), "{}", report.committed);
    let failed: Vec<_> = report.failed.iter().filter(|failed| failed.channel != "*").collect();
    assert_eq!(failed.len(), N_ROOMS - report.committed);
    assert!(failed.iter().all(|failed| failed.step == step), "{:?}", failed[0]);
    assert!(
        failed.iter().any(|failed| failed.error.contains("3 times in a row")),
        "{:?}",
        failed.iter().map(|failed| &failed.error).collect::<std::collections::BTreeSet<_>>()
    );
}

/// Of the batches that are under way when the third wait ends, each may have waited once.
const WAITS_AT_MOST: usize = 6;

#[tokio::test]
async fn a_centrifugo_that_begins_to_hang_is_given_up_after_three_waits() {
    let mut stage = of_many_rooms().await;
    let proxy = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
    stage.set("CENTRIFUGO_API_URL", &format!("http://127.0.0.1:{}/api", proxy.port()));
    proxy.strike_whenever("{\"presence\":{\"channel\":\"room:1", Fault::Hang);
    let collector = stage.collector(|| T0);
    let (report, _) = collector.roll_call(T0, Duration::from_secs(55)).await;
    assert_given_up(&report, Step::Ask);
    assert_eq!(report.committed, 1000, "all that were answered");
    assert!((3..=WAITS_AT_MOST).contains(&proxy.strikes()), "{}", proxy.strikes());

    // The next roll call asks again.
    proxy.rest();
    let (report, _) = collector.roll_call(T0, Duration::from_secs(55)).await;
    assert_eq!(report.committed + report.superseded, N_ROOMS, "{:?}", report.failed.first());
}

#[tokio::test]
async fn a_redis_that_begins_to_hang_is_given_up_after_three_waits() {
    let mut stage = of_many_rooms().await;
    let proxy = FaultProxy::start(stage.redis.port()).await.unwrap();
    stage.set("REDIS_URL", &format!("redis://127.0.0.1:{}", proxy.port()));
    proxy.strike_whenever("{room:1000}:ledger", Fault::Hang);
    let collector = stage.collector(|| T0);
    // From there on nothing is answered any more.
    let hang = async {
        proxy.struck().await.unwrap();
        proxy.strike_whenever("\r\n", Fault::Hang);
    };
    let ((report, _), ()) = tokio::join!(collector.roll_call(T0, Duration::from_secs(55)), hang);
    assert_given_up(&report, Step::Commit);
}
