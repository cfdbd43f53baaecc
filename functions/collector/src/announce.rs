//! The outbox to EventBridge.

use std::collections::BTreeSet;

use presence::Event;

use crate::event_bus::EventBus;
use crate::report::Failure;
use crate::roll_call::{Collector, Progress};
use crate::take::Taken;

impl Collector {
    /// Sends what the committed channels have to announce, and takes out of their outboxes what was taken. The rest
    /// stays there for the next roll call; its channels are the answer.
    pub(crate) async fn announce(
        &self,
        committed: &[Taken],
        progress: &mut Progress,
    ) -> BTreeSet<String> {
        let mut unannounced = BTreeSet::new();
        let Some(bus) = &self.event_bus else { return unannounced };
        let outgoing: Vec<(&str, &Event)> = committed
            .iter()
            .flat_map(|taken| {
                taken
                    .outbox
                    .iter()
                    .chain(&taken.events)
                    .map(|event| (taken.channel.as_str(), event))
            })
            .collect();
        let mut rest = outgoing.as_slice();
        // A bus that is down is down for the rest of the roll call: to wait for it at each batch would cost the later
        // channels their turn.
        while !rest.is_empty() && progress.bus_is_down.is_none() {
            let (call, later) =
                rest.split_at(EventBus::call_length(rest.iter().map(|(_, event)| *event)));
            let events: Vec<&Event> = call.iter().map(|(_, event)| *event).collect();
            let results = match bus.put(&events).await {
                Ok(results) => results,
                Err(error) => {
                    progress.bus_is_down = Some(error);
                    break;
                }
            };
            rest = later;
            let mut taken = Vec::new();
            for ((channel, event), result) in call.iter().zip(results) {
                match result {
                    Ok(()) => taken.push((*channel, event.id.as_str())),
                    Err(error) => {
                        unannounced.insert((*channel).to_owned());
                        progress.failures.push(Failure::announce(channel, error));
                    }
                }
            }
            progress.report.announced += taken.len();
            if let Some((first, _)) = taken.first()
                && let Err(error) = self.store.announced(&taken).await
            {
                progress.failures.push(Failure::commit(first, error));
            }
        }
        if let Some(error) = &progress.bus_is_down {
            let waiting: BTreeSet<&str> = rest.iter().map(|(channel, _)| *channel).collect();
            progress
                .failures
                .extend(waiting.iter().map(|channel| Failure::announce(channel, error.clone())));
            unannounced.extend(waiting.into_iter().map(str::to_owned));
        }
        unannounced
    }
}
