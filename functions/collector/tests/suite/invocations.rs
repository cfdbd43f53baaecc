//! Several roll calls in one invocation, and the end of each.

use std::time::{Duration, Instant};

use collector::{NothingCommitted, begins, invocation};
use harness::{Answer, Canned};
use presence::Period;
use settings::Reader;

use crate::stage::{Stage, T0};

const MINUTE: u64 = T0 - T0 % 60_000;

fn period(seconds: &str) -> Period {
    let lookup = |name: &str| match name {
        "WATCH_CHANNELS" => Some("a".to_owned()),
        "PERIOD_SECONDS" => Some(seconds.to_owned()),
        _ => None,
    };
    presence::Scope::read(&mut Reader::new(&lookup)).unwrap().period
}

#[test]
fn roll_calls_are_aligned_to_the_clock_and_a_late_start_takes_one_at_once() {
    let begin = |seconds: &str, at: u64| -> Vec<u64> {
        begins(MINUTE + at, period(seconds)).map(|begin| begin - MINUTE).collect()
    };
    assert_eq!(begin("60", 0), [0]);
    assert_eq!(begin("60", 59_999), [59_999]);
    assert_eq!(begin("30", 400), [400, 30_000]);
    assert_eq!(begin("20", 0), [0, 20_000, 40_000]);
    assert_eq!(begin("15", 31_000), [31_000, 45_000]);
    assert_eq!(begin("10", 49_500), [49_500, 50_000]);
    assert_eq!(begin("10", 50_000), [50_000]);
}

/// A clock that shows `start` now and goes on.
fn clock_from(start: u64) -> impl Fn() -> u64 {
    let begun = Instant::now();
    move || start + u64::try_from(begun.elapsed().as_millis()).unwrap()
}

#[tokio::test]
async fn each_roll_call_of_a_shorter_period_has_its_own_report() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let collector = stage.collector().await;
    let now = clock_from(MINUTE + 49_800);
    let report = invocation(&collector, MINUTE + 57_000, now).await.unwrap();
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
    let collector = stage.collector().await;
    let report =
        invocation(&collector, MINUTE + 52_000, clock_from(MINUTE + 49_900)).await.unwrap();
    assert_eq!(report.roll_calls.len(), 1, "the one at 50 s would end with the function's timeout");
}

#[tokio::test]
async fn an_invocation_ends_with_its_error_before_the_timeout() {
    let mut stage = Stage::watching("site:main").await;
    let hanging = Canned::start(vec![Answer::Hang]).await.unwrap();
    stage.set("CENTRIFUGO_API_URL", &hanging.url());
    let collector = stage.collector().await;
    let start = Instant::now();
    let error = invocation(&collector, T0 + 6000, clock_from(T0)).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::CentrifugoUnavailable(_)), "{error:?}");
    assert!(error.to_string().contains("had to end"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
