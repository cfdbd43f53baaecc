//! A Prometheus that asks one address.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::ports::{HOST, TRIES, free_port, is_taken};
use crate::tools::{self, Silent};
use crate::{Process, http_client, scratch};

const READY: Duration = Duration::from_secs(30);

/// A Prometheus on a free port of 127.0.0.1 that asks every second; killed when dropped.
#[derive(Debug)]
pub struct Prometheus {
    _process: Process,
    url: String,
    http: reqwest::Client,
}

impl Prometheus {
    /// Starts it; `target` is what it asks, as `127.0.0.1:9090`, in the job `rollcall`, and `rules` a file of rules.
    ///
    /// # Errors
    /// It can't be had, does not take the rules, or does not start; the line has the last words of its log.
    pub async fn start(target: &str, rules: &Path) -> Result<Self> {
        let program = tools::prometheus(&Silent).await?;
        let folder = scratch("prometheus")?;
        let http = http_client()?;
        // JSON is YAML.
        let configuration = json!({
            "global": { "scrape_interval": "1s", "evaluation_interval": "1s" },
            "rule_files": [rules],
            "scrape_configs": [
                { "job_name": "rollcall", "static_configs": [{ "targets": [target] }] },
            ],
        });
        let file = folder.join("prometheus.yml");
        fs::write(&file, configuration.to_string())
            .with_context(|| format!("cannot write {}", file.display()))?;
        let mut tries = 0;
        loop {
            let port = free_port()?;
            let mut command = Command::new(&program);
            command
                .arg(format!("--config.file={}", file.display()))
                .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
                .arg(format!("--web.listen-address={HOST}:{port}"));
            let mut process = Process::start("prometheus", &folder, command)?;
            let url = format!("http://{HOST}:{port}");
            let ready = async || {
                let answer = http.get(format!("{url}/-/ready")).send().await.ok()?;
                answer.status().is_success().then_some(())
            };
            match process.until(READY, "Prometheus answers", ready).await {
                Ok(()) => return Ok(Self { _process: process, url, http }),
                Err(error) if is_taken(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The result of a query at this moment: a list of series, each with its `metric` and its `value`.
    ///
    /// # Errors
    /// There is no answer, or the query is none.
    pub async fn query(&self, query: &str) -> Result<Vec<Value>> {
        let answer = self.ask("query", &[("query", query)]).await?;
        answer["result"].as_array().cloned().context("no result")
    }

    /// All rules, each with its `name`, its `health` and its `state`.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn rules(&self) -> Result<Vec<Value>> {
        let answer = self.ask("rules", &[]).await?;
        let groups = answer["groups"].as_array().context("no groups")?;
        let rules = groups.iter().filter_map(|group| group["rules"].as_array());
        Ok(rules.flatten().cloned().collect())
    }

    async fn ask(&self, what: &str, query: &[(&str, &str)]) -> Result<Value> {
        let url = format!("{}/api/v1/{what}", self.url);
        let url = reqwest::Url::parse_with_params(&url, query)?;
        let answer: Value = self.http.get(url).send().await?.json().await?;
        anyhow::ensure!(answer["status"] == "success", "Prometheus answers {answer}");
        Ok(answer["data"].clone())
    }
}
