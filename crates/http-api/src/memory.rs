//! What this sandbox has served lately: reused for a second without asking Redis, and for as long as Redis does not
//! answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use presence::Millis;

use crate::answer::{Answer, Kind};

/// How long an answer is reused without asking. The same pause is made after Redis has failed, for channels that are
/// remembered: else each request would wait for it in vain.
const REUSED_FOR: Millis = 1000;

/// What is remembered at most: a small part of the smallest Lambda (128 MB).
const ENTRIES_MAX: usize = 1000;
const BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Memory(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    entries: HashMap<(Kind, String), Entry>,
    bytes: usize,
    /// How many answers were learned so far.
    learned: u64,
    /// When Redis failed last.
    failed_at: Option<Millis>,
}

struct Entry {
    answer: Answer,
    /// When Redis was asked for it.
    asked_at: Millis,
    /// Its place among all that were learned.
    number: u64,
}

impl Memory {
    /// An answer that may be served without asking Redis.
    pub(crate) fn fresh(&self, channel: &str, kind: Kind, now: Millis) -> Option<Answer> {
        let remembered = self.lock();
        let entry = remembered.entries.get(&(kind, channel.to_owned()))?;
        let is_fresh = is_recent(entry.asked_at, now);
        let is_down = remembered.failed_at.is_some_and(|failed_at| is_recent(failed_at, now));
        (is_fresh || is_down).then(|| entry.answer.clone())
    }

    /// An answer of any age, since Redis has just failed.
    pub(crate) fn stale(&self, channel: &str, kind: Kind, now: Millis) -> Option<Answer> {
        let mut remembered = self.lock();
        remembered.failed_at = Some(now);
        remembered.entries.get(&(kind, channel.to_owned())).map(|entry| entry.answer.clone())
    }

    /// Keeps what Redis answered when it was asked at `asked_at`. That there is nothing is not remembered: whoever asks
    /// for one made-up name after the other would push out what there is, and the edge keeps such answers anyway.
    pub(crate) fn learn(
        &self,
        channel: &str,
        kind: Kind,
        asked_at: Millis,
        answer: Option<&Answer>,
    ) {
        let mut remembered = self.lock();
        remembered.failed_at = None;
        let key = (kind, channel.to_owned());
        // Requests may overtake each other, but what readers see never goes back in time.
        let known = remembered.entries.get(&key).map(|entry| entry.asked_at);
        if known.is_some_and(|known| known > asked_at && known - asked_at < REUSED_FOR) {
            return;
        }
        remembered.forget(&key);
        if let Some(answer) = answer {
            remembered.bytes += size(&key, answer);
            remembered.learned += 1;
            let entry = Entry { answer: answer.clone(), asked_at, number: remembered.learned };
            remembered.entries.insert(key, entry);
            remembered.shrink();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn forget(&mut self, key: &(Kind, String)) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= size(key, &entry.answer);
        }
    }

    /// Where it got too much, forgets the half that was learned longest ago: so looking through all of it is seldom.
    fn shrink(&mut self) {
        while self.entries.len() > ENTRIES_MAX || self.bytes > BYTES_MAX {
            let mut numbers: Vec<u64> = self.entries.values().map(|entry| entry.number).collect();
            let middle = numbers.len() / 2;
            let (_, &mut last, _) = numbers.select_nth_unstable(middle);
            self.entries.retain(|_, entry| entry.number > last);
            self.bytes = self.entries.iter().map(|(key, entry)| size(key, &entry.answer)).sum();
        }
    }
}

fn size(key: &(Kind, String), answer: &Answer) -> usize {
    key.1.len() + answer.body.len()
}

/// Whether a moment is less than a second ago. One that is still to come is not: the clock was set back.
fn is_recent(then: Millis, now: Millis) -> bool {
    now.checked_sub(then).is_some_and(|age| age < REUSED_FOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(taken_at: Millis, length: usize) -> Answer {
        Answer { taken_at, body: vec![b'x'; length].into() }
    }

    #[test]
    fn an_answer_is_reused_for_a_second_and_in_need_for_ever() {
        let memory = Memory::default();
        memory.learn("a", Kind::COUNTS, 5000, Some(&answer(1, 1)));
        for (now, fresh) in [(5000, true), (5999, true), (6000, false), (4999, false)] {
            assert_eq!(memory.fresh("a", Kind::COUNTS, now).is_some(), fresh, "{now}");
        }
        assert_eq!(memory.fresh("a", Kind::MEMBERS, 5000), None);
        assert_eq!(memory.stale("b", Kind::COUNTS, 90_000), None);
        assert_eq!(memory.stale("a", Kind::COUNTS, 90_000), Some(answer(1, 1)));
        assert!(memory.fresh("a", Kind::COUNTS, 90_999).is_some(), "Redis is left alone");
        assert_eq!(memory.fresh("a", Kind::COUNTS, 91_000), None, "and tried again");
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let memory = Memory::default();
        memory.learn("a", Kind::COUNTS, 5000, Some(&answer(1, 1)));
        memory.learn("a", Kind::COUNTS, 7000, None);
        assert_eq!(memory.stale("a", Kind::COUNTS, 7000), None);
        assert_eq!(memory.lock().bytes, 0);
    }

    #[test]
    fn a_request_that_was_overtaken_brings_nothing_back() {
        let memory = Memory::default();
        memory.learn("a", Kind::COUNTS, 5001, Some(&answer(2, 1)));
        memory.learn("a", Kind::COUNTS, 5000, Some(&answer(1, 1)));
        assert_eq!(memory.stale("a", Kind::COUNTS, 5001), Some(answer(2, 1)));
        memory.learn("a", Kind::COUNTS, 1000, Some(&answer(3, 1)));
        assert_eq!(memory.stale("a", Kind::COUNTS, 1000), Some(answer(3, 1)), "a clock set back");
    }

    #[test]
    fn memory_is_bounded_in_entries_and_in_bytes() {
        let memory = Memory::default();
        for n in 0..3000 {
            memory.learn(&format!("room:{n}"), Kind::COUNTS, 0, Some(&answer(n, 100)));
            assert!(memory.lock().entries.len() <= ENTRIES_MAX);
        }
        assert_eq!(memory.stale("room:1999", Kind::COUNTS, 0), None);
        for n in 2600..3000 {
            assert!(memory.stale(&format!("room:{n}"), Kind::COUNTS, 0).is_some(), "{n}");
        }
        for n in 3000..3100 {
            memory.learn(&format!("room:{n}"), Kind::MEMBERS, 0, Some(&answer(n, 512 * 1024)));
            assert!(memory.lock().bytes <= BYTES_MAX);
        }
        memory.learn("huge", Kind::MEMBERS, 0, Some(&answer(1, BYTES_MAX + 1)));
        assert!(memory.lock().bytes <= BYTES_MAX);
        memory.learn("last", Kind::MEMBERS, 0, Some(&answer(1, 1)));
        let remembered = memory.lock();
        assert!(remembered.entries.contains_key(&(Kind::MEMBERS, "last".to_owned())));
        let counted: usize =
            remembered.entries.iter().map(|(key, entry)| size(key, &entry.answer)).sum();
        assert_eq!(counted, remembered.bytes);
    }
}
