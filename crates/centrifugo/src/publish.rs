//! Views to channels.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::batch::{Batch, replies};
use crate::error::{ApiError, Error};
use crate::http::Client;

const WITHIN: Duration = Duration::from_secs(5);
const BATCH_MAX: usize = 100;
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One message to one channel.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Publication<'a> {
    /// Where to.
    pub channel: &'a str,
    /// Compact JSON, passed on as it is.
    #[serde(serialize_with = "as_it_is")]
    pub data: &'a str,
    /// Centrifugo drops, without a word, what is not newer than the last one of its channel.
    pub version: u64,
    /// Versions are compared within one epoch only: another one begins anew.
    pub version_epoch: &'a str,
    /// A second publication with the same key, within 5 minutes, does nothing: a repeated call is safe.
    pub idempotency_key: &'a str,
}

fn as_it_is<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(json)
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
}

#[derive(Serialize)]
struct Command<'a> {
    publish: &'a Publication<'a>,
}

#[derive(Deserialize)]
struct Reply {
    error: Option<ApiError>,
}

impl Client {
    /// Publishes in as few calls as the limits allow; the answer holds a result for each, in their order.
    pub async fn publish(&self, publications: &[Publication<'_>]) -> Vec<Result<(), Error>> {
        let mut results = Vec::with_capacity(publications.len());
        let mut rest = publications;
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(batch_length(rest));
            rest = later;
            match self.publish_batch(batch).await {
                Ok(batch) => results.extend(batch),
                Err(error) => results.extend(batch.iter().map(|_| Err(error.clone()))),
            }
        }
        results
    }

    async fn publish_batch(
        &self,
        publications: &[Publication<'_>],
    ) -> Result<Vec<Result<(), Error>>, Error> {
        let batch = Batch::of(publications.iter().map(|publish| Command { publish }));
        let body = self.once_more(async || self.call("batch", &batch, WITHIN).await).await?;
        let replies: Vec<Reply> = replies(&body, publications.len())?;
        let results =
            replies.into_iter().zip(publications).map(|(reply, publication)| match reply.error {
                None => Ok(()),
                Some(error) => Err(error.about(publication.channel)),
            });
        Ok(results.collect())
    }
}

/// How many of `publications` go into one call: at most 100, and at most 4 MiB but for a single one.
fn batch_length(publications: &[Publication<'_>]) -> usize {
    let mut bytes = 0;
    let fitting = publications.iter().take(BATCH_MAX).take_while(|publication| {
        bytes += publication.data.len();
        bytes <= BATCH_BYTES_MAX
    });
    fitting.count().max(1)
}
