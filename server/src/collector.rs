//! What takes the roll calls.

use std::time::Duration;

use aws_config::BehaviorVersion;
use centrifugo::Client;
use event_bus::EventBridge;
use presence::Clock;
use roll_call::Collector;
use store::{Patience, Store};

use crate::config::RollCalls;

/// How long a roll call may take, whatever the period: nearly the longest one. One that takes longer than a period costs
/// the moments that it goes past, but each channel has its turn.
pub(crate) const WITHIN: Duration = Duration::from_secs(55);

/// A collector with its clients. Nothing is asked yet, but where a bus has to be found.
///
/// # Errors
/// TLS can't be set up, or an address makes no sense to its client.
pub(crate) async fn collector(config: RollCalls, clock: Clock) -> anyhow::Result<Collector> {
    let centrifugo = Client::new(config.centrifugo, Client::BODY_MAX)?;
    let store = Store::new(&config.store, Patience::OF_A_ROLL_CALL, clock.clone())?;
    let collector = Collector::new(config.roll_call, centrifugo, store, clock);
    Ok(match config.event_bus {
        Some(name) => {
            let aws = EventBridge::connect(aws_config::defaults(BehaviorVersion::latest())).await;
            collector.announcing(aws.bus(&name, "EVENT_BUS_NAME"))
        }
        None => collector,
    })
}
