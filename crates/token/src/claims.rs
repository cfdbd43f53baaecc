//! What must hold of a token whose signature is right.

use std::collections::{HashMap, HashSet};

use presence::Millis;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny};
use serde_json::Value;

use crate::holder::{Holder, Purpose};

/// How far the clock of whoever made the token may be off ours. Centrifugo allows nothing; but a page asks for the list
/// right after it has shown it the same token, and would be told that a token is bad with which it is connected.
const LEEWAY_SECONDS: f64 = 10.0;

#[derive(Deserialize)]
pub(crate) struct Claims {
    sub: Option<String>,
    exp: Option<Seconds>,
    nbf: Option<Seconds>,
    aud: Option<Audience>,
    iss: Option<String>,
    /// The channel of a token for a subscription. Null is as good as absent, which is how Centrifugo reads it.
    channel: Option<String>,
    #[serde(default, deserialize_with = "said")]
    subs: Option<HashMap<String, Option<HashMap<String, IgnoredAny>>>>,
    #[serde(default, deserialize_with = "said")]
    channels: Option<Vec<String>>,
    #[serde(default, deserialize_with = "said")]
    rollcall: Option<Rollcall>,
}

/// A claim of our own, which Centrifugo ignores.
#[derive(Deserialize)]
struct Rollcall {
    channels: Vec<String>,
}

/// Seconds since the Unix epoch, which libraries write as a whole number, a float or a string.
struct Seconds(f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// Whose token it is and what it is for, or why it is not good.
    pub(crate) fn holder(
        self,
        audience: Option<&str>,
        issuer: Option<&str>,
        now: Millis,
    ) -> Result<Holder, &'static str> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit for ages to come")]
        let now = now as f64 / 1000.0;
        if self.exp.is_some_and(|Seconds(exp)| exp + LEEWAY_SECONDS <= now) {
            return Err("expired");
        }
        if self.nbf.is_some_and(|Seconds(nbf)| nbf - LEEWAY_SECONDS > now) {
            return Err("not good yet");
        }
        if audience.is_some_and(|wanted| !self.aud.is_some_and(|aud| aud.names(wanted))) {
            return Err("made for another audience");
        }
        if issuer.is_some() && issuer != self.iss.as_deref() {
            return Err("made by another issuer");
        }
        let user = self.sub.filter(|sub| !sub.is_empty()).ok_or("of nobody")?;
        let purpose = match self.channel {
            Some(channel) if channel.is_empty() => return Err("a token for no channel"),
            Some(channel) => Purpose::Subscription(channel),
            None => {
                let subs = self.subs.unwrap_or_default().into_keys();
                let channels: HashSet<String> =
                    subs.chain(self.channels.unwrap_or_default()).collect();
                let globs = self.rollcall.map_or_else(Vec::new, |rollcall| rollcall.channels);
                Purpose::Connection { channels, globs }
            }
        };
        Ok(Holder { user, purpose })
    }
}

impl Audience {
    fn names(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Several(several) => several.iter().any(|one| one == wanted),
        }
    }
}

/// A claim that names channels. One of another shape names none: the token is as good as without it.
fn said<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(f64),
            Text(String),
        }
        let seconds = match Form::deserialize(deserializer)? {
            Form::Number(number) => Some(number),
            Form::Text(text) => text.parse().ok(),
        };
        // `NaN` is neither before nor after any moment.
        let seconds = seconds.filter(|seconds: &f64| seconds.is_finite());
        seconds.map(Self).ok_or_else(|| D::Error::custom("not a number of seconds"))
    }
}
