//! A simulated S3, and CloudFormation on the other side.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use harness::Moto;
use lambda_runtime::{Context, Error, LambdaEvent};
use serde_json::Value;
use site::{Site, handle};
use tokio::sync::{Mutex, MutexGuard};
use widget_files::FILES;

/// More than any request here takes.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct Stage {
    /// The events name the bucket, so one test at a time has S3 to itself.
    _turn: MutexGuard<'static, ()>,
    pub(crate) s3: Client,
}

/// An S3 client for an endpoint that need not be one.
pub(crate) fn s3_at(endpoint: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = aws_smithy_http_client::Builder::new().build_http();
    Client::from_conf(
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("testing", "testing", None, None, "test"))
            .endpoint_url(endpoint)
            .retry_config(RetryConfig::disabled())
            .http_client(http)
            .build(),
    )
}

pub(crate) fn create() -> Value {
    serde_json::from_str(include_str!("../../../../tests/events/site-create.json")).unwrap()
}

pub(crate) fn update() -> Value {
    serde_json::from_str(include_str!("../../../../tests/events/site-update.json")).unwrap()
}

pub(crate) fn delete() -> Value {
    serde_json::from_str(include_str!("../../../../tests/events/site-delete.json")).unwrap()
}

/// The bucket of the events.
pub(crate) const BUCKET: &str = "rollcall-site-bucket";

impl Stage {
    pub(crate) async fn without_bucket() -> Self {
        static TURN: Mutex<()> = Mutex::const_new(());
        let turn = TURN.lock().await;
        let moto = Moto::shared().await.unwrap();
        moto.reset().await.unwrap();
        let s3 = s3_at(&moto.url());
        s3.create_bucket().bucket("answers").send().await.unwrap();
        Self { _turn: turn, s3 }
    }

    pub(crate) async fn with_bucket() -> Self {
        let stage = Self::without_bucket().await;
        stage.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
        stage
    }

    /// Has the request done and gives the answer that CloudFormation gets.
    pub(crate) async fn answer_to(&self, event: Value) -> Value {
        self.answer_of(self.s3.clone(), event, TIMEOUT).await
    }

    /// As [`Stage::answer_to`], with another S3, and a function that is cut off after `timeout`.
    pub(crate) async fn answer_of(&self, s3: Client, mut event: Value, timeout: Duration) -> Value {
        // As in AWS, the answer is put into a bucket by a presigned address.
        let put = self.s3.put_object().bucket("answers").key("it");
        let expires = PresigningConfig::expires_in(TIMEOUT).unwrap();
        event["ResponseURL"] = put.presigned(expires).await.unwrap().uri().into();
        invoke(s3, event.clone(), timeout).await.unwrap();
        let got = self.s3.get_object().bucket("answers").key("it").send().await.unwrap();
        let body = got.body.collect().await.unwrap().into_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        for name in ["StackId", "RequestId", "LogicalResourceId"] {
            assert_eq!(answer[name], event[name], "{name} is returned as it came");
        }
        assert!(answer["PhysicalResourceId"].as_str().is_some_and(|id| !id.is_empty()));
        answer
    }

    pub(crate) async fn put(&self, key: &str) {
        let body = ByteStream::from_static(b"old");
        self.s3.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
    }

    /// The keys in the bucket, in their order.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let page = self.s3.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        page.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect()
    }
}

/// Invokes the function as Lambda does.
pub(crate) async fn invoke(s3: Client, event: Value, timeout: Duration) -> Result<(), Error> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = harness::http_client().unwrap();
    let mut context = Context::default();
    context.deadline = process::clock()() + u64::try_from(timeout.as_millis()).unwrap();
    handle(Arc::new(Site::new(s3, http, FILES)), LambdaEvent::new(event, context), process::clock())
        .await
}
