//! Which channels to ask, and which to remember.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use centrifugo::Client;
use futures_util::future::{join, join_all};
use presence::Millis;
use scope::Watch;
use store::{KnownChannels, Store};

use crate::failure::Step;
use crate::progress::Progress;

/// The channels of a roll call.
#[derive(Debug)]
pub(crate) struct Watched {
    /// To be asked, in that order: those watched by name, then those of globs.
    pub(crate) channels: Arc<[String]>,
    /// How many of them are watched by name.
    n_named: usize,
    /// Those of the last roll call; `None` where there was none.
    known: Option<KnownChannels>,
    /// Whether all globs could be listed: only then is a first roll call through.
    is_complete: bool,
}

impl Watched {
    /// The channels that are named, those that match a glob now, and those that did at the last roll call: one that has
    /// emptied is asked on until it is settled, and where Centrifugo does not give the list, the last one stands in.
    ///
    /// There is no bound for those watched by name. Of globs' channels no more than `most` are taken: first those that have
    /// still something to end, then the fullest.
    pub(crate) async fn list(
        store: &Store,
        centrifugo: &Client,
        watch: &Watch,
        most: usize,
        progress: &mut Progress,
    ) -> Result<Self, store::Error> {
        let named: BTreeSet<&str> = watch.channels().collect();
        let is_of_glob = |channel: &str| watch.contains(channel) && !named.contains(channel);
        // All at once: where Centrifugo hangs, many globs cost no more seconds than one.
        let lists = watch.patterns().map(async |glob| (glob, centrifugo.channels(glob).await));
        let mut n_clients: BTreeMap<String, u64> = BTreeMap::new();
        let mut is_complete = true;
        let (known, lists) = join(store.channels(), join_all(lists)).await;
        let known = known?;
        for (glob, list) in lists {
            match list {
                Ok(list) => {
                    n_clients.extend(list.into_iter().filter(|(channel, _)| is_of_glob(channel)));
                }
                Err(error) => {
                    is_complete = false;
                    progress.note(glob, Step::List, error);
                }
            }
        }
        let known_names = known.iter().flat_map(|known| &known.names);
        let emptied = known_names
            .filter(|channel| is_of_glob(channel) && !n_clients.contains_key(*channel))
            .cloned();
        let mut channels: Vec<String> = emptied.collect();
        let mut fullest: Vec<(String, u64)> = n_clients.into_iter().collect();
        fullest.sort_by_key(|(_, n_clients)| Reverse(*n_clients));
        channels.extend(fullest.into_iter().map(|(channel, _)| channel));
        progress.report.left_out = channels.len().saturating_sub(most);
        channels.truncate(most);
        let n_named = named.len();
        channels.splice(..0, named.into_iter().map(str::to_owned));
        Ok(Self { channels: channels.into(), n_named, known, is_complete })
    }

    /// Whether the first roll call ever is not through, or Redis was lost: nothing may be announced of channels without a
    /// ledger.
    pub(crate) fn is_baseline(&self) -> bool {
        self.known.as_ref().is_none_or(|known| known.is_baseline)
    }

    /// Whether the channel at a place is watched by name.
    pub(crate) fn is_named(&self, place: usize) -> bool {
        place < self.n_named
    }

    pub(crate) fn is_known(&self, channel: &str) -> bool {
        self.known.as_ref().is_some_and(|known| known.names.contains(channel))
    }

    /// Remembers the channels that are new, before anything of them is committed.
    pub(crate) async fn expect(&self, store: &Store, taken_at: Millis) -> Result<(), store::Error> {
        let new: Vec<&str> = self
            .channels
            .iter()
            .map(String::as_str)
            .filter(|channel| !self.is_known(channel))
            .collect();
        if new.is_empty() && self.known.is_some() {
            return Ok(());
        }
        store.expect_channels(&new, taken_at, self.known.is_none()).await
    }

    /// Remembers anew, before it is committed, that somebody came to a channel of a glob: an overlapping roll call that found
    /// it settled must not take it out.
    pub(crate) async fn expect_again(
        &self,
        store: &Store,
        places: impl Iterator<Item = usize>,
        taken_at: Millis,
    ) -> Result<(), store::Error> {
        let of_globs = places.filter(|place| !self.is_named(*place));
        let again: Vec<&str> = of_globs.map(|place| self.channels[place].as_str()).collect();
        if again.is_empty() {
            return Ok(());
        }
        store.expect_channels(&again, taken_at, false).await
    }

    /// Keeps the list for another while; says that the baseline is through where everything was decided.
    pub(crate) async fn keep(&self, store: &Store, is_through: bool) -> Result<(), store::Error> {
        store.keep_channels(self.is_baseline() && is_through && self.is_complete).await
    }

    /// Forgets channels that are settled, and those that are not watched any more. Neither follows from a list of
    /// Centrifugo's, so neither waits for one that can't be had.
    pub(crate) async fn forget(
        &self,
        store: &Store,
        watch: &Watch,
        settled: &[usize],
        taken_at: Millis,
        now: Millis,
    ) -> Result<(), store::Error> {
        let settled = settled.iter().filter(|place| !self.is_named(**place));
        let settled = settled.map(|place| &self.channels[*place]);
        let unwatched = self.known.iter().flat_map(|known| &known.names);
        let unwatched = unwatched.filter(|channel| !watch.contains(channel));
        let forgotten: Vec<&str> = settled.chain(unwatched).map(String::as_str).collect();
        if forgotten.is_empty() {
            return Ok(());
        }
        store.forget_channels(&forgotten, taken_at, now).await
    }
}
