//! Wires the site function: clients, `run`. Nothing here may fail that could be answered later: whoever dies
//! before the first event answers nobody, and a deployment waits.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use lambda_runtime::{Error, service_fn, tracing};
use site::{FILES, Site, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing::init_default_subscriber();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::warn!("rustls has a provider already");
    }
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await;
    let s3 = aws_sdk_s3::Client::new(&config);
    let site = Arc::new(Site::new(s3, reqwest::Client::builder().build()?, FILES));
    lambda_runtime::run(service_fn(|event| handle(Arc::clone(&site), event, now))).await
}

#[expect(clippy::disallowed_methods, reason = "main is where the clock is read")]
fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
