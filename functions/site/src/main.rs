//! Wires the site function: clients, `run`. Nothing here may fail that could be answered later: whoever dies
//! before the first event answers nobody, and a deployment waits.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use lambda_runtime::service_fn;
use site::{Site, handle};
use widget_files::FILES;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    process::run(run()).await
}

async fn run() -> anyhow::Result<()> {
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
    let clock = process::clock();
    let handler = service_fn(move |event| handle(Arc::clone(&site), event, Arc::clone(&clock)));
    lambda_runtime::run(handler).await.map_err(anyhow::Error::from_boxed)
}
