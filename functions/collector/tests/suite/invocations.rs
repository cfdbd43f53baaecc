//! Several roll calls in one invocation, and the end of each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use harness::{Answer, Canned};
use roll_call::{NothingCommitted, Report, RollCallReport, minute};

use crate::stage::{Stage, T0};

const MINUTE: u64 = T0 - T0 % 60_000;

/// A clock that shows `start` when it is looked at first, and goes on: what a busy machine takes to begin is no part of it.
fn clock_from(start: u64) -> impl Fn() -> u64 + Send + Sync {
    let begun = OnceLock::new();
    move || {
        let begun: &Instant = begun.get_or_init(Instant::now);
        start + u64::try_from(begun.elapsed().as_millis()).unwrap()
    }
}

/// The moments of an invocation's roll calls, in milliseconds since [`MINUTE`].
fn moments(report: &Report) -> Vec<u64> {
    report.roll_calls.iter().map(|roll_call| roll_call.taken_at - MINUTE).collect()
}

#[tokio::test]
async fn each_roll_call_of_a_shorter_period_has_its_own_moment_and_report() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let collector = stage.collector(clock_from(MINUTE + 49_800));
    let report = minute(&collector, MINUTE + 62_500, |_, _| ()).await.unwrap();
    assert_eq!(moments(&report), [50_000, 60_000], "to the millisecond, and into the next minute");
    assert!(report.roll_calls.iter().all(|call| call.committed == 1));
    assert_eq!(stage.members("site:main").await.unwrap()["period"], 10);
}

#[tokio::test]
async fn no_roll_call_begins_that_could_not_end() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let collector = stage.collector(clock_from(MINUTE + 49_900));
    let report = minute(&collector, MINUTE + 61_900, |_, _| ()).await.unwrap();
    assert_eq!(moments(&report), [50_000], "the next one would end with the function's timeout");
}

#[tokio::test]
async fn a_moment_that_is_over_is_skipped_and_in_no_report() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    // The process stands still between the roll call of 50 s and that of 60 s: until 69.8 s, or until 64 s.
    for (pause, expected) in
        [(19_800, vec![50_000, 70_000]), (14_000, vec![50_000, 60_000, 70_000])]
    {
        let clock = clock_from(MINUTE + 49_900);
        let jump = Arc::new(AtomicU64::new(0));
        let collector = stage.collector({
            let jump = Arc::clone(&jump);
            move || clock() + jump.load(Ordering::Relaxed)
        });
        let tell = |report: &RollCallReport, _: Option<&NothingCommitted>| {
            let until = if report.taken_at == MINUTE + 50_000 { pause } else { pause + 5000 };
            jump.store(until, Ordering::Relaxed);
        };
        let report = minute(&collector, MINUTE + 73_000, tell).await.unwrap();
        assert_eq!(moments(&report), expected, "{pause}");
    }
}

#[tokio::test]
async fn an_invocation_ends_with_its_error_before_the_timeout() {
    let mut stage = Stage::watching("site:main").await;
    let hanging = Canned::start(vec![Answer::Hang]).await.unwrap();
    stage.set("CENTRIFUGO_API_URL", &hanging.url());
    let collector = stage.collector(clock_from(T0));
    let start = Instant::now();
    let error = minute(&collector, T0 + 4000, |_, _| ()).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::CentrifugoUnavailable(_)), "{error:?}");
    assert!(error.to_string().contains("had to end"), "{error}");
    // Left alone, it would wait for Centrifugo twice, five seconds each.
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_clock_that_is_set_back_ends_the_invocation_soon() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let (clock, back) = (clock_from(MINUTE + 49_900), Arc::new(AtomicU64::new(0)));
    let collector = stage.collector({
        let back = Arc::clone(&back);
        move || clock() - back.load(Ordering::Relaxed)
    });
    let set_back = |_: &RollCallReport, _: Option<&NothingCommitted>| {
        back.store(3_600_000, Ordering::Relaxed);
    };
    let start = Instant::now();
    let report = minute(&collector, MINUTE + 115_000, set_back).await.unwrap();
    assert_eq!(moments(&report), [50_000]);
    assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());
}
