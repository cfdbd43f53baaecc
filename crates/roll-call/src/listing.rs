//! Finds the channels of a roll call: those that are named, those that match a glob now, and those that did at the last one.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use centrifugo::Client;
use futures_util::future::{join, join_all};
use scope::Watch;
use store::{KnownChannels, Store};

use crate::failure::Step;
use crate::progress::Progress;
use crate::watched::{Channel, Mention, Watched};

/// Lists them: one that has emptied is asked on until it is settled, and where Centrifugo does not give the list, the last one
/// stands in.
///
/// There is no bound for those watched by name. Of globs' channels no more than `most` are taken: first those that have still
/// something to end, then the fullest.
pub(crate) async fn list(
    store: &Store,
    centrifugo: &Client,
    watch: &Watch,
    most: usize,
    progress: &mut Progress,
) -> Result<Watched, store::Error> {
    // All at once: where Centrifugo hangs, many globs cost no more seconds than one.
    let lists = watch.patterns().map(async |glob| (glob, centrifugo.channels(glob).await));
    let (known, lists) = join(store.channels(), join_all(lists)).await;
    let known = known?;
    let mut found: Vec<(String, u64)> = Vec::new();
    let mut is_complete = true;
    for (glob, list) in lists {
        match list {
            Ok(list) if found.is_empty() => found = list,
            Ok(list) => found.extend(list),
            Err(error) => {
                is_complete = false;
                progress.note(glob, Step::List, error);
            }
        }
    }
    found.retain(|(channel, _)| watch.contains(channel));
    // Several globs may match one channel.
    found.sort_unstable();
    found.dedup_by(|(later, _), (channel, _)| later == channel);

    let has_list = known.is_some();
    let KnownChannels { names: mut known, is_baseline } = known.unwrap_or_default();
    let mention = |was_known| if was_known { Mention::Before } else { Mention::None };
    let named: BTreeSet<&str> = watch.channels().collect();
    let mut channels: Vec<Channel> = named
        .iter()
        .map(|name| {
            let place = found.binary_search_by(|(channel, _)| channel.as_str().cmp(name));
            Channel {
                name: (*name).to_owned(),
                n_clients: place.map_or(0, |place| found[place].1),
                mention: mention(known.remove(*name)),
            }
        })
        .collect();
    let n_named = channels.len();
    found.retain(|(channel, _)| !named.contains(channel.as_str()));
    let mut fullest: Vec<Channel> = found
        .into_iter()
        .map(|(name, n_clients)| {
            let mention = mention(known.remove(&name));
            Channel { name, n_clients, mention }
        })
        .collect();
    fullest.sort_by_key(|channel| Reverse(channel.n_clients));
    // What is left of the list is in no list of Centrifugo's, or not watched any more.
    let (emptied, unwatched): (Vec<String>, Vec<String>) =
        known.into_iter().partition(|channel| watch.contains(channel));
    let emptied =
        emptied.into_iter().map(|name| Channel { name, n_clients: 0, mention: Mention::Before });
    channels.extend(emptied);
    channels[n_named..].sort_unstable_by(|one, other| one.name.cmp(&other.name));
    channels.extend(fullest);
    progress.report.left_out = (channels.len() - n_named).saturating_sub(most);
    channels.truncate(n_named + most);
    let mut watched = Watched::new(channels, n_named);
    watched.unwatched = unwatched;
    watched.has_list = has_list;
    watched.is_baseline = !has_list || is_baseline;
    watched.is_complete = is_complete;
    Ok(watched)
}
