//! The channels of a roll call, or of a shard of one, and what is remembered of them.

use std::collections::HashSet;
use std::sync::Arc;

use presence::Millis;
use scope::Watch;
use store::{Mentions, Store};

use crate::shard::Shard;

/// The channels that a roll call asks for.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// To be asked, in that order: those watched by name, then those of globs.
    pub(crate) channels: Arc<[String]>,
    /// How many clients the globs' lists tell of each.
    pub(crate) n_clients: Vec<u64>,
    mentions: Vec<Mention>,
    /// How many of them are watched by name.
    n_named: usize,
    /// Channels of the last roll call that are not watched any more.
    pub(crate) unwatched: Vec<String>,
    /// Whether there is a list of channels.
    pub(crate) has_list: bool,
    /// Whether the first roll call ever is not through, or Redis was lost: nothing may be announced of channels without a
    /// ledger.
    pub(crate) is_baseline: bool,
    /// Whether these are all channels there are: only then is a first roll call through.
    pub(crate) is_complete: bool,
}

/// A channel that is to be asked.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) name: String,
    pub(crate) n_clients: u64,
    pub(crate) mention: Mention,
}

/// What the list of channels says of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mention {
    /// An earlier roll call meant to commit it.
    Before,
    /// This one does: whoever planned it wrote it down.
    Now,
    /// Nothing.
    None,
}

impl Watched {
    /// These channels, the first so many of them watched by name.
    pub(crate) fn new(channels: Vec<Channel>, n_named: usize) -> Self {
        let n_clients = channels.iter().map(|channel| channel.n_clients).collect();
        let mentions = channels.iter().map(|channel| channel.mention).collect();
        let names = channels.into_iter().map(|channel| channel.name);
        Self { channels: names.collect(), n_clients, mentions, n_named, ..Self::default() }
    }

    /// The channels of a shard, as far as they are watched.
    pub(crate) async fn of_shard(
        store: &Store,
        watch: &Watch,
        shard: &Shard,
    ) -> Result<Self, store::Error> {
        let named: HashSet<&str> = watch.channels().collect();
        let mut met = HashSet::new();
        let channels = shard.channels.iter().map(String::as_str);
        let channels = channels.filter(|channel| watch.contains(channel) && met.insert(*channel));
        let (mut names, of_globs): (Vec<&str>, Vec<&str>) =
            channels.partition(|channel| named.contains(channel));
        let n_named = names.len();
        names.extend(of_globs);
        let list = if names.is_empty() { None } else { store.mentions(&names).await? };
        let has_list = list.is_some();
        let Mentions { meant_by, is_baseline } = list.unwrap_or(Mentions {
            meant_by: vec![None; names.len()],
            // Redis was lost since the plan.
            is_baseline: true,
        });
        let channels = names.iter().zip(meant_by).map(|(name, meant_by)| Channel {
            name: (*name).to_owned(),
            n_clients: 0,
            mention: match meant_by {
                Some(moment) if moment == shard.taken_at => Mention::Now,
                Some(_) => Mention::Before,
                None => Mention::None,
            },
        });
        Ok(Self {
            has_list,
            is_baseline: is_baseline || shard.baseline,
            ..Self::new(channels.collect(), n_named)
        })
    }

    /// The same with the channels at these places alone, which are in order; whatever they need remembered is.
    pub(crate) fn only(self, places: &[usize]) -> Self {
        let channels = places.iter().map(|place| Channel {
            name: self.channels[*place].clone(),
            n_clients: self.n_clients[*place],
            mention: self.mentions[*place],
        });
        let n_named = places.partition_point(|place| *place < self.n_named);
        let rest = Self::new(channels.collect(), n_named);
        Self {
            channels: rest.channels,
            n_clients: rest.n_clients,
            mentions: rest.mentions,
            n_named,
            ..self
        }
    }

    /// Whether the channel at a place is watched by name.
    pub(crate) fn is_named(&self, place: usize) -> bool {
        place < self.n_named
    }

    /// Whether the channel at a place was one of the last roll call's.
    pub(crate) fn was_known(&self, place: usize) -> bool {
        self.mentions[place] == Mention::Before
    }

    /// Remembers the channels that are new, before anything of them is committed.
    pub(crate) async fn expect(&self, store: &Store, taken_at: Millis) -> Result<(), store::Error> {
        let mentions = self.mentions.iter().zip(self.channels.iter());
        let new = mentions.filter(|(mention, _)| **mention == Mention::None);
        let new: Vec<&str> = new.map(|(_, channel)| channel.as_str()).collect();
        if new.is_empty() && self.has_list {
            return Ok(());
        }
        store.expect_channels(&new, taken_at, !self.has_list).await
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
        store.keep_channels(self.is_baseline && is_through && self.is_complete).await
    }

    /// Forgets channels that are settled, and those that are not watched any more. Neither follows from a list of
    /// Centrifugo's, so neither waits for one that can't be had.
    pub(crate) async fn forget(
        &self,
        store: &Store,
        settled: &[usize],
        taken_at: Millis,
        now: Millis,
    ) -> Result<(), store::Error> {
        let settled = settled.iter().filter(|place| !self.is_named(**place));
        let settled = settled.map(|place| &self.channels[*place]);
        let forgotten: Vec<&str> = settled.chain(&self.unwatched).map(String::as_str).collect();
        if forgotten.is_empty() {
            return Ok(());
        }
        store.forget_channels(&forgotten, taken_at, now).await
    }
}
