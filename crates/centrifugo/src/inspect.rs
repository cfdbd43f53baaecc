//! What somebody asks who looks whether Centrifugo is set up well.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Error};
use crate::http::{Client, SILENCE, malformed, read};

const WITHIN: Duration = Duration::from_secs(5);

/// A process of Centrifugo's.
#[derive(Debug, Clone, Deserialize)]
pub struct Node {
    /// As it calls itself.
    pub name: String,
    /// E.g. `6.9.6 OSS`.
    pub version: String,
}

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Option<ApiError>,
}

#[derive(Deserialize)]
struct Nodes {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Published {
    #[serde(default)]
    offset: u64,
}

#[derive(Deserialize)]
struct Removed {}

#[derive(Serialize)]
struct Trial<'a> {
    channel: &'a str,
    data: TrialData,
}

#[derive(Serialize)]
struct TrialData {
    v: u8,
}

#[derive(Serialize)]
struct ChannelRequest<'a> {
    channel: &'a str,
}

impl Client {
    /// The processes that make up this Centrifugo.
    ///
    /// # Errors
    /// Where they can't be had.
    pub async fn nodes(&self) -> Result<Vec<Node>, Error> {
        let nodes: Answer<Nodes> = self.inspect("info", b"{}".as_slice().into()).await?;
        Ok(nodes.result(ApiError::into_error)?.nodes)
    }

    /// Publishes something of no meaning, without a version, to a channel that nobody looks at; whether it is kept there.
    ///
    /// # Errors
    /// Where it can't be published.
    pub async fn publish_trial(&self, channel: &str) -> Result<bool, Error> {
        let request = serde_json::to_vec(&Trial { channel, data: TrialData { v: 1 } });
        let request = request.map_err(malformed)?.into();
        let published: Answer<Published> = self.inspect("publish", request).await?;
        Ok(published.result(|error| error.about(channel))?.offset > 0)
    }

    /// Takes away what is kept of a channel's publications. Where none are kept at all there is nothing to take away.
    ///
    /// # Errors
    /// Where that can't be done.
    pub async fn remove_history(&self, channel: &str) -> Result<(), Error> {
        let request = serde_json::to_vec(&ChannelRequest { channel }).map_err(malformed)?.into();
        let removed: Answer<Removed> = self.inspect("history_remove", request).await?;
        match removed.result(|error| error.about(channel)) {
            Ok(Removed {}) | Err(Error::Api { code: 108, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn inspect<T: for<'de> Deserialize<'de>>(
        &self,
        method: &str,
        request: Bytes,
    ) -> Result<Answer<T>, Error> {
        let body = self.call(method, request, SILENCE, WITHIN).await?;
        read(&body)
    }
}

impl<T> Answer<T> {
    fn result(self, or: impl FnOnce(ApiError) -> Error) -> Result<T, Error> {
        match self {
            Self { error: Some(error), .. } => Err(or(error)),
            Self { result: Some(result), .. } => Ok(result),
            Self { .. } => Err(Error::Malformed("neither result nor error".to_owned())),
        }
    }
}
