//! EventBridge and SQS, played by moto: AWS itself can't be had on one's own machine. What moto does not do: it checks
//! no permission, refuses no event and never throttles.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::ports::{HOST, TRIES, free_port, is_taken};
use crate::tools::{self, Silent};
use crate::{Process, http_client, scratch};

const READY: Duration = Duration::from_secs(60);
const REGION: &str = "us-east-1";
const ACCOUNT: &str = "123456789012";

/// A moto server of one's own; killed when dropped.
#[derive(Debug)]
pub struct Moto {
    _process: Process,
    port: u16,
}

/// A queue that a bus delivers to.
#[derive(Debug)]
pub struct Queue<'m> {
    moto: &'m Moto,
    bus: String,
    url: String,
    /// The queue lives no longer than the runtime of its test, so its connections may be kept.
    http: reqwest::Client,
}

impl Moto {
    /// The one that all tests of a program share: Python takes seconds to start. Each makes a bus of its own, by
    /// [`Moto::bus_with_queue`]. It ends with the program.
    ///
    /// # Errors
    /// As [`Moto::start`].
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<Moto> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// It can't be had, or does not start.
    pub async fn start() -> Result<Self> {
        let program = tools::moto_server(&Silent).await?;
        let http = http_client()?;
        let mut tries = 0;
        loop {
            let port = free_port()?;
            let mut command = Command::new(&program);
            command.args(["-H", HOST, "-p", &port.to_string()]);
            let mut process = Process::start("moto", &scratch("moto")?, command)?;
            let url = format!("http://{HOST}:{port}/moto-api/data.json");
            let answers = async || {
                http.get(&url).send().await.ok().filter(|answer| answer.status().is_success())
            };
            match process.until(READY, "moto answers", answers).await {
                Ok(_) => return Ok(Self { _process: process, port }),
                Err(error) if is_taken(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// moto refuses.
    pub async fn reset(&self) -> Result<()> {
        let answer = http_client()?.post(format!("{}/moto-api/reset", self.url())).send().await?;
        answer.error_for_status().map(|_| ()).context("moto forgets nothing")
    }

    /// The endpoint of every service.
    pub fn url(&self) -> String {
        format!("http://{HOST}:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes a bus and a queue behind it for all that Rollcall sends.
    ///
    /// # Errors
    /// moto refuses.
    pub async fn bus_with_queue(&self) -> Result<Queue<'_>> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let bus = format!("presence-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let http = http_client()?;
        let call = async |service, target, body| self.call(&http, service, target, body).await;
        let queue = call("sqs", "AmazonSQS.CreateQueue", json!({"QueueName": bus})).await?;
        let url = queue["QueueUrl"].as_str().context("no QueueUrl")?.to_owned();
        call("events", "AWSEvents.CreateEventBus", json!({"Name": bus})).await?;
        let rule = json!({"Name": "all", "EventBusName": bus, "EventPattern": "{\"source\":[{\"prefix\":\"rollcall\"}]}"});
        call("events", "AWSEvents.PutRule", rule).await?;
        let target = json!({"Id": "queue", "Arn": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{bus}")});
        let targets = json!({"Rule": "all", "EventBusName": bus, "Targets": [target]});
        call("events", "AWSEvents.PutTargets", targets).await?;
        Ok(Queue { moto: self, bus, url, http })
    }

    /// moto reads the service from the signature's scope and does not check the signature.
    async fn call(
        &self,
        http: &reqwest::Client,
        service: &str,
        target: &str,
        body: Value,
    ) -> Result<Value> {
        let scope = format!("testing/20260101/{REGION}/{service}/aws4_request");
        let version = if service == "sqs" { "1.0" } else { "1.1" };
        let answer = http
            .post(self.url())
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
            )
            .header("x-amz-target", target)
            .header("content-type", format!("application/x-amz-json-{version}"))
            .body(body.to_string())
            .send()
            .await?;
        let answer = answer.error_for_status().with_context(|| format!("moto refuses {target}"))?;
        Ok(serde_json::from_str(&answer.text().await?).unwrap_or_default())
    }
}

impl Queue<'_> {
    /// The name of the bus, for `EVENT_BUS_NAME`.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// Its address, for `ReceiveMessage` and `DeleteMessage`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes all events that lie there: each as EventBridge delivers it, with `detail-type` and `detail`.
    ///
    /// # Errors
    /// moto refuses.
    pub async fn take(&self) -> Result<Vec<Value>> {
        let mut events = Vec::new();
        loop {
            let request =
                json!({"QueueUrl": self.url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0});
            let answer = self.call("AmazonSQS.ReceiveMessage", request).await?;
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return Ok(events);
            }
            let mut receipts = Vec::new();
            for (number, message) in messages.iter().enumerate() {
                let body = message["Body"].as_str().context("no Body")?;
                events.push(serde_json::from_str(body)?);
                let receipt = &message["ReceiptHandle"];
                receipts.push(json!({"Id": number.to_string(), "ReceiptHandle": receipt}));
            }
            let request = json!({"QueueUrl": self.url, "Entries": receipts});
            self.call("AmazonSQS.DeleteMessageBatch", request).await?;
        }
    }

    async fn call(&self, target: &str, body: Value) -> Result<Value> {
        self.moto.call(&self.http, "sqs", target, body).await
    }
}

/// The variables with which a program finds AWS at that address, with credentials that nobody checks.
pub fn aws_at(endpoint: &str) -> [(&'static str, String); 4] {
    [
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "testing".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "testing".to_owned()),
    ]
}

/// Under which ids events, as they are delivered, tell that the user joined or left, which `list` names.
pub fn told_under<'e>(list: &str, user: &str, events: &'e [Value]) -> BTreeSet<&'e str> {
    let about = events.iter().filter(|event| {
        let users = event["detail"][list].as_array().into_iter().flatten();
        users.into_iter().any(|member| member["id"] == user)
    });
    about.filter_map(|event| event["detail"]["id"].as_str()).collect()
}
