//! The answer to CloudFormation. Without one a deployment waits until its timeout.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use crate::request::Request;

/// Longest wait for one attempt; three of them fit in the time that the handler keeps back.
const ATTEMPT: Duration = Duration::from_millis(1300);
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// CloudFormation takes 4 KB for a whole answer.
const REASON_MAX: usize = 1000;

/// What CloudFormation is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is done.
    Success,
    /// It is not, for this reason.
    Failed(String),
}

/// Puts the outcome where the request says.
///
/// # Errors
/// Nobody takes it. The address is not in the message: whoever has it can answer.
pub(crate) async fn send(
    http: &reqwest::Client,
    request: &Request,
    outcome: &Outcome,
) -> Result<(), String> {
    let body = body(request, outcome);
    let mut last = String::new();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let sent = http
            .put(&request.response_url)
            // The address is signed for an empty one.
            .header(CONTENT_TYPE, HeaderValue::from_static(""))
            .timeout(ATTEMPT)
            .body(body.clone())
            .send()
            .await;
        match sent.and_then(reqwest::Response::error_for_status) {
            Ok(_) => return Ok(()),
            Err(error) => last = error.without_url().to_string(),
        }
    }
    Err(format!("CloudFormation does not take the answer: {last}"))
}

fn body(request: &Request, outcome: &Outcome) -> String {
    let (status, reason) = match outcome {
        Outcome::Success => ("SUCCESS", ""),
        Outcome::Failed(reason) => ("FAILED", reason.as_str()),
    };
    json!({
        "Status": status,
        "Reason": reason.chars().take(REASON_MAX).collect::<String>(),
        "PhysicalResourceId": request.answered_id(),
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_resource_id,
    })
    .to_string()
}
