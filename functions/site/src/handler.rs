//! From a request to its answer: whatever happens on the way, there is one.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_runtime::{Error, LambdaEvent};
use presence::Clock;
use serde_json::Value;
use tokio::time::{Instant, timeout};
use widget_files::File;

use crate::answer::{self, Outcome};
use crate::bucket::{self, Bucket};
use crate::request::{Request, RequestType};

/// Milliseconds kept back from the function's timeout for the answer.
const RESERVE: u64 = 5000;
/// What a new role may do is known everywhere only after a while: so long a first access that is denied is tried again.
const ROLE_TAKES: Duration = Duration::from_secs(30);
/// The pause before such a try.
const PAUSE: Duration = Duration::from_secs(2);

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
            // Boxed: the futures of the client are deep, and their types nest in every caller's.
            RequestType::Create => patiently(|| Box::pin(bucket.fill(self.files))).await,
            RequestType::Update => bucket.fill(self.files).await,
            RequestType::Delete => bucket.empty().await,
        };
        match outcome {
            Err(bucket::Error::Gone) if request.request_type == RequestType::Delete => Ok(()),
            Err(bucket::Error::Gone) => Err(format!("there is no bucket {name}")),
            Err(bucket::Error::Denied(reason) | bucket::Error::Other(reason)) => Err(reason),
            Ok(()) => Ok(()),
        }
    }
}

/// Does it again while access is denied, for as long as a new role takes.
async fn patiently<F>(mut act: impl FnMut() -> F) -> Result<(), bucket::Error>
where
    F: Future<Output = Result<(), bucket::Error>>,
{
    let begun = Instant::now();
    loop {
        match act().await {
            Err(bucket::Error::Denied(_)) if begun.elapsed() + PAUSE <= ROLE_TAKES => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
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
    async fn a_role_that_is_not_known_yet_is_waited_for_and_not_for_ever() {
        for known_after in [0, 7, 30, 31] {
            let begun = Instant::now();
            let denied = || Err(bucket::Error::Denied("denied".to_owned()));
            let outcome =
                patiently(
                    async || {
                        if begun.elapsed() >= known_after * SECOND { Ok(()) } else { denied() }
                    },
                );
            assert_eq!(outcome.await.is_ok(), known_after <= 30, "{known_after}");
            assert!(begun.elapsed() <= ROLE_TAKES);
        }
        let begun = Instant::now();
        let gone = patiently(async || Err(bucket::Error::Gone)).await;
        assert!(matches!(gone, Err(bucket::Error::Gone)));
        assert_eq!(begun.elapsed(), Duration::ZERO, "waiting makes no bucket");
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_runs_out_is_an_outcome() {
        let outcome = bounded(std::future::pending(), SECOND).await;
        assert_eq!(outcome, Outcome::Failed("time ran out after 1 s".to_owned()));
    }
}
