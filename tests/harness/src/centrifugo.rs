//! A Centrifugo of one's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::ports::{TRIES, free_port, is_taken};
use crate::tools::{self, Silent};
use crate::{Process, eventually, http_client, now_seconds, scratch, sign};

const API_KEY: &str = "dev-api-key";
const TOKEN_SECRET: &str = "dev-token-secret";
const READY: Duration = Duration::from_secs(15);

/// A Centrifugo with the memory engine on a free port of 127.0.0.1; killed when dropped.
///
/// Its namespaces: `site` and `room` are watched, guests may subscribe; `presence` keeps and
/// replays the last view; `members` is the same for signed-in clients alone, `private` for those
/// whose token names the channel; `plain` has no presence, so asking for it is error 108.
#[derive(Debug)]
pub struct Centrifugo {
    process: Process,
    port: u16,
    folder: PathBuf,
    program: PathBuf,
    configuration: Value,
    http: reqwest::Client,
}

impl Centrifugo {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// It cannot be had, or does not start; the line has the last words of its log.
    pub async fn start() -> Result<Self> {
        Self::start_with(configuration()).await
    }

    /// The same with another configuration, but for the port. What is said of namespaces above, and what
    /// [`Centrifugo::api`] and [`Centrifugo::token`] need, is up to that.
    ///
    /// # Errors
    /// As [`Centrifugo::start`].
    pub async fn start_with(configuration: Value) -> Result<Self> {
        let program = tools::centrifugo(&Silent).await?;
        let folder = scratch("centrifugo")?;
        let http = http_client()?;
        let mut tries = 0;
        loop {
            let port = free_port()?;
            match launch(&program, &folder, port, &configuration, &http).await {
                Ok(process) => {
                    return Ok(Self { process, port, folder, program, configuration, http });
                }
                Err(error) if is_taken(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The base of the HTTP server API, e.g. `http://127.0.0.1:40001/api`.
    pub fn api_url(&self) -> String {
        format!("http://127.0.0.1:{}/api", self.port)
    }

    /// The key of the HTTP server API.
    pub fn api_key(&self) -> &'static str {
        API_KEY
    }

    /// What a browser connects to, e.g. `ws://127.0.0.1:40001/connection/websocket`.
    pub fn client_url(&self) -> String {
        format!("ws://127.0.0.1:{}/connection/websocket", self.port)
    }

    /// The HMAC secret of its tokens.
    pub fn token_secret(&self) -> &'static str {
        TOKEN_SECRET
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A token for `user` that is valid for an hour.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn token(&self, user: &str, info: &Value) -> Result<String> {
        let claims = json!({ "sub": user, "exp": now_seconds() + 3600, "info": info });
        sign(TOKEN_SECRET, &claims)
    }

    /// Calls a method of the HTTP server API and gives its `result` (of `batch`: the whole answer).
    ///
    /// # Errors
    /// There is no answer, or it is an error.
    pub async fn api(&self, method: &str, body: &Value) -> Result<Value> {
        let answer = self
            .http
            .post(format!("{}/{method}", self.api_url()))
            .header("X-API-Key", API_KEY)
            .json(body)
            .send()
            .await
            .with_context(|| format!("Centrifugo does not answer {method}"))?;
        let answer: Value = answer.error_for_status()?.json().await?;
        if let Some(error) = answer.get("error") {
            bail!("Centrifugo answers {method} with {error}");
        }
        Ok(answer.get("result").cloned().unwrap_or(answer))
    }

    /// The clients that are present in a channel, by client id.
    ///
    /// # Errors
    /// As [`Centrifugo::api`].
    pub async fn presence(&self, channel: &str) -> Result<serde_json::Map<String, Value>> {
        let answer = self.api("presence", &json!({ "channel": channel })).await?;
        let presence = answer.get("presence").and_then(Value::as_object);
        presence.cloned().context("an answer without presence")
    }

    /// Waits until `n_clients` clients are present in a channel.
    ///
    /// # Errors
    /// It takes more than ten seconds.
    pub async fn wait_for_clients(&self, channel: &str, n_clients: usize) -> Result<()> {
        let what = format!("{n_clients} clients are in {channel}");
        eventually(Duration::from_secs(10), &what, async || {
            let present = self.presence(channel).await.ok()?;
            (present.len() == n_clients).then_some(())
        })
        .await
    }

    /// Its process, for faults: [`Process::freeze`], [`Process::kill`], [`Process::death`].
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it as a deployment would (clients get 3001). Afterwards its port refuses connections.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }

    /// Ends it and starts an empty one on the same port.
    ///
    /// # Errors
    /// It does not start again.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        let Self { program, folder, port, configuration, http, .. } = self;
        self.process = launch(program, folder, *port, configuration, http).await?;
        Ok(())
    }

    /// The same with another configuration.
    ///
    /// # Errors
    /// As [`Centrifugo::restart`].
    pub async fn restart_with(&mut self, configuration: Value) -> Result<()> {
        self.configuration = configuration;
        self.restart().await
    }
}

async fn launch(
    program: &Path,
    folder: &Path,
    port: u16,
    configuration: &Value,
    http: &reqwest::Client,
) -> Result<Process> {
    let mut configuration = configuration.clone();
    configuration["http_server"]["address"] = "127.0.0.1".into();
    configuration["http_server"]["port"] = port.into();
    let file = folder.join("centrifugo.json");
    fs::write(&file, serde_json::to_vec_pretty(&configuration)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    let mut command = Command::new(program);
    command.arg("-c").arg(&file);
    // The environment goes before the file.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CENTRIFUGO_") {
            command.env_remove(name);
        }
    }
    let mut process = Process::start("centrifugo", folder, command)?;
    // It listens when it is ready. Whether there is such a page is a matter of its configuration.
    let url = format!("http://127.0.0.1:{port}/health");
    process.until(READY, "Centrifugo answers", async || http.get(&url).send().await.ok()).await?;
    Ok(process)
}

/// The development configuration.
fn configuration() -> Value {
    let watched = |name: &str| {
        json!({
            "name": name,
            "presence": true,
            "allow_subscribe_for_client": true,
            "allow_subscribe_for_anonymous": true,
        })
    };
    let replayed = |name: &str, anonymous: bool| {
        json!({
            "name": name,
            "history_size": 1,
            "history_ttl": "10m",
            "force_recovery": true,
            "force_recovery_mode": "cache",
            "auto_cache_recover": true,
            "publication_data_format": "json_object",
            "allow_subscribe_for_client": true,
            "allow_subscribe_for_anonymous": anonymous,
        })
    };
    let plain = json!({
        "name": "plain",
        "allow_subscribe_for_client": true,
        "allow_subscribe_for_anonymous": true,
    });
    let mut private = replayed("private", false);
    private["allow_subscribe_for_client"] = Value::Bool(false);
    json!({
        "client": {
            "token": { "hmac_secret_key": TOKEN_SECRET },
            "allow_anonymous_connect_without_token": true,
            "allowed_origins": ["http://localhost:*", "http://127.0.0.1:*", "https://127.0.0.1:*"],
        },
        "http_api": { "key": API_KEY },
        "admin": { "enabled": true, "password": "dev", "secret": "dev-admin-secret" },
        "health": { "enabled": true },
        "prometheus": { "enabled": true },
        "usage_stats": { "disabled": true },
        "log": { "level": "warn" },
        "channel": { "namespaces": [
            watched("site"),
            watched("room"),
            replayed("presence", true),
            replayed("members", false),
            private,
            plain,
        ] },
    })
}
