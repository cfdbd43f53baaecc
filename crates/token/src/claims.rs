//! What must hold of a token whose signature is right.

use presence::Millis;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};

/// How far the clock of whoever made the token may be off ours.
const LEEWAY_SECONDS: f64 = 10.0;

#[derive(Deserialize)]
pub(crate) struct Claims {
    sub: Option<String>,
    exp: Option<Seconds>,
    nbf: Option<Seconds>,
    aud: Option<Audience>,
    iss: Option<String>,
    channel: Option<IgnoredAny>,
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
    /// Whose token it is, or why it is not good.
    pub(crate) fn user(
        self,
        audience: Option<&str>,
        issuer: Option<&str>,
        now: Millis,
    ) -> Result<String, &'static str> {
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
        if self.channel.is_some() {
            return Err("a token for a subscription");
        }
        self.sub.filter(|sub| !sub.is_empty()).ok_or("of nobody")
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
