//! What takes the roll calls.

use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use centrifugo::Client;
use event_bus::EventBridge;
use presence::Clock;
use roll_call::Collector;
use store::{Patience, Store};
use webhook::Webhook;

use crate::config::RollCalls;

/// How long a roll call may take, whatever the period: nearly the longest one. One that takes longer than a period costs
/// the moments that it goes past, but each channel has its turn.
pub(crate) const WITHIN: Duration = Duration::from_secs(55);

/// A collector with its clients. Nothing is asked yet.
///
/// # Errors
/// TLS can't be set up, or an address makes no sense to its client.
pub(crate) fn collector(config: RollCalls, clock: Clock) -> anyhow::Result<Collector> {
    let centrifugo = Client::new(config.centrifugo, Client::BODY_MAX)?;
    let store = Store::new(&config.store, Patience::OF_A_ROLL_CALL, Arc::clone(&clock))?;
    let period = config.roll_call.scope.period;
    let collector = Collector::new(config.roll_call, centrifugo, store, Arc::clone(&clock));
    Ok(match (config.webhook, config.event_bus) {
        (Some(webhook), _) => {
            let webhook = Webhook::new(webhook, period, clock).map_err(anyhow::Error::msg)?;
            collector.announcing(webhook)
        }
        (None, Some(name)) => {
            let aws = EventBridge::new(|| aws_config::defaults(BehaviorVersion::latest()));
            collector.announcing(aws.bus(&name, "EVENT_BUS_NAME"))
        }
        (None, None) => collector,
    })
}
