//! The roll calls inside one invocation.
//!
//! The schedule fires each minute, anywhere inside it. With a shorter period one invocation takes several roll calls,
//! aligned to the clock.

use presence::{Millis, Period};

const MINUTE: Millis = 60_000;

/// When the roll calls of an invocation that starts `now` begin: one at once, then those whose time is still to come
/// in this minute.
pub fn begins(now: Millis, period: Period) -> impl Iterator<Item = Millis> {
    let period = Millis::from(period.seconds()) * 1000;
    let minute = now - now % MINUTE;
    let aligned = (0..MINUTE / period).map(move |index| minute + index * period);
    std::iter::once(now).chain(aligned.filter(move |begin| *begin > now))
}

/// Until when a roll call of that period may take: those of a shorter period leave the next minute to the next
/// invocation.
pub(crate) fn end(now: Millis, period: Period, deadline: Millis) -> Millis {
    if period.seconds() == 60 { deadline } else { deadline.min(now - now % MINUTE + MINUTE) }
}
