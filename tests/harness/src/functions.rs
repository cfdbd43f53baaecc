//! Both functions under `cargo lambda watch`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::ports::{HOST, TRIES, free_port};
use crate::tools::{self, Report};
use crate::{Process, eventually, http_client, run, scratch, workspace};

const BUILD: Duration = Duration::from_secs(30 * 60);
const READY: Duration = Duration::from_secs(30);

/// Every variable that the functions read: one that is set outside does not reach them.
pub const VARIABLES: [&str; 32] = [
    "WATCH_CHANNELS",
    "WATCH_CHANNELS_MAX",
    "CENTRIFUGO_API_URL",
    "CENTRIFUGO_API_KEY",
    "CENTRIFUGO_CLIENT_URL",
    "PUBLISH_CHANNEL",
    "PUBLISH_MEMBERS_CHANNEL",
    "PRIVATE_CHANNELS",
    "PRIVATE_MEMBERS_CHANNEL",
    "REDIS_URL",
    "REDIS_IAM_CACHE",
    "REDIS_PREFIX",
    "VISIBILITY",
    "LISTED_MAX",
    "INFO_FIELDS",
    "GUEST_USERS",
    "PERIOD_SECONDS",
    "LEAVE_GRACE_SECONDS",
    "RECENT_SECONDS",
    "SNAPSHOT_TTL_SECONDS",
    "EVENT_BUS_NAME",
    "EVENT_WEBHOOK_URL",
    "EVENT_WEBHOOK_SECRET",
    "SHARD_BUS_NAME",
    "SHARD_CHANNELS",
    "SHARD_CLIENTS",
    "CENTRIFUGO_TOKEN_HMAC_SECRET",
    "CENTRIFUGO_TOKEN_JWKS_URL",
    "CENTRIFUGO_TOKEN_AUDIENCE",
    "CENTRIFUGO_TOKEN_ISSUER",
    "STACK_NAME",
    "AWS_LAMBDA_LOG_LEVEL",
];

/// `collector` and `snapshot`, served as AWS Lambda would; ended when dropped.
#[derive(Debug)]
pub struct Functions {
    process: Process,
    port: u16,
    http: reqwest::Client,
}

impl Functions {
    /// Builds both, starts them with `environment` alone and waits until `snapshot` answers.
    ///
    /// # Errors
    /// They cannot be built, or do not start; the line has the last words of the log.
    pub async fn start(environment: BTreeMap<String, String>, report: &dyn Report) -> Result<Self> {
        let cargo_lambda = tools::cargo_lambda(report).await?;
        report.step("building the functions");
        build().await?;
        report.step("starting the functions");
        let http = http_client()?;
        let mut tries = 0;
        loop {
            let port = free_port()?;
            let mut command = workspace::command(&cargo_lambda);
            command
                .args(["lambda", "watch", "--disable-cors"])
                .args(["--invoke-address", HOST])
                .args(["--invoke-port", &port.to_string()]);
            for variable in VARIABLES {
                command.env_remove(variable);
            }
            command.envs(&environment);
            let process = Process::start_parent("functions", &scratch("functions")?, command)?;
            let mut functions = Self { process, port, http: http.clone() };
            match functions.wait_until_ready().await {
                Ok(()) => return Ok(functions),
                // Its log does not say that the port was taken.
                Err(_) if functions.process.ended().is_some() && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let url = format!("{}/v1/health", self.snapshot_url());
        let http = self.http.clone();
        let log = self.process.log().to_owned();
        let what = "the function `snapshot` answers";
        let is_ready = self
            .process
            .until(READY, what, async || {
                tokio::select! {
                    // 503: it runs, but Redis does not.
                    answer = http.get(&url).send() => {
                        matches!(answer.ok()?.status().as_u16(), 200 | 503).then_some(true)
                    }
                    () = until_exit(&log) => Some(false),
                }
            })
            .await?;
        if !is_ready {
            bail!("the function `snapshot` does not start: {}", self.process.last_words());
        }
        Ok(())
    }

    /// Where to POST an event for the collector.
    pub fn collector_url(&self) -> String {
        format!("http://127.0.0.1:{}/2015-03-31/functions/collector/invocations", self.port)
    }

    /// The base of the HTTP API: `/v1/…` comes after it.
    pub fn snapshot_url(&self) -> String {
        format!("http://127.0.0.1:{}/lambda-url/snapshot", self.port)
    }

    /// Invokes the collector and gives its report.
    ///
    /// # Errors
    /// The invocation fails; the line has the error's type and message.
    pub async fn roll_call(&self) -> Result<Value> {
        let answer = self
            .http
            .post(self.collector_url())
            .json(&json!({}))
            .send()
            .await
            .context("the collector does not answer")?;
        let failed = !answer.status().is_success();
        let report: Value = answer.json().await.context("the collector answers no JSON")?;
        if failed || report.get("errorType").is_some() {
            let text = |name: &str| report.get(name).and_then(Value::as_str).unwrap_or_default();
            bail!("{}: {}", text("errorType"), text("errorMessage"));
        }
        Ok(report)
    }

    /// Its process, to see whether it has died.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends both functions.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }
}

/// Waits until a function has exited: it would be started again and again, and the request to it
/// would wait for as long.
async fn until_exit(log: &Path) {
    let exited = async || {
        let log = fs::read_to_string(log).ok()?;
        log.contains("command exited").then_some(())
    };
    let _ = eventually(READY, "", exited).await;
}

/// Builds with the selection of packages that `cargo lambda watch` uses, so that it finds
/// everything fresh and the first invocation does not wait for a compiler.
async fn build() -> Result<()> {
    let mut command = workspace::command("cargo");
    command.args(["build", "--bin", "collector", "--bin", "snapshot"]);
    run("cargo-build", command, BUILD).await.context("cannot build the functions")
}
