//! The views to Centrifugo.

use centrifugo::{Client, Publication};
use scope::Scope;

use crate::failure::Step;
use crate::progress::Progress;
use crate::take::Taken;

/// Publishes what was committed: the public view, and the members view where it has a channel of its own.
pub(crate) async fn publish(
    centrifugo: &Client,
    scope: &Scope,
    committed: &[Taken],
    progress: &mut Progress,
) {
    let outgoing: Vec<(&Taken, String, String, &str)> = committed
        .iter()
        .flat_map(|taken| {
            let epoch = taken.version_epoch.to_string();
            scope
                .publications(&taken.channel, &taken.views)
                .map(move |(output, view)| (taken, epoch.clone(), output, view))
        })
        .collect();
    let version = progress.report.taken_at;
    let idempotency_key = format!("rollcall@{version}");
    let publications: Vec<Publication<'_>> = outgoing
        .iter()
        .map(|(_, version_epoch, channel, data)| Publication {
            channel,
            data,
            version,
            version_epoch,
            idempotency_key: &idempotency_key,
        })
        .collect();
    let results = centrifugo.publish(&publications).await;
    for ((taken, ..), result) in outgoing.iter().zip(results) {
        match result {
            Ok(()) => progress.report.published += 1,
            Err(error) => progress.note(&taken.channel, Step::Publish, error),
        }
    }
}
