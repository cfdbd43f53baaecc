//! What a visitor may do in a channel for trials, before and after entering it.

use serde_json::json;

use super::socket::{Gone, Reply, Socket};

/// Who may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Whoever is connected.
    Anyone,
    /// Whoever has subscribed.
    Subscribers,
}

/// Whether the kept publication is handed over with a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recovery {
    /// It is.
    Given,
    /// Nothing is ever recovered.
    Off,
    /// What was missed is recovered, not the last one.
    NoCache,
    /// It is where it is asked for.
    OnlyIfAsked,
}

/// How far a visitor comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// They may subscribe.
    Open,
    /// They may not.
    Denied,
    /// The name of the channel is refused.
    BadName,
    /// There is no such namespace.
    Unknown,
}

/// What was tried.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) entry: Entry,
    pub(super) publish: Option<By>,
    pub(super) presence: Option<By>,
    /// `None` where they did not come in.
    pub(super) recovery: Option<Recovery>,
}

/// Whether a visitor may subscribe to a channel, without entering it.
///
/// A subscription may hold a filter by tags. Centrifugo looks at it after it has looked whether the visitor may subscribe,
/// and before it does anything else; this filter is none, so the answer is "permission denied" (103) or "bad request" (107).
/// A name that `channel_regex` refuses is a bad request, too, so that is asked first, by a question that nobody needs to be
/// allowed.
pub(super) async fn may_enter(socket: &mut Socket, channel: &str) -> Result<Entry, Gone> {
    match socket.ask("presence", json!({ "channel": channel })).await? {
        Reply::Refused(107) => return Ok(Entry::BadName),
        Reply::Refused(102) => return Ok(Entry::Unknown),
        Reply::Refused(_) | Reply::Done(_) => {}
    }
    let no_filter = json!({ "channel": channel, "tf": { "cmp": "none" } });
    Ok(match socket.ask("subscribe", no_filter).await? {
        Reply::Refused(107) => Entry::Open,
        Reply::Refused(_) => Entry::Denied,
        Reply::Done(_) => {
            socket.ask("unsubscribe", json!({ "channel": channel })).await?;
            Entry::Open
        }
    })
}

/// Tries what may be done in a channel that is there for nothing else, and stays in it. A publication is tried where
/// `publishes`.
pub(super) async fn look(
    socket: &mut Socket,
    channel: &str,
    ticket: Option<&str>,
    publishes: bool,
) -> Result<Tried, Gone> {
    let mut publish = may_publish(socket, channel, publishes).await?.then_some(By::Anyone);
    let may_ask_outside = may_ask(socket, channel).await? == Some(true);
    let mut presence = may_ask_outside.then_some(By::Anyone);
    let mut subscription = json!({ "channel": channel });
    if let Some(ticket) = ticket {
        subscription["token"] = ticket.into();
    }
    let subscribed = match socket.ask("subscribe", subscription.clone()).await? {
        Reply::Done(subscribed) => subscribed,
        Reply::Refused(code) => {
            let entry = match code {
                102 => Entry::Unknown,
                107 => Entry::BadName,
                _ => Entry::Denied,
            };
            return Ok(Tried { entry, publish, presence, recovery: None });
        }
    };
    let recovery = if subscribed["recovered"] == true {
        Recovery::Given
    } else if subscribed["recoverable"] != true {
        Recovery::Off
    } else {
        socket.ask("unsubscribe", json!({ "channel": channel })).await?;
        // A place that was never there: whoever goes on from a place gets nothing, whoever wants the last one gets it.
        subscription["recover"] = true.into();
        subscription["epoch"] = "none".into();
        match socket.ask("subscribe", subscription).await? {
            Reply::Done(asked) if asked["recovered"] == true => Recovery::OnlyIfAsked,
            _ => Recovery::NoCache,
        }
    };
    if publish.is_none() && may_publish(socket, channel, publishes).await? {
        publish = Some(By::Subscribers);
    }
    if presence.is_none() && may_ask(socket, channel).await? == Some(true) {
        presence = Some(By::Subscribers);
    }
    Ok(Tried { entry: Entry::Open, publish, presence, recovery: Some(recovery) })
}

async fn may_publish(socket: &mut Socket, channel: &str, is_tried: bool) -> Result<bool, Gone> {
    let publication = json!({ "channel": channel, "data": { "v": 1 } });
    Ok(is_tried && matches!(socket.ask("publish", publication).await?, Reply::Done(_)))
}

/// Whether a visitor may ask who is in the channel; `None` where its name is refused.
pub(super) async fn may_ask(socket: &mut Socket, channel: &str) -> Result<Option<bool>, Gone> {
    Ok(match socket.ask("presence", json!({ "channel": channel })).await? {
        Reply::Done(_) => Some(true),
        Reply::Refused(107) => None,
        Reply::Refused(_) => Some(false),
    })
}
