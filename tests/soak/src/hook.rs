//! The webhook of those stories that announce by one: it verifies what comes by the standard's own library, and tells it as
//! the event that a bus would have delivered.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use harness::{Hook, Message};
use serde_json::{Value, json};

/// Where they go.
pub(crate) const PATH: &str = "/hooks/presence";

/// The messages that were taken.
#[derive(Clone, Default)]
pub(crate) struct Inbox(Arc<Mutex<Vec<Value>>>);

impl Inbox {
    /// Takes a message as an event; one that is not as the contract says comes in an envelope that no event has.
    pub(crate) fn put(&self, headers: &HeaderMap, body: &[u8]) {
        let message = Message::read(Hook::SECRET, headers, body);
        let detail = &message.body["data"];
        let event = match kind(&message) {
            Ok(kind) => json!({"source": "rollcall", "detail-type": kind, "detail": detail}),
            Err(why) => json!({"source": why, "detail": detail}),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// All that came since the last call.
    pub(crate) fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The detail type of a message, or what is wrong with it.
fn kind(message: &Message) -> Result<&'static str, String> {
    if let Some(why) = &message.forged {
        return Err(why.clone());
    }
    if !message.id.starts_with("evt_") || message.id.len() != 36 {
        return Err(format!("the id {}", message.id));
    }
    match message.body["type"].as_str().unwrap_or_default() {
        "presence.changed" => Ok("Presence Changed"),
        "channel.occupied" => Ok("Channel Occupied"),
        "channel.vacated" => Ok("Channel Vacated"),
        "peak.reached" => Ok("Peak Reached"),
        other => Err(format!("the type {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_nobody_signed_comes_in_a_wrong_envelope() {
        let inbox = Inbox::default();
        let body = json!({"type": "presence.changed", "data": {"id": "a@1#changed"}}).to_string();
        inbox.put(&HeaderMap::new(), body.as_bytes());
        let [event] = inbox.take().try_into().unwrap_or_default();
        assert_ne!(event["source"], "rollcall");
        assert_eq!(event["detail"]["id"], "a@1#changed");
    }
}
