//! What subscribers see: each publication is a kept view, byte for byte, none goes back, and in calm all come (I1, I4).

use std::collections::BTreeMap;
use std::time::Duration;

use harness::eventually;

use crate::channels::VAULT;
use crate::secrets::Search;
use crate::truth::{Committed, Truth};
use crate::versions::Eye;
use crate::violation::Violation;
use crate::watcher::Watcher;

/// What one subscriber has seen since it connected.
#[derive(Default)]
pub(crate) struct Publications {
    /// By channel, and whether it is the private list.
    eyes: BTreeMap<(&'static str, bool), Eye>,
    /// The moment of the last one.
    last: BTreeMap<(&'static str, bool), u64>,
    pub(crate) n_received: u64,
}

impl Publications {
    /// Another connection: what the server remembered of the one before may be lost.
    pub(crate) fn begin_anew(&mut self) {
        self.eyes.clear();
        self.last.clear();
    }

    /// Looks at what has come.
    pub(crate) fn check(
        &mut self,
        watcher: &mut Watcher,
        truth: &Truth,
        search: &mut Search,
    ) -> Vec<Violation> {
        let mut violations = Vec::new();
        for (channel, is_private, publication) in watcher.received() {
            self.n_received += 1;
            let data = publication.data.get();
            violations.extend(search.public("a publication", data));
            let Some(known) = truth.channel(channel) else { continue };
            let version = known.versions.find(|version| match is_private {
                true => version.members == data,
                false => truth.public(channel, version) == data,
            });
            let wrong = match version {
                None => "no kept view was published",
                Some(version) => {
                    self.last.insert((channel, is_private), version.taken_at);
                    let eye = self.eyes.entry((channel, is_private)).or_default();
                    if eye.receives(version) {
                        continue;
                    }
                    "a publication went back"
                }
            };
            violations.push(Violation::of("I1", format!("{channel}: {wrong}: {data}")));
        }
        violations
    }

    /// Waits until all that was committed in calm has come.
    pub(crate) async fn wait_for(
        &mut self,
        committed: &[Committed],
        watcher: &mut Watcher,
        truth: &Truth,
        search: &mut Search,
    ) -> Vec<Violation> {
        let mut violations = Vec::new();
        let all_came = eventually(Duration::from_secs(5), "", async || {
            violations.extend(self.check(watcher, truth, search));
            self.missing(committed).is_none().then_some(())
        });
        if all_came.await.is_err()
            && let Some(Committed { channel, taken_at, .. }) = self.missing(committed)
        {
            let what = format!("the view of {channel} at {taken_at} was not published");
            violations.push(Violation::of("publication", what));
        }
        violations
    }

    fn missing<'c>(&self, committed: &'c [Committed]) -> Option<&'c Committed> {
        let came = |channel: &str, is_private, taken_at| {
            let last = self
                .last
                .iter()
                .find(|((name, private), _)| *name == channel && *private == is_private);
            last.is_some_and(|(_, last)| *last == taken_at)
        };
        committed.iter().find(|Committed { channel, taken_at, .. }| {
            !came(channel, false, *taken_at)
                || (channel == VAULT && !came(channel, true, *taken_at))
        })
    }
}
