//! `rollcall serve`: how soon it answers, and what it holds when nothing is asked of it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use harness::{Redis, eventually};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::meter;
use super::program::program;
use super::results::{Results, Serve};
use super::stand_in::{API_KEY, StandIn};
use super::statistics::Summary;
use crate::output::Progress;

pub(crate) const GROUP: &str = "serve";

/// Starts that count.
pub(crate) const QUICK: usize = 10;
pub(crate) const FULL: usize = 30;

const CHANNEL: &str = "site:main";
const CLIENTS: usize = 1000;
const SOON: Duration = Duration::from_secs(10);

/// Starts the program again and again, each time with an empty Redis, so that it takes a roll call at once.
pub(crate) async fn measure(
    starts: usize,
    results: &mut Results,
    progress: &Progress,
) -> Result<()> {
    let stand_in = StandIn::start(1, CLIENTS).await?;
    let redis = Redis::start().await?;
    let (mut ready_ms, mut idle_mb) = (Vec::new(), Vec::new());
    // The first start reads the program from the disk.
    for start in 0..=starts {
        progress.part(GROUP, start, starts);
        let () = redis.command(&["FLUSHALL"]).await?;
        let begun = Instant::now();
        let (program, address) = serve(&redis, &stand_in).await?;
        ask(&address, "/v1/health").await?;
        let ready = begun.elapsed();
        let id = program.id().context("it has ended")?;
        eventually(SOON, "a roll call is kept", async || {
            ask(&address, &format!("/v1/presence/{CHANNEL}")).await.ok()
        })
        .await?;
        let idle = at_rest(id).await?;
        if start > 0 {
            ready_ms.push(ready.as_secs_f64() * 1000.0);
            idle_mb.push(idle as f64 / 1024.0 / 1024.0);
        }
    }
    let (ready_ms, idle_mb) = (Summary::of(ready_ms), Summary::of(idle_mb));
    results.serve = ready_ms.zip(idle_mb).map(|(ready_ms, idle_mb)| Serve { ready_ms, idle_mb });
    Ok(())
}

/// Starts the program, and gives the address that its first line says.
async fn serve(redis: &Redis, stand_in: &StandIn) -> Result<(Child, String)> {
    let mut command = Command::new(program("rollcall"));
    command
        .arg("serve")
        .env_clear()
        .env("LISTEN", "127.0.0.1:0")
        .env("WATCH_CHANNELS", CHANNEL)
        .env("REDIS_URL", redis.url())
        .env("CENTRIFUGO_API_URL", format!("http://127.0.0.1:{}/api", stand_in.port))
        .env("CENTRIFUGO_API_KEY", API_KEY)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut program = command.spawn().context("`rollcall` can't be started")?;
    let output = program.stdout.take().context("no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).await?;
    let address = line.trim().strip_prefix("rollcall serves http://");
    let address = address.and_then(|address| address.strip_suffix('/'));
    let address = address.with_context(|| format!("its first line is {line:?}"))?.to_owned();
    Ok((program, address))
}

/// Asks once, and wants a 200.
async fn ask(address: &str, path: &str) -> Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    let is_right = answer.starts_with(b"HTTP/1.1 200 ");
    ensure!(is_right, "{path}: {}", String::from_utf8_lossy(&answer));
    Ok(())
}

/// The memory that a process holds once it does nothing any more, in bytes.
async fn at_rest(id: u32) -> Result<u64> {
    let mut before = None;
    eventually(SOON, "it rests", async || {
        let now = (meter::cpu(id).ok()?, meter::held(id).ok()?);
        tokio::time::sleep(Duration::from_millis(100)).await;
        let is_at_rest = before.replace(now) == Some(now);
        is_at_rest.then_some(now.1)
    })
    .await
}
