//! A day behind the chart, made up: nobody was there yet, and an empty chart shows nothing.

use anyhow::{Context as _, Result};
use harness::{Redis, now_seconds};
use redis::AsyncCommands as _;

const MINUTES: u32 = 1440;

/// Keeps such a day of a channel, in which `people` come and go.
///
/// # Errors
/// Redis does not take it.
pub(crate) async fn make_up(
    redis: &Redis,
    prefix: &str,
    channel: &str,
    people: usize,
) -> Result<()> {
    let minute = u32::try_from(now_seconds() / 60)?;
    let client = redis::Client::open(redis.url())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let key = format!("{prefix}:{{{channel}}}:history");
    connection.set(key, made_up(minute, people)).await.context("Redis keeps no day")
}

/// The day up to the minute before this one, in the form in which `crates/store` keeps it: the form's number, the last
/// minute, the one with which the ring begins, and for each minute how many were present, plus one. All `people` are there
/// at most; few in the small hours, most in the evening.
fn made_up(minute: u32, people: usize) -> Vec<u8> {
    let (first, last) = (minute.saturating_sub(MINUTES - 1), minute.saturating_sub(1));
    let mut day = vec![2];
    day.extend(last.to_be_bytes());
    day.extend(first.to_be_bytes());
    for minute in first..=last {
        day.extend((present(minute, people) + 1).to_be_bytes());
    }
    day
}

/// How many are there in a minute: a wave of the day, a smaller one of two hours, and a little unrest.
fn present(minute: u32, people: usize) -> u32 {
    let of_day = f64::from(minute % MINUTES) / f64::from(MINUTES) * std::f64::consts::TAU;
    let wave = 0.5 - 0.38 * (of_day - 1.0).cos() + 0.08 * (of_day * 12.0).sin();
    let unrest = f64::from(minute.wrapping_mul(2_654_435_761) >> 24) / 256.0 - 0.5;
    let most = u32::try_from(people).unwrap_or(u32::MAX);
    let present = wave.mul_add(f64::from(most), unrest);
    // As many as there are is the most that there were.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is none of both"
    )]
    let present = present.round().max(0.0) as u32;
    present.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_before_now_and_nobody_is_made_up_who_is_not_there() {
        let minute = 29_833_334;
        let day = made_up(minute, 12);
        assert_eq!(day.len(), 9 + 4 * (MINUTES as usize - 1));
        let number = |at: usize| u32::from_be_bytes(day[at..at + 4].try_into().unwrap());
        assert_eq!((day[0], number(1), number(5)), (2, minute - 1, minute - 1439));
        let present = (0..MINUTES as usize - 1).map(|slot| number(9 + 4 * slot) - 1);
        let (least, most) = present.fold((u32::MAX, 0), |(l, m), p| (l.min(p), m.max(p)));
        assert!(least <= 3 && (10..=12).contains(&most), "{least} to {most}");
    }
}
