//! What this process has served lately: reused for a second without asking Redis, and for as long as Redis does not
//! answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use presence::Millis;

use crate::answer::{Answer, Kind};

/// How long an answer is reused without asking. The same pause is made after Redis has failed, for channels that are
/// remembered: else each request would wait for it in vain.
const REUSED_FOR: Millis = 1000;

/// What is remembered at most: a small part of the smallest function there is (128 MB), and enough for any host, since
/// an edge stands before it.
const ENTRIES_MAX: usize = 1000;
const BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Memory(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    /// By channel and then by kind: so a look-up needs no key of its own.
    channels: HashMap<String, Entries>,
    /// How many entries there are in all channels, and their bytes.
    n_entries: usize,
    bytes: usize,
    /// How many answers were learned so far.
    learned: u64,
    /// When Redis failed last.
    failed_at: Option<Millis>,
}

/// What is remembered of a channel, each kind in its place.
type Entries = [Option<Entry>; Kind::N];

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
        let entry = remembered.entry(channel, kind)?;
        let is_fresh = is_recent(entry.asked_at, now);
        let is_down = remembered.failed_at.is_some_and(|failed_at| is_recent(failed_at, now));
        (is_fresh || is_down).then(|| entry.answer.clone())
    }

    /// An answer of any age, since Redis has just failed.
    pub(crate) fn stale(&self, channel: &str, kind: Kind, now: Millis) -> Option<Answer> {
        let mut remembered = self.lock();
        remembered.failed_at = Some(now);
        remembered.entry(channel, kind).map(|entry| entry.answer.clone())
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
        // Requests may overtake each other, but what readers see never goes back in time.
        let known = remembered.entry(channel, kind).map(|entry| entry.asked_at);
        if known.is_some_and(|known| known > asked_at && known - asked_at < REUSED_FOR) {
            return;
        }
        match answer {
            Some(answer) => remembered.keep(channel, kind, answer.clone(), asked_at),
            None => remembered.forget(channel, kind),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn entry(&self, channel: &str, kind: Kind) -> Option<&Entry> {
        self.channels.get(channel)?[kind.index()].as_ref()
    }

    fn keep(&mut self, channel: &str, kind: Kind, answer: Answer, asked_at: Millis) {
        self.forget(channel, kind);
        self.learned += 1;
        self.n_entries += 1;
        self.bytes += size(channel, &answer);
        let entry = Entry { answer, asked_at, number: self.learned };
        match self.channels.get_mut(channel) {
            Some(entries) => entries[kind.index()] = Some(entry),
            None => {
                let mut entries = Entries::default();
                entries[kind.index()] = Some(entry);
                self.channels.insert(channel.to_owned(), entries);
            }
        }
        self.shrink();
    }

    fn forget(&mut self, channel: &str, kind: Kind) {
        let Some(entries) = self.channels.get_mut(channel) else { return };
        if let Some(entry) = entries[kind.index()].take() {
            self.n_entries -= 1;
            self.bytes -= size(channel, &entry.answer);
        }
        if entries.iter().all(Option::is_none) {
            self.channels.remove(channel);
        }
    }

    /// Where it got too much, forgets the half that was learned longest ago: so looking through all of it is seldom.
    fn shrink(&mut self) {
        while self.n_entries > ENTRIES_MAX || self.bytes > BYTES_MAX {
            let all = self.channels.values().flatten().flatten();
            let mut numbers: Vec<u64> = all.map(|entry| entry.number).collect();
            let middle = numbers.len() / 2;
            let (_, &mut last, _) = numbers.select_nth_unstable(middle);
            (self.n_entries, self.bytes) = (0, 0);
            self.channels.retain(|channel, entries| {
                for place in &mut *entries {
                    place.take_if(|entry| entry.number <= last);
                }
                let left = entries.iter().flatten();
                let (n, bytes) = left.fold((0, 0), |(n, bytes), entry| {
                    (n + 1, bytes + size(channel, &entry.answer))
                });
                self.n_entries += n;
                self.bytes += bytes;
                n > 0
            });
        }
    }
}

fn size(channel: &str, answer: &Answer) -> usize {
    channel.len() + answer.body.len()
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
        assert!(memory.lock().channels.is_empty());
    }

    #[test]
    fn each_kind_of_a_channel_is_remembered_for_itself() {
        let memory = Memory::default();
        let kinds = [Kind::COUNTS, Kind::MEMBERS, Kind::History];
        for (kind, number) in kinds.into_iter().zip(1..) {
            memory.learn("a", kind, 5000, Some(&answer(number, 10)));
        }
        memory.learn("a", Kind::MEMBERS, 5001, None);
        let known = kinds.map(|kind| memory.stale("a", kind, 5001).map(|answer| answer.taken_at));
        assert_eq!(known, [Some(1), None, Some(3)]);
        let remembered = memory.lock();
        assert_eq!((remembered.n_entries, remembered.bytes), (2, 22));
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
            assert!(memory.lock().n_entries <= ENTRIES_MAX);
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
        assert!(remembered.entry("last", Kind::MEMBERS).is_some());
        let of = |(channel, entries): (&String, &Entries)| {
            let sizes = entries.iter().flatten().map(|entry| size(channel, &entry.answer));
            sizes.collect::<Vec<_>>()
        };
        let sizes: Vec<usize> = remembered.channels.iter().flat_map(of).collect();
        assert_eq!(sizes.iter().sum::<usize>(), remembered.bytes);
        assert_eq!(sizes.len(), remembered.n_entries);
        assert!(remembered.channels.values().all(|entries| entries.iter().any(Option::is_some)));
    }
}
