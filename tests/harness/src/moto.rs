//! A simulation of AWS of one's own.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::ports::{HOST, TRIES, free_port, is_taken};
use crate::tools::{self, Silent};
use crate::{Process, http_client, scratch};

/// It imports most of moto before it listens.
const READY: Duration = Duration::from_secs(60);

/// moto's server on a free port of 127.0.0.1: S3 and more, in memory; killed when dropped.
#[derive(Debug)]
pub struct Moto {
    _process: Process,
    port: u16,
}

impl Moto {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// It cannot be had, or does not start; the line has the last words of its log.
    pub async fn start() -> Result<Self> {
        let python = tools::moto_python(&Silent).await?;
        let folder = scratch("moto")?;
        let http = http_client()?;
        let mut tries = 0;
        loop {
            let port = free_port()?;
            let mut command = Command::new(python.with_file_name("moto_server"));
            command.args(["-H", HOST, "-p", &port.to_string()]);
            let mut process = Process::start("moto", &folder, command)?;
            let url = format!("http://{HOST}:{port}/moto-api/data.json");
            let ready = process
                .until(READY, "moto answers", async || {
                    http.get(&url).send().await.ok().filter(|answer| answer.status().is_success())
                })
                .await;
            match ready {
                Ok(_) => return Ok(Self { _process: process, port }),
                Err(error) if is_taken(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The endpoint of every service, e.g. `http://127.0.0.1:40001`. An address: for a name, S3's
    /// clients put the bucket before it.
    pub fn url(&self) -> String {
        format!("http://{HOST}:{}", self.port)
    }
}
