//! Which channels match a glob.

use std::time::Duration;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Error};
use crate::http::{Client, Within, once_more, read};

/// After a node died hard, Centrifugo hangs here until it has forgotten the node, and the next call is right again.
const WITHIN: Within = Within(Duration::from_secs(4));

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
    channels: std::collections::BTreeMap<String, IgnoredAny>,
}

impl Client {
    /// The channels that have subscribers and match `pattern`, in order.
    ///
    /// # Errors
    /// Where the list can't be had; an empty list is no error.
    pub async fn channels(&self, pattern: &str) -> Result<Vec<String>, Error> {
        once_more(async || {
            let body = self.call("channels", &Request { pattern }, WITHIN).await?;
            match read(&body)? {
                Answer { error: Some(error), .. } => Err(error.into_error()),
                Answer { result: Some(Channels { channels }), .. } => {
                    Ok(channels.into_keys().collect())
                }
                Answer { .. } => Err(Error::Malformed("neither result nor error".to_owned())),
            }
        })
        .await
    }
}
