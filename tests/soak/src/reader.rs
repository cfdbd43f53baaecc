//! A reader of the HTTP API: the real snapshot function in a sandbox.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use harness::{Sandbox, sign};
use serde_json::{Value, json};

use crate::channels::VAULT;
use crate::stack::Stack;

/// What AWS sends for a request to a function URL.
const EVENT: &str = include_str!("../../events/snapshot.json");

pub(crate) struct Reader {
    sandbox: Sandbox,
    event: Value,
    /// Opens every list.
    token: String,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) asked: Instant,
    pub(crate) took: Duration,
    pub(crate) status: u64,
    pub(crate) body: String,
}

impl Reader {
    pub(crate) async fn start(stack: &Stack) -> Result<Self> {
        let program: PathBuf = std::env::current_exe()?.with_file_name("snapshot");
        anyhow::ensure!(program.exists(), "{} is not built", program.display());
        let mut sandbox = Sandbox::start(&program, &stack.snapshot_variables()).await?;
        sandbox.ready().await?;
        let claims = json!({"sub": "reader", "channels": [VAULT]});
        let token = sign(stack.centrifugo.token_secret(), &claims)?;
        Ok(Self { sandbox, event: serde_json::from_str(EVENT)?, token })
    }

    /// Asks for a path and query; with a token that opens everything.
    pub(crate) async fn get(
        &mut self,
        path: &str,
        query: &str,
        with_token: bool,
    ) -> Result<Answer> {
        let mut event = self.event.clone();
        event["rawPath"] = json!(path);
        event["requestContext"]["http"]["path"] = json!(path);
        event["rawQueryString"] = json!(query);
        if with_token {
            event["headers"]["x-rollcall-token"] = json!(self.token);
        }
        let asked = Instant::now();
        let answer = self.sandbox.invoke(event).await.context("the snapshot function fails")?;
        let status = answer["statusCode"].as_u64().context("no status")?;
        let body = answer["body"].as_str().unwrap_or_default().to_owned();
        Ok(Answer { asked, took: asked.elapsed(), status, body })
    }

    /// All that it has logged.
    pub(crate) fn log(&mut self) -> Result<String> {
        let bytes = std::fs::read(self.sandbox.process().log())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
