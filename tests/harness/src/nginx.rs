//! An nginx as docs/SELF-HOST.md has it, before a `rollcall serve` and a Centrifugo.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rcgen::CertifiedKey;
use tokio::net::TcpStream;

use crate::ports::{HOST, TRIES, free_port, is_taken};
use crate::tools::{self, Silent};
use crate::{Process, documented, scratch};

const READY: Duration = Duration::from_secs(15);
/// The configuration that the document shows.
const DOCUMENT: &str = "docs/SELF-HOST.md";
/// What stands there for the port and the files of the certificate.
const LISTEN: &str = "listen 443 ";
const FILES: &str = "/etc/letsencrypt/live/presence.example.com/";
const ROLLCALL: &str = "server 127.0.0.1:8090;";
const CENTRIFUGO: &str = "server 127.0.0.1:8000;";
/// What it keeps answers in, where it does.
const CACHE: &str = "/var/cache/nginx/rollcall";

/// nginx on a free port of 127.0.0.1, with a certificate of its own; killed when dropped.
#[derive(Debug)]
pub struct Nginx {
    _process: Process,
    port: u16,
}

impl Nginx {
    /// Starts it with the documented configuration, in which only ports and files are others.
    ///
    /// # Errors
    /// It can't be had, does not take the configuration, or does not start; the line has the last words of its log.
    pub async fn start(rollcall: &str, centrifugo_port: u16) -> Result<Self> {
        let program = tools::nginx(&Silent).await?;
        let folder = scratch("nginx")?;
        certify(&folder)?;
        let document = documented(DOCUMENT, "nginx")?;
        let mut tries = 0;
        loop {
            let port = free_port()?;
            let mut server = document.clone();
            for (there, here) in [
                (LISTEN, format!("listen {HOST}:{port} ")),
                (FILES, format!("{}/", folder.display())),
                (ROLLCALL, format!("server {rollcall};")),
                (CENTRIFUGO, format!("server {HOST}:{centrifugo_port};")),
                (CACHE, format!("{}/cache", folder.display())),
            ] {
                anyhow::ensure!(server.contains(there), "{DOCUMENT} has no `{there}`");
                server = server.replace(there, &here);
            }
            match launch(&program, &folder, port, &server).await {
                Ok(process) => return Ok(Self { _process: process, port }),
                Err(error) if is_taken(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// E.g. `https://127.0.0.1:40005`.
    pub fn url(&self) -> String {
        format!("https://{HOST}:{}", self.port)
    }
}

/// nginx as one process in the foreground, without an access log, and with all that it writes in `folder`. `server` is what a
/// distribution's own `nginx.conf` would include.
///
/// # Errors
/// Its configuration can't be written.
pub fn nginx_command(program: &Path, folder: &Path, server: &str) -> Result<Command> {
    let at = folder.display();
    let file = folder.join("nginx.conf");
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {at}/pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\ndefault_type application/octet-stream;\n\
         client_body_temp_path {at}/a;\nproxy_temp_path {at}/b;\nfastcgi_temp_path {at}/c;\n\
         uwsgi_temp_path {at}/d;\nscgi_temp_path {at}/e;\n{server}\n}}\n"
    );
    fs::write(&file, configuration).with_context(|| format!("cannot write {}", file.display()))?;
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).args(["-e", "stderr", "-c"]).arg(&file);
    Ok(command)
}

/// Writes a certificate that nobody has to trust.
fn certify(folder: &Path) -> Result<()> {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed([HOST.to_owned()])?;
    fs::write(folder.join("fullchain.pem"), cert.pem())?;
    fs::write(folder.join("privkey.pem"), signing_key.serialize_pem())
        .with_context(|| format!("cannot write into {}", folder.display()))
}

async fn launch(program: &Path, folder: &Path, port: u16, server: &str) -> Result<Process> {
    let mut process = Process::start("nginx", folder, nginx_command(program, folder, server)?)?;
    let connect = async || TcpStream::connect((HOST, port)).await.ok();
    process.until(READY, "nginx listens", connect).await?;
    Ok(process)
}
