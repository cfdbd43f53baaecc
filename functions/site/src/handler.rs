//! From a request to its answer: whatever happens on the way, there is one.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_runtime::{Error, LambdaEvent};
use presence::Clock;
use serde_json::Value;
use tokio::time::timeout;

use crate::answer::{self, Outcome};
use crate::bucket::{self, Bucket};
use crate::files::File;
use crate::request::{Request, RequestType};

/// Milliseconds kept back from the function's timeout for the answer.
const RESERVE: u64 = 5000;

/// What the function works with.
#[derive(Debug)]
pub struct Site {
    s3: Client,
    http: reqwest::Client,
    files: &'static [File],
}

impl Site {
    /// A site of these files.
    pub fn new(s3: Client, http: reqwest::Client, files: &'static [File]) -> Self {
        Self { s3, http, files }
    }
}

/// Does what CloudFormation asks and answers it.
///
/// # Errors
/// The event names no place for an answer, or nobody takes it there: Lambda then tries again.
pub async fn handle(site: Arc<Site>, event: LambdaEvent<Value>, clock: Clock) -> Result<(), Error> {
    let request: Request = serde_json::from_value(event.payload)
        .map_err(|error| format!("this is no event of a custom resource: {error}"))?;
    let within = event.context.deadline.saturating_sub(RESERVE).saturating_sub(clock());
    let work = {
        let (site, request) = (Arc::clone(&site), request.clone());
        async move { site.fulfil(&request).await }
    };
    let outcome = bounded(work, Duration::from_millis(within)).await;
    let resource = &request.logical_resource_id;
    match &outcome {
        Outcome::Success => tracing::info!("{:?} of {resource} is done", request.request_type),
        Outcome::Failed(reason) => {
            tracing::error!("{:?} of {resource} failed: {reason}", request.request_type);
        }
    }
    answer::send(&site.http, &request, &outcome).await.map_err(Error::from)
}

/// The outcome of `work`, also when it panics or takes too long.
async fn bounded(
    work: impl Future<Output = Result<(), String>> + Send + 'static,
    within: Duration,
) -> Outcome {
    let mut task = tokio::spawn(work);
    match timeout(within, &mut task).await {
        Ok(Ok(Ok(()))) => Outcome::Success,
        Ok(Ok(Err(reason))) => Outcome::Failed(reason),
        Ok(Err(_)) => Outcome::Failed("the function panicked; its log says where".to_owned()),
        Err(_) => {
            task.abort();
            Outcome::Failed(format!("time ran out after {} s", within.as_secs()))
        }
    }
}

impl Site {
    async fn fulfil(&self, request: &Request) -> Result<(), String> {
        if request.request_type == RequestType::Delete {
            // A create that failed before it had a name, or the bucket before a change of buckets.
            let Some(id) = request.own_id() else { return Ok(()) };
            if request.physical_resource_id.as_ref() != Some(&id) {
                tracing::warn!("Nothing is deleted: the resource is not one of ours");
                return Ok(());
            }
        }
        let name = request.bucket()?;
        let bucket = Bucket { s3: &self.s3, name };
        let outcome = match request.request_type {
            RequestType::Create | RequestType::Update => bucket.fill(self.files).await,
            RequestType::Delete => bucket.empty().await,
        };
        match outcome {
            Err(bucket::Error::Gone) if request.request_type == RequestType::Delete => Ok(()),
            Err(bucket::Error::Gone) => Err(format!("there is no bucket {name}")),
            Err(bucket::Error::Other(reason)) => Err(reason),
            Ok(()) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_panic_is_an_outcome() {
        #[expect(clippy::panic, reason = "this is what is tested")]
        let work = async { panic!("as a bug would") };
        let Outcome::Failed(reason) = bounded(work, SECOND).await else {
            unreachable!("a panic is no success")
        };
        assert!(reason.contains("panicked"), "{reason}");
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_runs_out_is_an_outcome() {
        let outcome = bounded(std::future::pending(), SECOND).await;
        assert_eq!(outcome, Outcome::Failed("time ran out after 1 s".to_owned()));
    }
}
