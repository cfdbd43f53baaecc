//! A server that answers HTTP requests as it is told: for what a real Centrifugo never does.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What becomes of one request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status and a body.
    Body(u16, Vec<u8>),
    /// Sent on to another address.
    Redirect(String),
    /// The connection is closed without an answer.
    Close,
    /// No answer, for as long as the server lives.
    Hang,
}

/// Answers its requests one after the other as told, the last answer for ever. Ends when dropped.
#[derive(Debug)]
pub struct Canned {
    port: u16,
    requests: Arc<Mutex<Vec<(String, String)>>>,
    _tasks: JoinSet<()>,
}

impl Canned {
    /// Starts on a free port.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(answers: Vec<Answer>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
        let port = listener.local_addr()?.port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut answers = answers.into_iter();
            let mut last = Answer::Close;
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                last = answers.next().unwrap_or(last);
                connections.spawn(serve(stream, last.clone(), Arc::clone(&seen)));
            }
        });
        Ok(Self { port, requests, _tasks: tasks })
    }

    /// E.g. `http://127.0.0.1:40003`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The request lines so far, e.g. `POST /batch HTTP/1.1`.
    pub fn requests(&self) -> Vec<String> {
        self.seen().into_iter().map(|(line, _)| line).collect()
    }

    /// The bodies of the requests so far.
    pub fn bodies(&self) -> Vec<String> {
        self.seen().into_iter().map(|(_, body)| body).collect()
    }

    fn seen(&self) -> Vec<(String, String)> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One request on one connection; a client that goes away is not our concern.
async fn serve(mut stream: TcpStream, answer: Answer, seen: Arc<Mutex<Vec<(String, String)>>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    match answer {
        Answer::Close => {}
        Answer::Hang => std::future::pending().await,
        Answer::Redirect(to) => {
            let head = format!(
                "HTTP/1.1 302 Told\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
        }
        Answer::Body(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} Told\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            if stream.write_all(head.as_bytes()).await.is_ok() {
                let _ = stream.write_all(&body).await;
                let _ = stream.shutdown().await;
            }
        }
    }
}

/// Reads a request; gives its first line and its body.
async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, length)| length.trim().parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            return head.lines().next().map(|line| (line.to_owned(), body.to_owned()));
        }
    }
}
