//! The stand-in for Centrifugo, seen from here.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::{Process, http_client, scratch};
use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Published, Truth};
use super::program::program;

/// What every side shows to be let in.
pub(crate) const API_KEY: &str = "bench";

/// It makes millions of clients before it listens.
const READY: Duration = Duration::from_secs(120);

pub(crate) struct StandIn {
    _process: Process,
    pub(crate) port: u16,
    http: reqwest::Client,
}

/// A client that is in a channel.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Present {
    /// Empty for a guest.
    pub(crate) user: String,
    #[serde(default)]
    pub(crate) conn_info: Value,
}

impl StandIn {
    pub(crate) async fn start(channels: usize, clients: usize) -> Result<Self> {
        let mut command = Command::new(program("stand-in"));
        command
            .env("CHANNELS", channels.to_string())
            .env("CLIENTS", clients.to_string())
            .env("CENTRIFUGO_API_KEY", API_KEY);
        let mut process = Process::start("stand-in", &scratch("stand-in")?, command)?;
        let log = process.log().to_owned();
        let port = async || fs::read_to_string(&log).ok()?.strip_suffix('\n')?.parse().ok();
        let port = process.until(READY, "the stand-in listens", port).await?;
        Ok(Self { _process: process, port, http: http_client()? })
    }

    /// Makes another phase the present one.
    pub(crate) async fn switch(&self, phase: usize) -> Result<()> {
        let request = self.http.post(self.url("phase")).json(&json!({"phase": phase}));
        let status = request.send().await.context("the stand-in does not answer")?.status();
        ensure!(status.is_success(), "the stand-in has no phase {phase}");
        Ok(())
    }

    /// What is true in this phase.
    pub(crate) async fn truth(&self) -> Result<Vec<Truth>> {
        Ok(self.http.get(self.url("truth")).send().await?.json().await?)
    }

    /// Who is in a channel in this phase, in no order.
    pub(crate) async fn present(&self, channel: &str) -> Result<Vec<Present>> {
        let request = self.http.post(self.url("api/presence")).header("X-API-Key", API_KEY);
        let answer = request.json(&json!({"channel": channel})).send().await?;
        let mut answer: Value = answer.error_for_status()?.json().await?;
        let clients: BTreeMap<String, Present> =
            serde_json::from_value(answer["result"]["presence"].take())?;
        Ok(clients.into_values().collect())
    }

    /// What was published since the last call.
    pub(crate) async fn published(&self) -> Result<HashMap<String, Published>> {
        Ok(self.http.get(self.url("published")).send().await?.json().await?)
    }

    /// The members view of the first channel, as a roll call would write it.
    pub(crate) async fn sample_view(&self) -> Result<String> {
        let views: Value = self.http.get(self.url("sample-view")).send().await?.json().await?;
        Ok(views["members"].as_str().context("no view")?.to_owned())
    }

    fn url(&self, page: &str) -> String {
        format!("http://127.0.0.1:{}/{page}", self.port)
    }
}
