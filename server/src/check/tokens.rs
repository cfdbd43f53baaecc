//! The secret or the keys of tokens: whether Centrifugo takes what is taken here.

use ::presence::Clock;
use token::Verifier;

use super::line::Line;
use super::see::See;
use super::setting;
use super::socket::{Gone, Reply};
use super::variables::Known;

const WHAT: &str = "tokens";
const SECRET: &str = "CENTRIFUGO_TOKEN_HMAC_SECRET";
const JWKS: &str = "CENTRIFUGO_TOKEN_JWKS_URL";

/// Whether there are keys at all, and, where they are public ones, whether they can be had.
pub(super) async fn look(known: &Known, clock: &Clock) -> Option<Line> {
    let Some(config) = &known.tokens else {
        let says = "neither is set: no list but the public ones opens, and what signed-in visitors may was not tried";
        return Some(Line::skipped(WHAT, &format!("{SECRET}, {JWKS}"), says));
    };
    if config.has_secret() {
        return None;
    }
    let had = match Verifier::new(config.clone()) {
        Ok(verifier) => verifier.warm_up(clock()).await,
        Err(error) => Err(error),
    };
    Some(match had {
        Ok(()) => Line::ok(
            WHAT,
            JWKS,
            "the keys can be had; whether Centrifugo has the same was not tried, since public keys sign nothing",
        ),
        Err(error) => Line::wrong(WHAT, JWKS, error.to_string()).change(
            "give CENTRIFUGO_TOKEN_JWKS_URL the address that `client.token.jwks_public_endpoint` of Centrifugo's configuration has",
            See::VARIABLES,
        ),
    })
}

/// What is said where nobody could show a token.
pub(super) fn not_tried(known: &Known) -> Option<Line> {
    let says = "whether Centrifugo has the same was not tried: no socket";
    let has_secret = known.tokens.as_ref().is_some_and(token::Config::has_secret);
    has_secret.then(|| Line::skipped(WHAT, SECRET, says))
}

/// What came of a connection with a token that the secret signed.
pub(super) fn verdict(connected: &Result<Reply, Gone>) -> Line {
    let wrong =
        |says: &str, change: String| Line::wrong(WHAT, SECRET, says).change(change, See::VARIABLES);
    match connected {
        Ok(Reply::Done(_)) => Line::ok(WHAT, SECRET, "Centrifugo takes a token signed with it"),
        Ok(Reply::Refused(109)) | Err(Gone::Closed(3005, _)) => wrong(
            "Centrifugo takes a token of this moment for one that has expired",
            "set the clocks of this machine and of Centrifugo's by NTP".to_owned(),
        ),
        Err(Gone::Closed(3500, _)) => wrong(
            "Centrifugo refuses a token signed with it",
            format!(
                "{}, where … is the value of {SECRET}, or the variable to the secret that stands there; with `jwks_public_endpoint`, `audience` or `issuer` there, set {JWKS}, CENTRIFUGO_TOKEN_AUDIENCE or CENTRIFUGO_TOKEN_ISSUER to the same",
                setting::set(r#""client": {"token": {"hmac_secret_key": "…"}}"#)
            ),
        ),
        Ok(Reply::Refused(code)) => {
            wrong(&format!("a connection is refused with error {code}"), log())
        }
        Err(gone) => wrong(&gone.to_string(), log()),
    }
}

fn log() -> String {
    "see what Centrifugo's log says".to_owned()
}
