//! Which channels match a glob.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Error};
use crate::http::{Client, malformed, read, twice};

/// After a node died hard, Centrifugo hangs here until it has forgotten the node, and the next call is right again.
const WITHIN: Duration = Duration::from_secs(4);
/// Centrifugo gives itself 10 s. A million channels take it 4 to 7 s on two cores (measured with version 6.9.6).
const AT_MOST: Duration = Duration::from_millis(9500);

#[derive(Serialize)]
struct Request<'a> {
    pattern: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    result: Option<Channels>,
    error: Option<ApiError>,
}

#[derive(Deserialize)]
struct Channels {
    channels: List,
}

/// Name and number of clients of each channel, as they come: a map of a million names would take its time.
struct List(Vec<(String, u64)>);

#[derive(Deserialize)]
struct Subscribers {
    #[serde(default)]
    num_clients: u64,
}

impl Client {
    /// The channels that have subscribers and match `pattern`, in order, each with its number of clients.
    ///
    /// A list that is waited for in vain says nothing of the other calls: it is that which hangs while a node is forgotten.
    /// One that takes long may be long: how long it is waited for depends on how long the last one took, and where none is
    /// known, or it was too short, on what Centrifugo gives itself.
    ///
    /// # Errors
    /// Where the list can't be had; an empty list is no error.
    pub async fn channels(&self, pattern: &str) -> Result<Vec<(String, u64)>, Error> {
        let request = serde_json::to_vec(&Request { pattern }).map_err(malformed)?;
        let request = Bytes::from(request);
        twice(async || {
            let took = Duration::from_millis(self.list_took.load(Ordering::Relaxed));
            let within = took.saturating_mul(2).clamp(WITHIN, AT_MOST);
            self.list_took.store(u64::MAX, Ordering::Relaxed);
            let start = Instant::now();
            let body = self.call("channels", request.clone(), within, within).await?;
            let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.list_took.store(took, Ordering::Relaxed);
            match read(&body)? {
                Answer { error: Some(error), .. } => Err(error.into_error()),
                Answer { result: Some(Channels { channels: List(mut channels) }), .. } => {
                    channels.sort_unstable();
                    Ok(channels)
                }
                Answer { .. } => Err(Error::Malformed("neither result nor error".to_owned())),
            }
        })
        .await
    }
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = List;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("channels by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List, A::Error> {
                let mut list = Vec::new();
                while let Some((name, Subscribers { num_clients })) = map.next_entry()? {
                    list.push((name, num_clients));
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
