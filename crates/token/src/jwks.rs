//! Public keys from an address, cached.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use presence::Millis;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OwnedMutexGuard;

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

/// Keys by their `kid`.
type Keys = HashMap<String, Arc<Key>>;

pub(crate) struct Jwks(Arc<Shared>);

/// What those who ask share with the task that fetches.
struct Shared {
    http: Client,
    url: String,
    cached: Mutex<Cached>,
    /// Who holds it fetches; the others wait and find what they need.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Cached {
    keys: Option<(Arc<Keys>, Millis)>,
    /// Nothing is fetched before.
    next: Millis,
}

impl Jwks {
    pub(crate) fn new(url: String) -> Result<Self, Error> {
        // Keys come from the configured place or not at all: a redirect may lead from https to http.
        let http = certificates::client().timeout(WAIT).redirect(Policy::none()).build();
        let http = http.map_err(|error| Error::KeysUnavailable(error.to_string()))?;
        let (cached, fetching) = (Mutex::default(), Arc::default());
        Ok(Self(Arc::new(Shared { http, url, cached, fetching })))
    }

    /// The key with this `kid`; `None` where there is none.
    pub(crate) async fn key(&self, kid: &str, now: Millis) -> Result<Option<Arc<Key>>, Error> {
        if let Some(known) = self.0.cached().key(kid, now) {
            return known;
        }
        let turn = self.turn().await;
        if let Some(known) = self.0.cached().key(kid, now) {
            return known;
        }
        let keys = self.fetch(turn, now).await?;
        Ok(keys.get(kid).cloned())
    }

    /// Fetches the keys, where there are none yet, ahead of the first token.
    pub(crate) async fn warm_up(&self, now: Millis) -> Result<(), Error> {
        let turn = self.turn().await;
        if self.0.cached().good(now).is_some() {
            return Ok(());
        }
        self.fetch(turn, now).await.map(drop)
    }

    async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0.fetching).lock_owned().await
    }

    /// Fetches in a task of its own. Whoever waits for it may go away, and their request is dropped; what was begun is
    /// brought to its end all the same, or the next one would begin anew, and the next after that.
    async fn fetch(&self, turn: OwnedMutexGuard<()>, now: Millis) -> Result<Arc<Keys>, Error> {
        let shared = Arc::clone(&self.0);
        let fetching = tokio::spawn(async move {
            let _turn = turn;
            let fetched = shared.fetch().await.map(Arc::new);
            shared.cached().learn(&fetched, now);
            fetched
        });
        fetching.await.unwrap_or_else(|_| Err(Error::KeysUnavailable("it broke off".to_owned())))
    }
}

impl Cached {
    /// The keys, for as long as they are good.
    fn good(&self, now: Millis) -> Option<&Arc<Keys>> {
        let (keys, since) = self.keys.as_ref()?;
        // By the distance, either way: clocks are set back, and requests overtake each other.
        (now.abs_diff(*since) < KEPT_FOR).then_some(keys)
    }

    /// What can be said of a key without fetching.
    fn key(&self, kid: &str, now: Millis) -> Option<Result<Option<Arc<Key>>, Error>> {
        let good = self.good(now);
        let key = good.and_then(|keys| keys.get(kid).cloned());
        if key.is_some() {
            return Some(Ok(key));
        }
        // Further ahead than a request that overtook this one can have put it: the clock was set back.
        if !(1..=2 * PAUSE).contains(&self.next.saturating_sub(now)) {
            return None;
        }
        Some(match good {
            Some(_) => Ok(None),
            None => Err(Error::KeysUnavailable("it failed a moment ago".to_owned())),
        })
    }

    /// Takes in what was fetched. Where that failed, the old keys stay for as long as they are good.
    fn learn(&mut self, fetched: &Result<Arc<Keys>, Error>, now: Millis) {
        match fetched {
            Ok(keys) => *self = Self { keys: Some((Arc::clone(keys), now)), next: now + PAUSE },
            Err(_) => self.next = now + PAUSE_AFTER_FAILURE,
        }
    }
}

impl Shared {
    fn cached(&self) -> MutexGuard<'_, Cached> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) -> Result<Keys, Error> {
        let unavailable = |error: reqwest::Error| {
            // The outer error tells only that it failed, the inner one why.
            let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
            Error::KeysUnavailable(format!("{}{cause}", error.without_url()))
        };
        let answer = self.http.get(&self.url).send().await.map_err(unavailable)?;
        if answer.status().is_redirection() {
            let message = "it redirects, which is not followed: give the address that it leads to";
            return Err(Error::KeysUnavailable(message.to_owned()));
        }
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
fn parse(body: &[u8]) -> Option<Keys> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(body).ok()?;
    let jwks = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    Some(jwks.filter_map(|jwk| Key::public(&jwk)).map(|(kid, key)| (kid, Arc::new(key))).collect())
}
