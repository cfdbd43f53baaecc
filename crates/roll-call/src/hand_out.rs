//! A roll call that is too big for one invocation is divided, and its shards are handed out.

use std::time::Duration;

use presence::Millis;

use crate::calls::{Verdict, send};
use crate::config::Config;
use crate::plan::{Limits, Size, divide, is_due};
use crate::progress::Progress;
use crate::shard::{BYTES_MAX, Shard, ShardBus};
use crate::watched::Watched;

/// Hands out a roll call of too many channels; gives what is left to be taken here: all channels of a smaller one, those of
/// shards that the bus did not take within this time, or none.
pub(crate) async fn hand_out(
    bus: &dyn ShardBus,
    config: &Config,
    watched: Watched,
    taken_at: Millis,
    within: Duration,
    progress: &mut Progress,
) -> Watched {
    let stack = &config.stack_name;
    let limits = Limits {
        channels: config.shard_channels,
        clients: config.shard_clients,
        bytes: BYTES_MAX - Shard::bytes_of_none(stack),
    };
    if !is_due(watched.n_clients.iter().copied(), limits) {
        return watched;
    }
    let sizes = watched.channels.iter().zip(&watched.n_clients);
    let sizes =
        sizes.map(|(channel, clients)| Size { clients: *clients, bytes: Shard::bytes_of(channel) });
    let plan = divide(&sizes.collect::<Vec<_>>(), limits);
    let shards: Vec<String> = plan
        .iter()
        .enumerate()
        .map(|(number, places)| {
            let channels = places.iter().map(|place| watched.channels[*place].clone()).collect();
            let of = (number, plan.len());
            Shard::new(stack, taken_at, of, watched.is_baseline, channels).to_json()
        })
        .collect();
    let mut verdicts = Vec::new();
    let call_length = |shards: &[String]| bus.call_length(shards);
    let call = async |shards: &[String]| bus.hand_out(shards).await;
    let sending = send(&shards, &mut verdicts, call_length, call);
    let down = match tokio::time::timeout(within, sending).await {
        Ok(down) => down,
        Err(_) => Some("it is too slow".to_owned()),
    };
    let refused = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Refused(error) => Some(error),
        _ => None,
    });
    if let Some(error) = down.as_ref().or(refused) {
        let n_left = verdicts.iter().filter(|verdict| **verdict != Verdict::Taken).count();
        let n_shards = shards.len();
        tracing::warn!(
            "{n_left} of {n_shards} shards are not handed out, and taken here as far as the time goes: {error}"
        );
    }
    let mut left = Vec::new();
    for (places, _) in plan.iter().zip(&verdicts).filter(|(_, verdict)| **verdict != Verdict::Taken)
    {
        left.extend_from_slice(places);
    }
    left.sort_unstable();
    progress.handed_out(shards.len(), watched.channels.len() - left.len());
    watched.only(&left)
}
