//! What the floor and the reference have in common: how a side is told what to do and says what it did.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use redis::aio::MultiplexedConnection;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

/// Most presence commands in a call.
pub const ASKED_MAX: usize = 250;

/// Most publications in a call.
pub const PUBLISHED_MAX: usize = 100;

/// How long a view is kept.
pub const KEPT_SECONDS: i64 = 3600;

/// A side with its connections, which stay open between roll calls.
pub struct Side {
    /// To Redis.
    pub redis: MultiplexedConnection,
    /// Watched channels.
    pub channels: Vec<String>,
    http: reqwest::Client,
    api_url: String,
    api_key: String,
    prefix: String,
}

/// What a roll call did.
#[derive(Debug, Default, Serialize)]
pub struct Done {
    /// Channels whose view was kept.
    pub committed: usize,
    /// Users who came.
    pub joined: usize,
    /// Users who went.
    pub left: usize,
    /// Views that were published.
    pub published: usize,
}

#[derive(Serialize)]
struct Batch<C> {
    parallel: bool,
    commands: Vec<C>,
}

#[derive(Serialize)]
struct Presence<'a> {
    presence: HashMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct Publish<'a> {
    publish: Publication<'a>,
}

#[derive(Serialize)]
struct Publication<'a> {
    channel: String,
    data: &'a serde_json::value::RawValue,
    version: u64,
    idempotency_key: String,
}

impl Side {
    /// As the variables say.
    ///
    /// # Errors
    /// One is missing, or Redis can't be had.
    pub async fn from_environment() -> Result<Self> {
        let variable =
            |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
        // Plain HTTP needs no TLS, but a client can't be built without.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let channels = variable("CHANNELS_FILE")?;
        let channels =
            fs::read_to_string(&channels).with_context(|| format!("cannot read {channels}"))?;
        let redis = redis::Client::open(variable("REDIS_URL")?)?;
        Ok(Self {
            redis: redis.get_multiplexed_async_connection_with_config(&patient()).await?,
            channels: channels.lines().map(str::to_owned).collect(),
            http: reqwest::Client::builder().no_proxy().build()?,
            api_url: variable("CENTRIFUGO_API_URL")?,
            api_key: variable("CENTRIFUGO_API_KEY")?,
            prefix: variable("PREFIX")?,
        })
    }

    /// The name of a key of a channel.
    pub fn key(&self, channel: &str, what: &str) -> String {
        format!("{}:{{{channel}}}:{what}", self.prefix)
    }

    /// Asks who is in some channels.
    ///
    /// # Errors
    /// There is no good answer.
    pub async fn ask(&self, channels: &[String]) -> Result<reqwest::Response> {
        let commands = channels
            .iter()
            .map(|channel| Presence { presence: [("channel", channel.as_str())].into() })
            .collect();
        self.batch(&Batch { parallel: true, commands }).await
    }

    /// Publishes the views of some channels, in as few calls as may be.
    ///
    /// # Errors
    /// There is no good answer.
    pub async fn publish(&self, views: &[(&str, &str)], taken_at: u64) -> Result<usize> {
        for views in views.chunks(PUBLISHED_MAX) {
            let commands = views.iter().map(|(channel, view)| {
                Ok(Publish {
                    publish: Publication {
                        channel: format!("presence:{channel}"),
                        data: serde_json::from_str(view)?,
                        version: taken_at,
                        idempotency_key: format!("{channel}@{taken_at}"),
                    },
                })
            });
            let commands = commands.collect::<Result<Vec<_>>>()?;
            let answer = self.batch(&Batch { parallel: true, commands }).await?.bytes().await?;
            ensure!(!answer.windows(8).any(|text| text == b"\"error\":"), "a publication failed");
        }
        Ok(views.len())
    }

    async fn batch(&self, batch: &impl Serialize) -> Result<reqwest::Response> {
        let response = self
            .http
            .post(format!("{}/batch", self.api_url))
            .header("x-api-key", &self.api_key)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(batch)?)
            .send()
            .await?;
        Ok(response.error_for_status()?)
    }

    /// Gets a page of the stand-in's own, which is at `STAND_IN_URL`.
    ///
    /// # Errors
    /// There is no such variable, or no good answer.
    pub async fn page(&self, path: &str) -> Result<serde_json::Value> {
        let url = std::env::var("STAND_IN_URL").context("STAND_IN_URL is not set")?;
        let response = self.http.get(format!("{url}{path}")).send().await?;
        Ok(serde_json::from_slice(&response.error_for_status()?.bytes().await?)?)
    }
}

/// A big ledger takes its time.
fn patient() -> redis::AsyncConnectionConfig {
    redis::AsyncConnectionConfig::new()
        .set_response_timeout(Some(std::time::Duration::from_secs(60)))
}

/// Takes a roll call for each line of the standard input, and says of each on a line of its own what it did.
///
/// # Errors
/// A roll call fails, or a line is no time.
pub async fn serve(mut take: impl AsyncFnMut(u64) -> Result<Done>) -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut output = tokio::io::stdout();
    while let Some(line) = lines.next_line().await? {
        let taken_at = line.trim().parse().with_context(|| format!("{line:?} is no time"))?;
        let mut done = serde_json::to_vec(&take(taken_at).await?)?;
        done.push(b'\n');
        output.write_all(&done).await?;
        output.flush().await?;
    }
    Ok(())
}
