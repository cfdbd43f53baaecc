//! Which channels match a glob.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Error};
use crate::http::{Client, malformed, read, twice};

/// After a node died hard, Centrifugo hangs here until it has forgotten the node, and the next call is right again.
const WITHIN: Duration = Duration::from_secs(4);

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
    channels: BTreeMap<String, Subscribers>,
}

#[derive(Deserialize)]
struct Subscribers {
    #[serde(default)]
    num_clients: u64,
}

impl Client {
    /// The channels that have subscribers and match `pattern`, in order, each with its number of clients.
    ///
    /// A list that is waited for in vain says nothing of the other calls: it is that which hangs while a node is forgotten.
    ///
    /// # Errors
    /// Where the list can't be had; an empty list is no error.
    pub async fn channels(&self, pattern: &str) -> Result<Vec<(String, u64)>, Error> {
        let request = serde_json::to_vec(&Request { pattern }).map_err(malformed)?;
        let request = Bytes::from(request);
        twice(async || {
            let body = self.call("channels", request.clone(), WITHIN).await?;
            match read(&body)? {
                Answer { error: Some(error), .. } => Err(error.into_error()),
                Answer { result: Some(Channels { channels }), .. } => {
                    let n_clients = |(name, Subscribers { num_clients })| (name, num_clients);
                    Ok(channels.into_iter().map(n_clients).collect())
                }
                Answer { .. } => Err(Error::Malformed("neither result nor error".to_owned())),
            }
        })
        .await
    }
}
