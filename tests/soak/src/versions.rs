//! The views of a channel, one after the other as they were kept, and which of them a reader may see.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many are remembered: nobody may show an older one.
const REMEMBERED: usize = 64;
/// A sandbox answers from its memory for a second; the rest is for a busy machine.
const FROM_MEMORY: Duration = Duration::from_millis(1500);

/// The views of one roll call.
#[derive(Debug)]
pub(crate) struct Version {
    /// Each is one higher than the one kept before, over all losses.
    pub(crate) number: u64,
    /// Time never runs backwards within an era: one begins where everything was lost, or a clock was wrong.
    pub(crate) era: u64,
    pub(crate) taken_at: u64,
    pub(crate) counts: String,
    pub(crate) members: String,
    gone_at: Option<Instant>,
}

/// All that were kept.
#[derive(Default)]
pub(crate) struct Versions {
    all: VecDeque<Version>,
    n: u64,
    era: u64,
}

impl Versions {
    /// The one that is kept now.
    pub(crate) fn current(&self) -> Option<&Version> {
        self.all.back().filter(|version| version.gone_at.is_none())
    }

    /// Another one takes its place.
    pub(crate) fn keep(&mut self, taken_at: u64, counts: &str, members: &str, at: Instant) {
        if self.current().is_some_and(|current| current.taken_at >= taken_at) {
            self.era += 1;
        }
        self.end(at);
        self.n += 1;
        self.all.push_back(Version {
            number: self.n,
            era: self.era,
            taken_at,
            counts: counts.to_owned(),
            members: members.to_owned(),
            gone_at: None,
        });
        if self.all.len() > REMEMBERED {
            self.all.pop_front();
        }
    }

    /// It was lost.
    pub(crate) fn lose(&mut self, at: Instant) {
        self.end(at);
        self.era += 1;
    }

    fn end(&mut self, at: Instant) {
        if let Some(last) = self.all.back_mut() {
            last.gone_at.get_or_insert(at);
        }
    }

    /// The version with these bytes.
    pub(crate) fn find(&self, is_it: impl Fn(&Version) -> bool) -> Option<&Version> {
        self.all.iter().rev().find(|version| is_it(version))
    }

    /// Whether a reader who asked at `asked` may have got no view.
    pub(crate) fn may_be_none(&self) -> bool {
        self.current().is_none()
    }
}

impl Version {
    /// Whether a reader who asked at that moment may have got this one: it is kept, or was a moment ago.
    pub(crate) fn may_be_read(&self, asked: Instant) -> bool {
        self.gone_at.is_none_or(|gone_at| asked < gone_at + FROM_MEMORY)
    }
}

/// What one reader has seen of a channel: it must not go back (I1).
#[derive(Debug, Default)]
pub(crate) struct Eye {
    /// The latest of each era.
    seen: std::collections::BTreeMap<u64, u64>,
    /// The latest of all, where order is by what was kept.
    last: u64,
}

impl Eye {
    /// For a reader who sees what is kept: each version is at least as new as the one before.
    pub(crate) fn reads(&mut self, version: &Version) -> bool {
        let goes_on = version.number >= self.last;
        self.last = version.number;
        goes_on
    }

    /// For a subscriber, who sees each once; a publication from before a loss may come late.
    pub(crate) fn receives(&mut self, version: &Version) -> bool {
        let before = self.seen.insert(version.era, version.taken_at);
        before.is_none_or(|before| before < version.taken_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(moments: &[u64]) -> Versions {
        let mut versions = Versions::default();
        for taken_at in moments {
            versions.keep(*taken_at, &format!("c{taken_at}"), "", Instant::now());
        }
        versions
    }

    #[test]
    fn a_view_that_goes_back_shows() {
        let versions = kept(&[1, 2, 3]);
        let at = |taken_at| versions.find(|version| version.taken_at == taken_at).unwrap();
        let mut eye = Eye::default();
        assert!(eye.reads(at(2)) && eye.reads(at(2)) && eye.reads(at(3)));
        assert!(!eye.reads(at(1)));
        let mut eye = Eye::default();
        assert!(eye.receives(at(2)));
        assert!(!eye.receives(at(2)), "twice");
        assert!(!eye.receives(at(1)));
    }

    #[test]
    fn after_a_wrong_clock_time_begins_anew() {
        let versions = kept(&[1, 3600, 2, 3]);
        let mut eye = Eye::default();
        for taken_at in [1, 3600, 2, 3] {
            let version = versions.find(|version| version.taken_at == taken_at).unwrap();
            assert!(eye.receives(version), "{taken_at}");
        }
    }

    #[test]
    fn an_old_view_may_be_read_for_a_moment_only() {
        let mut versions = kept(&[1, 2]);
        let (old, now) = (versions.find(|version| version.taken_at == 1).unwrap(), Instant::now());
        assert!(old.may_be_read(now));
        assert!(!old.may_be_read(now + Duration::from_secs(2)));
        assert!(versions.current().unwrap().may_be_read(now + Duration::from_secs(9)));
        versions.lose(now);
        assert!(versions.may_be_none() && versions.current().is_none());
    }
}
