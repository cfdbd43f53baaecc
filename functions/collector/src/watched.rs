//! Which channels to ask, and which to remember.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use crate::report::Failure;
use crate::roll_call::Collector;

/// The channels of a roll call.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// To be asked.
    pub(crate) channels: BTreeSet<String>,
    /// Those of the last roll call; `None` where there was none: nothing may be announced of channels without a ledger.
    known: Option<BTreeSet<String>>,
    /// Whether all globs could be listed. An unknown list is not an empty one, and is not to be remembered.
    complete: bool,
}

impl Watched {
    /// Whether this is the first roll call ever, or Redis was lost.
    pub(crate) fn is_baseline(&self) -> bool {
        self.known.is_none()
    }
}

impl Collector {
    /// The channels that are named, those that match a glob now, and those that did at the last roll call: one that has
    /// emptied is asked on until it is settled, and where Centrifugo does not give the list, the last one stands in.
    pub(crate) async fn watched(
        &self,
        failures: &mut Vec<Failure>,
    ) -> Result<Watched, store::Error> {
        let watch = &self.config.scope.watch;
        let known = self.store.channels().await?;
        let mut channels: BTreeSet<String> = watch.channels().map(str::to_owned).collect();
        let mut complete = true;
        // All at once: where Centrifugo hangs, many globs cost no more seconds than one.
        let lists = watch
            .patterns()
            .map(async |pattern| (pattern, self.centrifugo.channels(pattern).await));
        for (pattern, list) in join_all(lists).await {
            match list {
                Ok(matching) => {
                    channels.extend(matching.into_iter().filter(|channel| watch.contains(channel)));
                }
                Err(error) => {
                    complete = false;
                    failures.push(Failure::ask(pattern, error));
                }
            }
        }
        channels.extend(known.iter().flatten().filter(|channel| watch.contains(channel)).cloned());
        Ok(Watched { channels, known, complete })
    }

    /// Remembers the channels for the next roll call, but for those that are settled and not watched by name.
    pub(crate) async fn remember(
        &self,
        watched: &Watched,
        settled: &BTreeSet<String>,
    ) -> Result<(), store::Error> {
        if !watched.complete {
            return Ok(());
        }
        let named: BTreeSet<&str> = self.config.scope.watch.channels().collect();
        let kept =
            |channel: &&String| !settled.contains(*channel) || named.contains(channel.as_str());
        let next: BTreeSet<&String> = watched.channels.iter().filter(kept).collect();
        let before: BTreeSet<&String> = watched.known.iter().flatten().collect();
        let add: Vec<&str> = next.difference(&before).map(|channel| channel.as_str()).collect();
        let remove: Vec<&str> = before.difference(&next).map(|channel| channel.as_str()).collect();
        self.store.change_channels(&add, &remove).await
    }
}
