//! The moments of the roll calls in a minute.
//!
//! What starts them comes each minute, anywhere inside it. With a shorter period one start takes several roll calls,
//! aligned to the clock.

use presence::{Millis, Period};

const MINUTE: Millis = 60_000;

/// When the roll calls begin that start `now`: one at once, then those whose time is still to come in this minute.
pub(crate) fn begins(now: Millis, period: Period) -> impl Iterator<Item = Millis> {
    let period = period.millis();
    let minute = now - now % MINUTE;
    let aligned = (0..MINUTE / period).map(move |index| minute + index * period);
    std::iter::once(now).chain(aligned.filter(move |begin| *begin > now))
}

/// Until when a roll call of that period may take: those of a shorter period leave the next minute to the next start.
pub(crate) fn end(now: Millis, period: Period, deadline: Millis) -> Millis {
    if period.millis() == MINUTE { deadline } else { deadline.min(now - now % MINUTE + MINUTE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roll_calls_are_aligned_to_the_clock_and_a_late_start_takes_one_at_once() {
        const START: Millis = 1_790_000_000_000 / MINUTE * MINUTE;
        let begin = |seconds: u32, at: Millis| -> Vec<Millis> {
            let period = Period::from_seconds(seconds).unwrap();
            begins(START + at, period).map(|begin| begin - START).collect()
        };
        assert_eq!(begin(60, 0), [0]);
        assert_eq!(begin(60, 59_999), [59_999]);
        assert_eq!(begin(30, 400), [400, 30_000]);
        assert_eq!(begin(20, 0), [0, 20_000, 40_000]);
        assert_eq!(begin(15, 31_000), [31_000, 45_000]);
        assert_eq!(begin(10, 49_500), [49_500, 50_000]);
        assert_eq!(begin(10, 50_000), [50_000]);
    }
}
