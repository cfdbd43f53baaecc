//! A Redis of one's own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use redis::{AsyncConnectionConfig, FromRedisValue};

use crate::ports::{TRIES, free_port, is_taken};
use crate::tools::{self, Silent};
use crate::{Process, scratch};

const READY: Duration = Duration::from_secs(15);

/// A Redis that keeps nothing on disk, on a free port of 127.0.0.1; killed when dropped.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    server: Server,
}

/// How to start it.
#[derive(Debug)]
struct Server {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    cluster: bool,
}

impl Redis {
    /// Starts a lone server and waits until it answers.
    ///
    /// # Errors
    /// It cannot be had, or does not start; the line has the last words of its log.
    pub async fn start() -> Result<Self> {
        Self::start_as(false).await
    }

    /// Starts one server in cluster mode that holds all slots: scripts that touch more than one
    /// hash tag fail here as they do in a real cluster.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub async fn start_cluster() -> Result<Self> {
        Self::start_as(true).await
    }

    async fn start_as(cluster: bool) -> Result<Self> {
        let program = tools::redis_server(&Silent).await?;
        let folder = scratch("redis")?;
        let mut server = Server { program, folder, port: 0, cluster };
        let mut tries = 0;
        loop {
            server.port = if cluster { free_port_below_bus()? } else { free_port()? };
            match server.launch().await {
                Ok(process) => return Ok(Self { process, server }),
                Err(error) if is_taken(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// E.g. `redis://127.0.0.1:40002`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// Sends one command, e.g. `&["HGET", "key", "field"]`, over a connection of its own.
    ///
    /// # Errors
    /// There is no answer within ten seconds, it is an error, or no `T`.
    pub async fn command<T: FromRedisValue>(&self, words: &[&str]) -> Result<T> {
        self.server.command(words).await
    }

    /// Its process, for faults: [`Process::freeze`], [`Process::kill`], [`Process::death`].
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it. Afterwards its port refuses connections.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }

    /// Ends it and starts an empty one on the same port.
    ///
    /// # Errors
    /// It does not start again.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.process = self.server.launch().await?;
        Ok(())
    }
}

impl Server {
    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn launch(&self) -> Result<Process> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.folder)
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--loglevel", "warning"]);
        if self.cluster {
            // What it remembers of the cluster would outlive a restart.
            let _ = fs::remove_file(self.folder.join("nodes.conf"));
            command.args(["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]);
        }
        let mut process = Process::start("redis", &self.folder, command)?;
        process.until(READY, "Redis answers", async || self.answers().await).await?;
        if self.cluster {
            let mut words = vec!["CLUSTER".to_owned(), "ADDSLOTS".to_owned()];
            words.extend((0..16384).map(|slot| slot.to_string()));
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            self.command::<()>(&words).await?;
            process.until(READY, "the cluster is whole", async || self.is_whole().await).await?;
        }
        Ok(process)
    }

    async fn answers(&self) -> Option<()> {
        self.command(&["PING"]).await.ok()
    }

    async fn is_whole(&self) -> Option<()> {
        let info: String = self.command(&["CLUSTER", "INFO"]).await.ok()?;
        info.contains("cluster_state:ok").then_some(())
    }

    async fn command<T: FromRedisValue>(&self, words: &[&str]) -> Result<T> {
        let (name, arguments) = words.split_first().context("a command has a name")?;
        let bound = Some(Duration::from_secs(10));
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(bound).set_response_timeout(bound);
        let mut connection = redis::Client::open(self.url())?
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .with_context(|| format!("cannot connect to Redis at {}", self.url()))?;
        redis::cmd(name)
            .arg(arguments)
            .query_async(&mut connection)
            .await
            .with_context(|| format!("Redis refuses {name}"))
    }
}

/// The bus of a cluster is on the port 10,000 above; older servers cannot be told another.
fn free_port_below_bus() -> Result<u16> {
    loop {
        let port = free_port()?;
        if port.checked_add(10_000).is_some() {
            return Ok(port);
        }
    }
}
