//! Views to channels.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::error::{ApiError, Error};
use crate::http::{Client, SILENCE};

const WITHIN: Duration = Duration::from_secs(5);
const BATCH_MAX: usize = 100;
/// Calls under way: far from Centrifugo most of the time of a call is the way.
const CALLS_AT_ONCE: usize = 3;
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a command takes beside its data and its channel, about.
const PLAIN: usize = 192;

/// One message to one channel.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Publication<'a> {
    /// Where to.
    pub channel: &'a str,
    /// Compact JSON, passed on as it is.
    #[serde(skip)]
    pub data: &'a str,
    /// Centrifugo drops, without a word, what is not newer than the last one of its channel.
    pub version: u64,
    /// Versions are compared within one epoch only: another one begins anew.
    pub version_epoch: &'a str,
    /// A second publication with the same key, within 5 minutes, does nothing: a repeated call is safe.
    pub idempotency_key: &'a str,
}

impl Publication<'_> {
    /// Appends the command. The data is not read once more.
    fn push(&self, body: &mut Vec<u8>) -> serde_json::Result<()> {
        body.extend_from_slice(br#"{"publish":"#);
        serde_json::to_writer(&mut *body, self)?;
        // Open again, for the last field.
        body.pop();
        body.extend_from_slice(br#","data":"#);
        body.extend_from_slice(self.data.as_bytes());
        body.extend_from_slice(b"}}");
        Ok(())
    }

    /// About as many bytes as its command has.
    fn length(&self) -> usize {
        self.data.len() + self.channel.len() + PLAIN
    }
}

#[derive(Deserialize)]
struct Reply {
    error: Option<ApiError>,
}

impl Client {
    /// Publishes in as few calls as the limits allow; the answer holds a result for each, in their order.
    pub async fn publish(&self, publications: &[Publication<'_>]) -> Vec<Result<(), Error>> {
        let mut rest = publications;
        let batches = std::iter::from_fn(|| {
            if rest.is_empty() {
                return None;
            }
            let (batch, later) = rest.split_at(batch_length(rest));
            rest = later;
            Some(batch)
        });
        let published = batches.map(async |batch| match self.publish_batch(batch).await {
            Ok(results) => results,
            Err(error) => batch.iter().map(|_| Err(error.clone())).collect(),
        });
        stream::iter(published).buffered(CALLS_AT_ONCE).concat().await
    }

    async fn publish_batch(
        &self,
        publications: &[Publication<'_>],
    ) -> Result<Vec<Result<(), Error>>, Error> {
        let length = publications.iter().map(Publication::length).sum();
        let batch =
            batch::request(publications, length, |body, publication| publication.push(body))?;
        let call = async || self.call("batch", batch.clone(), SILENCE, WITHIN).await;
        let body = self.once_more(call).await?;
        let replies: Vec<Reply> = batch::replies(&body, publications.len())?;
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
