//! Public keys from an address, kept.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use presence::Millis;
use reqwest::Client;
use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;
use crate::key::Key;

/// How long keys are good, as in Centrifugo: a key that is withdrawn opens nothing after that.
const KEPT_FOR: Millis = 3_600_000;
/// From one fetching to the next, however many unknown `kid`s come.
const PAUSE: Millis = 60_000;
/// The same after one that failed.
const PAUSE_AFTER_FAILURE: Millis = 5_000;
/// A visitor waits meanwhile.
const WAIT: Duration = Duration::from_secs(1);
/// Real answers have a few kilobytes.
const BYTES_MAX: usize = 256 * 1024;

pub(crate) struct Jwks {
    http: Client,
    url: String,
    kept: Mutex<Kept>,
    /// Who holds it fetches; the others wait and find what they need.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    keys: Option<(HashMap<String, Arc<Key>>, Millis)>,
    /// Nothing is fetched before.
    next: Millis,
}

impl Jwks {
    pub(crate) fn new(url: String) -> Result<Self, Error> {
        let http = Client::builder().timeout(WAIT).build();
        let http = http.map_err(|error| Error::KeysUnavailable(error.to_string()))?;
        Ok(Self { http, url, kept: Mutex::default(), fetching: tokio::sync::Mutex::default() })
    }

    /// The key with this `kid`; `None` where there is none.
    pub(crate) async fn key(&self, kid: &str, now: Millis) -> Result<Option<Arc<Key>>, Error> {
        if let Some(known) = self.known(kid, now) {
            return known;
        }
        let _fetching = self.fetching.lock().await;
        if let Some(known) = self.known(kid, now) {
            return known;
        }
        let fetched = self.fetch().await;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(keys) => {
                let key = keys.get(kid).cloned();
                *kept = Kept { keys: Some((keys, now)), next: now + PAUSE };
                Ok(key)
            }
            Err(error) => {
                kept.next = now + PAUSE_AFTER_FAILURE;
                Err(error)
            }
        }
    }

    /// What can be said without fetching.
    fn known(&self, kid: &str, now: Millis) -> Option<Result<Option<Arc<Key>>, Error>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // By the distance, either way: clocks are set back, and requests overtake each other.
        let good = kept.keys.as_ref().filter(|(_, since)| now.abs_diff(*since) < KEPT_FOR);
        let key = good.and_then(|(keys, _)| keys.get(kid).cloned());
        if key.is_some() {
            return Some(Ok(key));
        }
        // Further ahead than a request that overtook this one can have put it: the clock was set back.
        if !(1..=2 * PAUSE).contains(&kept.next.saturating_sub(now)) {
            return None;
        }
        Some(match good {
            Some(_) => Ok(None),
            None => Err(Error::KeysUnavailable("it failed a moment ago".to_owned())),
        })
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<Key>>, Error> {
        let unavailable = |error: reqwest::Error| {
            // The outer error tells only that it failed, the inner one why.
            let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
            Error::KeysUnavailable(format!("{}{cause}", error.without_url()))
        };
        let answer = self.http.get(&self.url).send().await.map_err(unavailable)?;
        let mut answer = answer.error_for_status().map_err(unavailable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unavailable)? {
            body.extend_from_slice(&chunk);
            if body.len() > BYTES_MAX {
                return Err(Error::KeysUnavailable("the answer is too long".to_owned()));
            }
        }
        parse(&body).ok_or_else(|| Error::KeysUnavailable("the answer is no JWKS".to_owned()))
    }
}

/// The keys of a set that can be used here. One of a kind that is not known harms no other.
fn parse(body: &[u8]) -> Option<HashMap<String, Arc<Key>>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(body).ok()?;
    let jwks = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    Some(jwks.filter_map(|jwk| Key::public(&jwk)).map(|(kid, key)| (kid, Arc::new(key))).collect())
}
