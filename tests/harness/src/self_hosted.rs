//! The whole of docs/SELF-HOST.md on this machine: `rollcall serve` and Centrifugo behind nginx.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpStream;

use crate::ports::{HOST, TRIES, free_port, is_taken};
use crate::{Centrifugo, Nginx, Process, Redis, scratch};

const READY: Duration = Duration::from_secs(15);

/// `rollcall serve` and nginx; killed when dropped.
#[derive(Debug)]
pub struct SelfHosted {
    _rollcall: Process,
    nginx: Nginx,
}

impl SelfHosted {
    /// Starts both; `channels` are watched every ten seconds, and their keys are apart from all others in that Redis.
    ///
    /// # Errors
    /// One of them does not start; the line has the last words of its log.
    pub async fn start(
        program: &Path,
        channels: &str,
        centrifugo: &Centrifugo,
        redis: &Redis,
    ) -> Result<Self> {
        let mut tries = 0;
        loop {
            // nginx comes first: its address is what browsers are told.
            let address = format!("{HOST}:{}", free_port()?);
            let nginx = Nginx::start(&address, centrifugo.port()).await?;
            let client_url = centrifugo.client_url();
            let client_url = client_url.replace(
                &format!("ws://{HOST}:{}", centrifugo.port()),
                &nginx.url().replace("https:", "wss:"),
            );
            let variables = BTreeMap::from([
                ("LISTEN", address.clone()),
                ("WATCH_CHANNELS", channels.to_owned()),
                ("PERIOD_SECONDS", "10".to_owned()),
                ("CENTRIFUGO_API_URL", centrifugo.api_url()),
                ("CENTRIFUGO_API_KEY", centrifugo.api_key().to_owned()),
                ("CENTRIFUGO_CLIENT_URL", client_url),
                ("REDIS_URL", redis.url()),
                ("REDIS_PREFIX", "self-hosted".to_owned()),
            ]);
            let mut command = Command::new(program);
            command.arg("serve").env_clear().envs(variables);
            let mut rollcall = Process::start("rollcall", &scratch("rollcall")?, command)?;
            let connect = async || TcpStream::connect(&address).await.ok();
            match rollcall.until(READY, "rollcall listens", connect).await {
                Ok(_) => return Ok(Self { _rollcall: rollcall, nginx }),
                Err(error) if is_taken(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// E.g. `https://127.0.0.1:40005`: the demo page, the API, the widget's files and the socket.
    pub fn url(&self) -> String {
        self.nginx.url()
    }
}
