//! Who is in the channels.

use std::time::Duration;

use presence::{Census, CensusTaker};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::batch::{Batch, replies};
use crate::error::{ApiError, Error};
use crate::http::{Client, malformed};

/// Centrifugo gives itself 10 s to write an answer.
const WITHIN: Duration = Duration::from_secs(12);

/// The answer to one presence call, as it came.
pub struct PresenceAnswer(String);

/// What the answer says of one channel.
#[derive(Debug, Clone, Copy)]
pub struct PresenceReply<'a>(&'a RawValue);

#[derive(Serialize)]
struct Command<'a> {
    presence: ChannelRequest<'a>,
}

#[derive(Serialize)]
struct ChannelRequest<'a> {
    channel: &'a str,
}

impl Client {
    /// Asks for the clients of `channels` in one call.
    ///
    /// # Errors
    /// Where the call as a whole failed; [`Error::TooLarge`] where fewer channels at once may help.
    pub async fn presence(&self, channels: &[&str]) -> Result<PresenceAnswer, Error> {
        let commands =
            channels.iter().map(|channel| Command { presence: ChannelRequest { channel } });
        let batch = Batch::of(commands);
        self.once_more(async || self.call("batch", &batch, WITHIN).await.map(PresenceAnswer)).await
    }
}

impl PresenceAnswer {
    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The replies, one for each of the channels asked for, in their order.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the answer can't be read or the number of replies is another one.
    pub fn replies(&self, asked: usize) -> Result<Vec<PresenceReply<'_>>, Error> {
        Ok(replies::<&RawValue>(&self.0, asked)?.into_iter().map(PresenceReply).collect())
    }
}

impl<'a> PresenceReply<'a> {
    /// Takes the census of the channel that this reply is about.
    ///
    /// # Errors
    /// What Centrifugo says against this channel, or that this reply can't be read.
    pub fn census(self, channel: &str, of: CensusTaker<'_>) -> Result<Census<'a>, Error> {
        let mut json = serde_json::Deserializer::from_str(self.0.get());
        match json.deserialize_map(ReplyVisitor { of }).map_err(malformed)? {
            Reply::Presence(census) => Ok(census),
            Reply::Error(error) => Err(error.about_presence_of(channel)),
        }
    }
}

/// The fields that are read.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Presence,
    Error,
    #[serde(other)]
    Other,
}

enum Reply<'a> {
    Presence(Census<'a>),
    Error(ApiError),
}

/// Reads `{"presence":{"presence":{…clients…}}}` or `{"error":{…}}` without a stop between.
struct ReplyVisitor<'r> {
    of: CensusTaker<'r>,
}

impl<'de> Visitor<'de> for ReplyVisitor<'_> {
    type Value = Reply<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a reply with presence or error")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reply<'de>, A::Error> {
        let mut reply = None;
        while let Some(field) = map.next_key()? {
            match field {
                Field::Presence => {
                    reply = Some(Reply::Presence(map.next_value_seed(Presence { of: self.of })?));
                }
                Field::Error => reply = Some(Reply::Error(map.next_value()?)),
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        reply.ok_or_else(|| serde::de::Error::missing_field("presence"))
    }
}

/// Reads `{"presence":{…clients…}}`.
struct Presence<'r> {
    of: CensusTaker<'r>,
}

impl<'de> DeserializeSeed<'de> for Presence<'_> {
    type Value = Census<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Presence<'_> {
    type Value = Census<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with presence")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Census<'de>, A::Error> {
        let mut census = None;
        while let Some(field) = map.next_key()? {
            if let Field::Presence = field {
                census = Some(map.next_value_seed(self.of)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        census.ok_or_else(|| serde::de::Error::missing_field("presence"))
    }
}
