//! Who is in the channels.

use std::time::Duration;

use presence::{Census, CensusTaker, IfObject};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::body::Body;
use crate::error::{ApiError, Error};
use crate::http::{Client, SILENCE, malformed};

/// Centrifugo gives itself 10 s to write an answer.
const WITHIN: Duration = Duration::from_secs(12);
/// What a command takes beside its channel.
const PLAIN: usize = 32;

/// The answer to one presence call, as it came.
pub struct PresenceAnswer(Body);

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
        let length = channels.iter().map(|channel| channel.len() + PLAIN).sum();
        let batch = batch::request(channels, length, |body, channel| {
            serde_json::to_writer(body, &Command { presence: ChannelRequest { channel } })
        })?;
        let call = async || self.call("batch", batch.clone(), SILENCE, WITHIN).await;
        self.once_more(call).await.map(PresenceAnswer)
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

    /// Takes the census of each of the channels asked for, in their order, and gives what `take` makes of it. One after the
    /// other, while the answer is read: of a big answer no more than one census is in memory.
    ///
    /// A census is an error where Centrifugo says one of its channel, or its reply has another shape.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the answer can't be read to its end, or the number of replies is another one. What was
    /// taken until then is void.
    pub fn censuses<T>(
        &self,
        channels: &[&str],
        of: CensusTaker<'_>,
        take: impl FnMut(usize, Result<Census<'_>, Error>) -> T,
    ) -> Result<Vec<T>, Error> {
        let mut reader = Reader { channels, of, take, taken: Vec::with_capacity(channels.len()) };
        let mut json = serde_json::Deserializer::from_str(&self.0);
        json.deserialize_map(&mut reader).and_then(|()| json.end()).map_err(malformed)?;
        match reader.taken.len() {
            n if n == channels.len() => Ok(reader.taken),
            n => Err(Error::Malformed(format!("{n} replies to {} commands", channels.len()))),
        }
    }
}

/// Reads an answer, `{"replies":[…]}`, and then its replies.
struct Reader<'r, T, F> {
    channels: &'r [&'r str],
    of: CensusTaker<'r>,
    take: F,
    taken: Vec<T>,
}

impl<'de, T, F: FnMut(usize, Result<Census<'de>, Error>) -> T> Visitor<'de>
    for &mut Reader<'_, T, F>
{
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("replies")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key()? {
            if let Field::Replies = field {
                map.next_value_seed(&mut *self)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut replies: A) -> Result<(), A::Error> {
        while let Some(reply) = replies.next_element_seed(IfObject(ReplyVisitor { of: self.of }))? {
            let place = self.taken.len();
            let channel = self.channels.get(place).copied().unwrap_or_default();
            let census = match reply.flatten() {
                Some(Reply::Presence(census)) => Ok(census),
                Some(Reply::Error(error)) => Err(error.about_presence_of(channel)),
                None => Err(Error::Malformed("a reply of an unexpected shape".to_owned())),
            };
            self.taken.push((self.take)(place, census));
        }
        Ok(())
    }
}

impl<'de, T, F: FnMut(usize, Result<Census<'de>, Error>) -> T> DeserializeSeed<'de>
    for &mut Reader<'_, T, F>
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

/// The fields that are read.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Replies,
    Presence,
    Error,
    #[serde(other)]
    Other,
}

enum Reply<'a> {
    Presence(Census<'a>),
    Error(ApiError),
}

/// Reads `{"presence":{"presence":{…clients…}}}` or `{"error":{…}}`; `None` where it is neither.
struct ReplyVisitor<'r> {
    of: CensusTaker<'r>,
}

impl<'de> Visitor<'de> for ReplyVisitor<'_> {
    type Value = Option<Reply<'de>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a reply with presence or error")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut reply = None;
        while let Some(field) = map.next_key()? {
            match field {
                Field::Presence => {
                    let census = map.next_value_seed(IfObject(Presence { of: self.of }))?;
                    reply = census.flatten().map(Reply::Presence);
                }
                Field::Error => reply = Some(Reply::Error(map.next_value()?)),
                Field::Replies | Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(reply)
    }
}

/// Reads `{"presence":{…clients…}}`; `None` where there are none.
struct Presence<'r> {
    of: CensusTaker<'r>,
}

impl<'de> Visitor<'de> for Presence<'_> {
    type Value = Option<Census<'de>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with presence")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut census = None;
        while let Some(field) = map.next_key()? {
            if let Field::Presence = field {
                census = map.next_value_seed(IfObject(self.of))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(census)
    }
}
