//! The webhook: the way to it, and one message if that is wished.

use std::sync::Arc;

use ::presence::Clock;
use ::webhook::Webhook;

use super::connection::{Address, Unreached};
use super::line::Line;
use super::see::See;
use super::variables::Known;

const REACH: &str = "webhook.address";
const SEND: &str = "webhook.send";

/// Goes the way to the webhook, if there is one, and sends a message where that is asked for.
pub(super) async fn look(known: &Known, send: bool, clock: &Clock) -> Vec<Line> {
    let (Some(config), Some(scope)) = (&known.webhook, &known.scope) else { return Vec::new() };
    let host = config.host();
    let address = Address { host: host.to_owned(), port: config.port(), has_tls: config.has_tls() };
    if let Err(unreached) = address.reach().await {
        let change = match unreached {
            Unreached::Name(_) => "check the host in EVENT_WEBHOOK_URL",
            Unreached::Port(_) => {
                "check the port in EVENT_WEBHOOK_URL, and that the receiver runs and may be reached from here"
            }
            Unreached::Tls(_) => {
                "give the receiver a certificate for this name that is good by the system's authorities, or begin EVENT_WEBHOOK_URL with http:// within your own network"
            }
        };
        let line = Line::wrong(REACH, host, unreached.says()).change(change, See::WEBHOOK);
        return vec![line];
    }
    let says = if address.has_tls { "can be reached, by TLS" } else { "can be reached" };
    let reached = Line::ok(REACH, host, says);
    if !send {
        let says = "nothing was sent; --send sends one message of type rollcall.check";
        return vec![reached, Line::skipped(SEND, host, says)];
    }
    let sent = match Webhook::new(config.clone(), scope.period, Arc::clone(clock)) {
        Ok(webhook) => webhook.send_trial().await,
        Err(error) => Err(error),
    };
    let sent = match sent {
        Ok(()) => Line::ok(SEND, host, "took a message of type rollcall.check"),
        Err(why) => Line::wrong(SEND, host, why).change(
            "let the receiver answer 2xx to what is signed with EVENT_WEBHOOK_SECRET, at the very path of EVENT_WEBHOOK_URL",
            See::WEBHOOK,
        ),
    };
    vec![reached, sent]
}
