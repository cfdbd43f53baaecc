//! The views to Centrifugo.

use centrifugo::{Client, Error, Publication};
use presence::Millis;
use scope::Scope;

use crate::take::Taken;

/// Publishes what was committed: the public view, and the members view where it has a channel of its own. The answer says
/// of each publication which channel's it was, by its place, and what became of it.
pub(crate) async fn publish(
    centrifugo: &Client,
    scope: &Scope,
    channels: &[String],
    committed: &[Taken],
    taken_at: Millis,
) -> Vec<(usize, Result<(), Error>)> {
    let mut outgoing: Vec<(&Taken, String, &str)> = Vec::with_capacity(committed.len());
    for taken in committed {
        let outputs = scope.publications(&channels[taken.place], &taken.views);
        outgoing.extend(outputs.map(|(output, view)| (taken, output, view)));
    }
    let idempotency_key = format!("rollcall@{taken_at}");
    let epochs: Vec<String> =
        outgoing.iter().map(|(taken, ..)| taken.version_epoch.to_string()).collect();
    let publications: Vec<Publication<'_>> = outgoing
        .iter()
        .zip(&epochs)
        .map(|((_, channel, data), version_epoch)| Publication {
            channel,
            data,
            version: taken_at,
            version_epoch,
            idempotency_key: &idempotency_key,
        })
        .collect();
    let results = centrifugo.publish(&publications).await;
    outgoing.iter().map(|(taken, ..)| taken.place).zip(results).collect()
}
