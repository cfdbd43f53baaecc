//! Which channels to ask.

use std::collections::BTreeSet;

use crate::report::Failure;
use crate::roll_call::Collector;

impl Collector {
    /// The channels of this roll call: those named, and those that match a glob now. A glob whose channels can't be
    /// listed goes to `failed` under its own text and takes no other with it.
    pub(crate) async fn watched_channels(&self, failed: &mut Vec<Failure>) -> BTreeSet<String> {
        let watch = &self.config.scope.watch;
        let mut channels: BTreeSet<String> = watch.channels().map(str::to_owned).collect();
        for pattern in watch.patterns() {
            match self.centrifugo.channels(pattern).await {
                Ok(matching) => {
                    channels.extend(matching.into_iter().filter(|channel| watch.contains(channel)))
                }
                Err(error) => failed.push(Failure::ask(pattern, error)),
            }
        }
        channels
    }
}
