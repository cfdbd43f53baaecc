//! A visitor's socket: Centrifugo's protocol of commands and replies over a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri, header};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::connection::{Address, Stream, Unreached};

/// For a reply, and for the WebSocket to open.
const WITHIN: Duration = Duration::from_secs(5);

/// A connection that may have been let in, or not yet.
pub(super) struct Socket {
    stream: WebSocketStream<Box<dyn Stream>>,
    /// The id of the last command.
    last: u32,
    /// What came unasked.
    pushes: Vec<Value>,
}

/// Why there is no WebSocket.
#[derive(Debug)]
pub(super) enum NotOpen {
    /// Nothing gets there.
    Unreached(Unreached),
    /// Somebody answers, with another HTTP status than that of a WebSocket.
    Status(u16),
    /// Somebody answers, not as HTTP does.
    Strange(String),
}

/// Why a command has no reply.
#[derive(Debug)]
pub(super) enum Gone {
    /// The server has closed the connection, with this code.
    Closed(u16, String),
    /// It broke, or is silent.
    Broken(String),
}

/// The reply to a command.
#[derive(Debug)]
pub(super) enum Reply {
    /// What the command was answered with.
    Done(Value),
    /// Its error, by its code.
    Refused(u64),
}

/// Where the address of a socket leads; `None` where it is no address.
pub(super) fn address(url: &str) -> Option<Address> {
    let uri: Uri = url.parse().ok()?;
    let has_tls = uri.scheme_str() == Some("wss");
    let port = uri.port_u16().unwrap_or(if has_tls { 443 } else { 80 });
    Some(Address { host: uri.host()?.to_owned(), port, has_tls })
}

impl Socket {
    /// Opens a WebSocket, as a page of that origin would, or as no page.
    pub(super) async fn open(url: &str, origin: Option<&str>) -> Result<Self, NotOpen> {
        let strange = |error: Error| NotOpen::Strange(error.to_string());
        let no_address = || NotOpen::Strange("it is no address of a WebSocket".to_owned());
        let address = address(url).ok_or_else(no_address)?;
        let mut request = url.into_client_request().map_err(strange)?;
        if let Some(origin) = origin {
            let origin = HeaderValue::from_str(origin).map_err(|_| no_address())?;
            request.headers_mut().insert(header::ORIGIN, origin);
        }
        let stream = address.reach().await.map_err(NotOpen::Unreached)?;
        match timeout(WITHIN, client_async(request, stream)).await {
            Ok(Ok((stream, _))) => Ok(Self { stream, last: 0, pushes: Vec::new() }),
            Ok(Err(Error::Http(answer))) => Err(NotOpen::Status(answer.status().as_u16())),
            Ok(Err(error)) => Err(strange(error)),
            Err(_) => Err(NotOpen::Strange("no answer in time".to_owned())),
        }
    }

    /// Asks to be let in: with a token, or as a guest.
    pub(super) async fn connect(&mut self, token: Option<&str>) -> Result<Reply, Gone> {
        let connect = token.map_or_else(|| json!({}), |token| json!({ "token": token }));
        self.ask("connect", connect).await
    }

    /// Sends a command and waits for its reply.
    pub(super) async fn ask(&mut self, command: &str, parameters: Value) -> Result<Reply, Gone> {
        self.last += 1;
        let id = self.last;
        let broken = |error: Error| Gone::Broken(error.to_string());
        let text = json!({ "id": id, command: parameters }).to_string();
        self.stream.send(Message::text(text)).await.map_err(broken)?;
        let end = Instant::now() + WITHIN;
        loop {
            let messages = match timeout_at(end, self.receive()).await {
                Ok(messages) => messages?,
                Err(_) => return Err(Gone::Broken("no reply in time".to_owned())),
            };
            let (replies, pushes): (Vec<Value>, Vec<Value>) =
                messages.into_iter().partition(|message| message["id"] == id);
            self.pushes.extend(pushes);
            if let Some(mut reply) = replies.into_iter().next() {
                return Ok(match reply["error"]["code"].as_u64() {
                    Some(code) => Reply::Refused(code),
                    None => Reply::Done(reply[command].take()),
                });
            }
        }
    }

    /// The channels in which this visitor was told of somebody's coming, those included of which it is told within so long.
    pub(super) async fn told_of_joins(&mut self, wait: Duration) -> Vec<String> {
        let end = Instant::now() + wait;
        while let Ok(Ok(messages)) = timeout_at(end, self.receive()).await {
            self.pushes.extend(messages);
        }
        let joins = self.pushes.iter().filter(|message| !message["push"]["join"].is_null());
        joins.filter_map(|message| message["push"]["channel"].as_str().map(str::to_owned)).collect()
    }

    /// Says goodbye: whoever just goes away may be present for a while.
    pub(super) async fn close(mut self) {
        let _ = timeout(WITHIN, self.stream.close(None)).await;
    }

    /// The next messages that are no pings, each of which is answered.
    async fn receive(&mut self) -> Result<Vec<Value>, Gone> {
        let broken = |error: Error| Gone::Broken(error.to_string());
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => {
                let messages = text.lines().filter_map(|line| serde_json::from_str(line).ok());
                let (pings, messages): (Vec<Value>, Vec<Value>) =
                    messages.partition(|message| *message == json!({}));
                for _ in pings {
                    self.stream.send(Message::text("{}")).await.map_err(broken)?;
                }
                Ok(messages)
            }
            Some(Ok(Message::Close(Some(frame)))) => {
                Err(Gone::Closed(frame.code.into(), frame.reason.to_string()))
            }
            Some(Ok(_)) => Ok(Vec::new()),
            Some(Err(error)) => Err(broken(error)),
            None => Err(Gone::Broken("the connection was closed".to_owned())),
        }
    }
}

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed(code, reason) => write!(f, "the connection was closed: {code} {reason}"),
            Self::Broken(why) => f.write_str(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_a_port() {
        let of = |host: &str, port, has_tls| Some(Address { host: host.to_owned(), port, has_tls });
        assert_eq!(
            address("wss://rt.example.com/connection/websocket"),
            of("rt.example.com", 443, true)
        );
        assert_eq!(address("ws://127.0.0.1:8000/x"), of("127.0.0.1", 8000, false));
        assert_eq!(address("ws://[::1]:8000"), of("[::1]", 8000, false));
        assert_eq!(address("ws://a b"), None);
    }
}
