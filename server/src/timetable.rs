//! When roll calls are due: at the moments aligned to the clock, whatever it does meanwhile.

use std::time::Duration;

use presence::{Clock, Millis, Period};

/// The longest sleep between two looks at the clock: it may be set, and a timer stands still while the machine sleeps.
const LOOK: Duration = Duration::from_secs(1);

/// The moments of roll calls, and which was the last that was due.
#[derive(Debug)]
pub(crate) struct Timetable {
    period: Millis,
    last: Millis,
}

/// When the next roll call is due.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    /// Now, for that moment.
    Now(Millis),
    In(Duration),
}

impl Timetable {
    /// That of somebody who begins now: the last moment before is not due any more.
    pub(crate) fn from(now: Millis, period: Period) -> Self {
        let period = period.millis();
        Self { period, last: now - now % period }
    }

    /// The moment that was due last.
    pub(crate) fn last(&self) -> Millis {
        self.last
    }

    /// Waits for the next moment.
    pub(crate) async fn next(&mut self, clock: &Clock) -> Millis {
        loop {
            match self.due(clock()) {
                Due::Now(moment) => return moment,
                Due::In(wait) => tokio::time::sleep(wait.min(LOOK)).await,
            }
        }
    }

    /// A moment that is more than half a period ago is left out: its roll call would show what the next one shows. One that
    /// is before the last is due all the same, since the clock was set back: nobody knows for how long.
    fn due(&mut self, now: Millis) -> Due {
        let since = now % self.period;
        let moment = now - since;
        if moment != self.last && since <= self.period / 2 {
            self.last = moment;
            return Due::Now(moment);
        }
        Due::In(Duration::from_millis(self.period - since))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use tokio::time::Instant;

    use super::*;

    const MINUTE: Millis = 60_000;
    const START: Millis = 1_790_000_000_000 / MINUTE * MINUTE;
    const PERIODS: [u32; 5] = [60, 30, 20, 15, 10];

    fn period(seconds: u32) -> Period {
        Period::from_seconds(seconds).unwrap()
    }

    #[test]
    fn the_moments_are_those_of_the_clock() {
        let mut timetable = Timetable::from(START + 1000, period(60));
        assert_eq!(timetable.last(), START);
        assert_eq!(timetable.due(START + 1000), Due::In(Duration::from_secs(59)));
        assert_eq!(timetable.due(START + 59_999), Due::In(Duration::from_millis(1)));
        assert_eq!(timetable.due(START + MINUTE), Due::Now(START + MINUTE));
        assert_eq!(timetable.due(START + MINUTE), Due::In(Duration::from_secs(60)));
        assert_eq!(timetable.due(START + 2 * MINUTE + 7), Due::Now(START + 2 * MINUTE));
    }

    #[test]
    fn moments_missed_meanwhile_are_left_out() {
        let mut timetable = Timetable::from(START, period(10));
        // The machine slept, or a roll call took long.
        assert_eq!(timetable.due(START + 3_605_000), Due::Now(START + 3_600_000));
        assert_eq!(timetable.due(START + 7_206_000), Due::In(Duration::from_secs(4)));
        assert_eq!(timetable.due(START + 7_210_000), Due::Now(START + 7_210_000));
    }

    /// A clock that is set by `jump` after so long, and the moments by it, with the time that passed before each.
    async fn moments(seconds: u32, jump_after: Millis, jump: i64) -> Vec<(Millis, Duration)> {
        let begun = Instant::now();
        let offset = Arc::new(AtomicI64::new(0));
        let set = Arc::clone(&offset);
        let clock: Clock = Arc::new(move || {
            let passed = Millis::try_from(begun.elapsed().as_millis()).unwrap();
            if passed >= jump_after {
                set.store(jump, Ordering::Relaxed);
            }
            (START + passed).saturating_add_signed(offset.load(Ordering::Relaxed))
        });
        let mut timetable = Timetable::from(clock(), period(seconds));
        let mut moments = Vec::new();
        while begun.elapsed() < Duration::from_secs(300) {
            moments.push((timetable.next(&clock).await, begun.elapsed()));
        }
        moments
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_back_delays_by_a_period_at_most() {
        for seconds in PERIODS {
            let whole = Millis::from(seconds) * 1000;
            for back in [1, 400, whole / 2, whole - 1, whole, whole + 1, 3_600_000, 86_400_123] {
                for after in [whole, whole + 1, whole * 3 / 2, 2 * whole - 1, 2 * whole + whole / 3]
                {
                    let moments = moments(seconds, after, -i64::try_from(back).unwrap()).await;
                    let longest = moments
                        .windows(2)
                        .map(|pair| pair[1].1 - pair[0].1)
                        .chain([moments[0].1])
                        .max()
                        .unwrap();
                    // A look at the clock may come late by a second.
                    let bound = Duration::from_millis(2 * whole) + LOOK;
                    assert!(longest <= bound, "{seconds} s, {back} ms after {after}: {longest:?}");
                    assert!(moments.iter().all(|(moment, _)| moment % whole == 0));
                    let once = moments.windows(2).all(|pair| pair[0].0 != pair[1].0);
                    assert!(once, "{seconds} s, {back} ms after {after}: {moments:?}");
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_forward_is_followed_at_once() {
        for seconds in PERIODS {
            let whole = Millis::from(seconds) * 1000;
            let moments =
                moments(seconds, whole + 1000, 3_600_000 + i64::from(seconds) * 700).await;
            let waits = moments.windows(2).map(|pair| pair[1].1 - pair[0].1);
            assert!(waits.max().unwrap() <= Duration::from_millis(whole) + LOOK, "{moments:?}");
            let increasing = moments.windows(2).all(|pair| pair[0].0 < pair[1].0);
            assert!(increasing && moments.len() > 300 / seconds as usize - 2, "{moments:?}");
        }
    }
}
