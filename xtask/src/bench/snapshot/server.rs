//! Servers that one might put there instead: nginx with a file for each channel, and webdis before Redis.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use harness::{Process, nginx_command, scratch};
use serde_json::json;

use super::installed;

const READY: Duration = Duration::from_secs(10);

/// A server and a connection to it.
pub(super) struct Server {
    process: Process,
    paths: Vec<String>,
    /// Whether it answers the view and nothing about it.
    is_plain: bool,
    connection: BufReader<TcpStream>,
}

/// nginx, one process without logs.
pub(super) async fn nginx(channels: &[String], view: &str) -> Result<Server> {
    let program = installed("nginx")?;
    let folder = scratch("nginx")?;
    let port = free_port()?;
    let pages = folder.join("pages");
    fs::create_dir_all(&pages)?;
    for channel in channels {
        fs::write(pages.join(channel), view)?;
    }
    let server = format!(
        "server {{ listen 127.0.0.1:{port}; root {}; default_type application/json; \
         keepalive_requests 1000000; }}",
        pages.display()
    );
    let command = nginx_command(&program, &folder, &server)?;
    let paths = channels.iter().map(|channel| format!("/{channel}")).collect();
    Server::start("nginx", &folder, command, port, paths, true).await
}

/// webdis, with one thread.
pub(super) async fn webdis(channels: &[String], redis_port: u16) -> Result<Server> {
    let program = installed("webdis")?;
    let folder = scratch("webdis")?;
    let port = free_port()?;
    let config = json!({
        "redis_host": "127.0.0.1", "redis_port": redis_port, "http_host": "127.0.0.1",
        "http_port": port, "threads": 1, "pool_size": 1, "daemonize": false, "websockets": false,
        "verbosity": 0, "logfile": folder.join("webdis-own.log"),
    });
    let path = folder.join("webdis.json");
    fs::write(&path, config.to_string())?;
    let mut command = Command::new(program);
    command.arg(&path);
    let path = |channel: &String| format!("/HMGET/rollcall:{{{channel}}}:view/taken_at/members");
    let paths = channels.iter().map(path).collect();
    Server::start("webdis", &folder, command, port, paths, false).await
}

impl Server {
    async fn start(
        name: &str,
        folder: &Path,
        command: Command,
        port: u16,
        paths: Vec<String>,
        is_plain: bool,
    ) -> Result<Self> {
        let mut process = Process::start(name, folder, command)?;
        let connect = async || TcpStream::connect(("127.0.0.1", port)).ok();
        let connection = process.until(READY, "it listens", connect).await?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(READY))?;
        Ok(Self { process, paths, is_plain, connection: BufReader::new(connection) })
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks for the view of a channel, on the connection that stays open.
    pub(super) fn request(&mut self, number: usize, view: &str) -> Result<Duration> {
        let path = &self.paths[number % self.paths.len()];
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let start = Instant::now();
        self.connection.get_mut().write_all(request.as_bytes())?;
        let body = read_answer(&mut self.connection)?;
        let took = start.elapsed();
        let is_right =
            if self.is_plain { body == view.as_bytes() } else { body.len() > view.len() };
        ensure!(is_right, "another answer: {}", String::from_utf8_lossy(&body));
        Ok(took)
    }
}

/// Reads an answer that tells its length.
fn read_answer(from: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    ensure!(line.split(' ').nth(1) == Some("200"), "another status: {line:?}");
    let mut length = None;
    while line.trim() != "" {
        line.clear();
        from.read_line(&mut line)?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let mut body = vec![0; length.context("an answer without its length")?];
    from.read_exact(&mut body)?;
    Ok(body)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free port")?.local_addr()?.port())
}
