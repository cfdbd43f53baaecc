//! The moments of the roll calls that one start takes.
//!
//! What starts them comes each minute, at a second of its own choosing and a little late or early. With a shorter period one
//! start takes several roll calls, at moments aligned to the clock. It goes on until the next start is surely there: starts
//! overlap by some seconds, and as both name a roll call by its moment, the second of two is superseded.

use presence::{Millis, Period};

const MINUTE: Millis = 60_000;
/// How long a start takes roll calls: a minute, and as much as the next start may come late.
const REACH: Millis = MINUTE + 5000;

/// The moments of the roll calls that a start at `now` takes.
pub(crate) fn moments(now: Millis, period: Period) -> impl Iterator<Item = Millis> {
    let period = period.millis();
    let is_at_once = period == MINUTE;
    let first = if is_at_once { now } else { now.next_multiple_of(period) };
    let last = if is_at_once { now } else { now + REACH };
    (0..).map(move |index| first + index * period).take_while(move |moment| *moment <= last)
}

/// Whether a moment is so long ago that its roll call would show what the next one shows.
pub(crate) fn is_over(moment: Millis, now: Millis, period: Period) -> bool {
    now > moment + period.millis() / 2
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const START: Millis = 1_790_000_000_000 / MINUTE * MINUTE;
    const SHORTER: [u32; 4] = [30, 20, 15, 10];

    fn period(seconds: u32) -> Period {
        Period::from_seconds(seconds).unwrap()
    }

    fn taken(seconds: u32, at: Millis) -> Vec<Millis> {
        moments(START + at, period(seconds)).map(|moment| moment - START).collect()
    }

    #[test]
    fn a_minute_is_taken_at_once_and_a_shorter_period_at_moments_of_the_clock() {
        assert_eq!(taken(60, 0), [0]);
        assert_eq!(taken(60, 59_999), [59_999]);
        assert_eq!(taken(30, 400), [30_000, 60_000]);
        assert_eq!(taken(30, 55_000), [60_000, 90_000, 120_000]);
        assert_eq!(taken(20, 0), [0, 20_000, 40_000, 60_000]);
        assert_eq!(taken(15, 31_000), [45_000, 60_000, 75_000, 90_000]);
        assert_eq!(taken(10, 49_500), [50_000, 60_000, 70_000, 80_000, 90_000, 100_000, 110_000]);
    }

    /// Starts of a schedule that fires at that second of the minute, each up to two seconds late or early.
    fn starts(second: Millis, jitter: impl Fn(Millis) -> Millis) -> impl Iterator<Item = Millis> {
        (1..60).map(move |minute| {
            let late_by = jitter(minute);
            assert!(late_by <= 4000);
            START + minute * MINUTE + second * 1000 + late_by - 2000
        })
    }

    #[test]
    fn whenever_in_the_minute_the_schedule_fires_no_moment_is_left_out() {
        let jitters: [fn(Millis) -> Millis; 5] = [
            |_| 2000,
            // As far apart as two starts can be, and as near.
            |minute| minute % 2 * 4000,
            |minute| (minute + 1) % 2 * 4000,
            |minute| minute * 7919 % 4001,
            |minute| minute * minute * 104_729 % 4001,
        ];
        for (seconds, second) in SHORTER.into_iter().flat_map(|it| (0..60).map(move |at| (it, at)))
        {
            for jitter in jitters {
                let all: Vec<Vec<Millis>> = starts(second, jitter)
                    .map(|at| moments(at, period(seconds)).collect())
                    .collect();
                // Two starts that take the same moment mean the same one, which is kept once.
                let once: BTreeSet<Millis> = all.iter().flatten().copied().collect();
                for (before, after) in once.iter().zip(once.iter().skip(1)) {
                    assert_eq!(
                        after - before,
                        Millis::from(seconds) * 1000,
                        "period {seconds}, second {second}: {before} and {after}"
                    );
                }
                // Each of them has a start that was there in time, and waits no longer than a period for its first.
                for (start, moments) in starts(second, jitter).zip(&all) {
                    assert!(moments[0] - start < Millis::from(seconds) * 1000);
                    assert!(moments.iter().all(|it| *it % (Millis::from(seconds) * 1000) == 0));
                }
                // No more is taken twice than the overlap holds.
                let n_twice = all.iter().map(Vec::len).sum::<usize>() - once.len();
                assert!(n_twice <= all.len() * 2, "period {seconds}, second {second}: {n_twice}");
            }
        }
    }

    #[test]
    fn a_moment_is_over_after_half_a_period() {
        assert!(!is_over(START, START - 1, period(10)));
        assert!(!is_over(START, START + 5000, period(10)));
        assert!(is_over(START, START + 5001, period(10)));
    }
}
