//! Several roll calls in one invocation, and the end of each.

use std::time::{Duration, Instant};

use harness::{Answer, Canned};
use roll_call::{NothingCommitted, minute};

use crate::stage::{Stage, T0};

const MINUTE: u64 = T0 - T0 % 60_000;

/// A clock that shows `start` now and goes on.
fn clock_from(start: u64) -> impl Fn() -> u64 + Send + Sync {
    let begun = Instant::now();
    move || start + u64::try_from(begun.elapsed().as_millis()).unwrap()
}

#[tokio::test]
async fn each_roll_call_of_a_shorter_period_has_its_own_report() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let collector = stage.collector(clock_from(MINUTE + 49_800)).await;
    let report = minute(&collector, MINUTE + 55_000, |_, _| ()).await.unwrap();
    let taken: Vec<u64> = report.roll_calls.iter().map(|call| call.taken_at - MINUTE).collect();
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert!(
        (49_800..50_000).contains(&taken[0]) && (50_000..51_000).contains(&taken[1]),
        "{taken:?}"
    );
    assert!(report.roll_calls.iter().all(|call| call.committed == 1));
    assert_eq!(stage.members("site:main").await.unwrap()["period"], 10);
}

#[tokio::test]
async fn no_roll_call_begins_that_could_not_end() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let collector = stage.collector(clock_from(MINUTE + 49_900)).await;
    let report = minute(&collector, MINUTE + 50_000, |_, _| ()).await.unwrap();
    assert_eq!(report.roll_calls.len(), 1, "the one at 50 s would end with the function's timeout");
}

#[tokio::test]
async fn an_invocation_ends_with_its_error_before_the_timeout() {
    let mut stage = Stage::watching("site:main").await;
    let hanging = Canned::start(vec![Answer::Hang]).await.unwrap();
    stage.set("CENTRIFUGO_API_URL", &hanging.url());
    let collector = stage.collector(clock_from(T0)).await;
    let start = Instant::now();
    let error = minute(&collector, T0 + 4000, |_, _| ()).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::CentrifugoUnavailable(_)), "{error:?}");
    assert!(error.to_string().contains("had to end"), "{error}");
    // Left alone, it would wait for Centrifugo twice, five seconds each.
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}
