//! A visitor of a page: a real client on the unidirectional WebSocket.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::Centrifugo;

/// How long to wait for a frame.
const BOUND: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Who visits what.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    /// The user id of the token. `None`: no token; `Some("")`: a token of a guest.
    pub user: Option<&'a str>,
    /// The token's `info`; only with a token.
    pub info: Value,
    /// The channels to subscribe to, e.g. `site:main` to be counted and `presence:site:main` to
    /// see the views.
    pub channels: &'a [&'a str],
}

/// A connected visitor. Leaves when dropped.
#[derive(Debug)]
pub struct Visitor {
    connect: Connect,
    frames: mpsc::UnboundedReceiver<Frame>,
    /// Publications that came while another channel's was awaited.
    waiting: VecDeque<(String, Publication)>,
    leave: Option<oneshot::Sender<()>>,
    reader: JoinHandle<()>,
}

/// One publication as it reached the visitor.
#[derive(Clone, Debug, Deserialize)]
pub struct Publication {
    /// The bytes that were published.
    pub data: Box<RawValue>,
    /// Its version, where it has one.
    pub version: Option<u64>,
    /// Its place in the history.
    pub offset: Option<u64>,
}

impl Publication {
    /// The data, parsed.
    pub fn json(&self) -> Value {
        serde_json::from_str(self.data.get()).unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
struct Connect {
    client: String,
    #[serde(default)]
    subs: Map<String, Value>,
    #[serde(skip)]
    raw: String,
}

/// What the server sends, as far as it is of interest.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Frame {
    connect: Option<Connect>,
    channel: Option<String>,
    #[serde(rename = "pub")]
    publication: Option<Publication>,
    disconnect: Option<Disconnect>,
}

#[derive(Debug, Deserialize)]
struct Disconnect {
    code: u16,
    reason: String,
}

impl Visitor {
    /// Connects, and returns once the visitor is counted: after the first frame.
    ///
    /// # Errors
    /// The server does not answer in time, or closes the connection; the line has code and reason.
    pub async fn connect(centrifugo: &Centrifugo, visit: Visit<'_>) -> Result<Self> {
        let token = match visit.user {
            Some(user) => Some(centrifugo.token(user, &visit.info)?),
            None => None,
        };
        Self::connect_to(&centrifugo.client_url(), token.as_deref(), visit.channels).await
    }

    /// As [`Visitor::connect`], with any token at any address.
    ///
    /// # Errors
    /// As [`Visitor::connect`].
    pub async fn connect_to(url: &str, token: Option<&str>, channels: &[&str]) -> Result<Self> {
        match timeout(BOUND, Self::open(url, token, channels)).await {
            Ok(outcome) => outcome,
            Err(_) => bail!("no first frame from {url} within {} s", BOUND.as_secs()),
        }
    }

    async fn open(url: &str, token: Option<&str>, channels: &[&str]) -> Result<Self> {
        let (mut socket, _) = connect_async_with_config(url, Some(small()), false)
            .await
            .with_context(|| format!("cannot connect to {url}"))?;
        let subs: Map<String, Value> =
            channels.iter().map(|channel| ((*channel).to_owned(), json!({}))).collect();
        let hello = json!({ "token": token.unwrap_or_default(), "subs": subs });
        socket.send(Message::text(hello.to_string())).await?;
        let connect = loop {
            let message = socket.next().await.context("closed without a first frame")??;
            let Message::Text(text) = message else { continue };
            let frame: Frame = serde_json::from_str(&text)?;
            if let Some(Disconnect { code, reason }) = frame.disconnect {
                bail!("Centrifugo refuses the visitor: {code} {reason}");
            }
            if let Some(connect) = frame.connect {
                break Connect { raw: text.to_string(), ..connect };
            }
        };
        let (send, frames) = mpsc::unbounded_channel();
        let (leave, left) = oneshot::channel();
        let reader = tokio::spawn(read(socket, send, left));
        Ok(Self { connect, frames, waiting: VecDeque::new(), leave: Some(leave), reader })
    }

    /// The client id, as presence shows it.
    pub fn client(&self) -> &str {
        &self.connect.client
    }

    /// Whether the server granted the channel: it leaves out what the visitor may not have.
    pub fn is_subscribed(&self, channel: &str) -> bool {
        self.connect.subs.contains_key(channel)
    }

    /// The publication that the first frame brought for a channel.
    pub fn cached(&self, channel: &str) -> Option<Publication> {
        #[derive(Deserialize)]
        struct First {
            connect: Subs,
        }
        #[derive(Deserialize)]
        struct Subs {
            #[serde(default)]
            subs: std::collections::HashMap<String, Sub>,
        }
        #[derive(Deserialize)]
        struct Sub {
            #[serde(default)]
            publications: Vec<Publication>,
        }
        // From the text, since the bytes of the data count.
        let mut first: First = serde_json::from_str(&self.connect.raw).ok()?;
        first.connect.subs.remove(channel)?.publications.pop()
    }

    /// The next publication of a channel; those of other channels stay for later.
    ///
    /// # Errors
    /// None comes within twenty seconds, or the server ends the connection.
    pub async fn next_publication(&mut self, channel: &str) -> Result<Publication> {
        if let Some(place) = self.waiting.iter().position(|(name, _)| name == channel)
            && let Some((_, publication)) = self.waiting.remove(place)
        {
            return Ok(publication);
        }
        match timeout(BOUND, self.receive(channel)).await {
            Ok(outcome) => outcome,
            Err(_) => bail!("no publication in {channel} within {} s", BOUND.as_secs()),
        }
    }

    async fn receive(&mut self, channel: &str) -> Result<Publication> {
        loop {
            let frame = self.frames.recv().await.context("the connection is closed")?;
            if let Some(Disconnect { code, reason }) = frame.disconnect {
                bail!("Centrifugo ends the connection: {code} {reason}");
            }
            let (Some(name), Some(publication)) = (frame.channel, frame.publication) else {
                continue;
            };
            if name == channel {
                return Ok(publication);
            }
            self.waiting.push_back((name, publication));
        }
    }

    /// The publications of all channels that have come and were not asked for yet, in their order, without waiting for any.
    pub fn received(&mut self) -> Vec<(String, Publication)> {
        let mut received: Vec<(String, Publication)> = self.waiting.drain(..).collect();
        while let Ok(frame) = self.frames.try_recv() {
            if let (Some(channel), Some(publication)) = (frame.channel, frame.publication) {
                received.push((channel, publication));
            }
        }
        received
    }

    /// Closes the connection as a closed tab does, and waits until that is done.
    pub async fn leave(mut self) {
        self.leave.take();
        let _ = timeout(BOUND, &mut self.reader).await;
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Buffers for short frames, since there may be ten thousand visitors; longer frames come in more pieces.
fn small() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(4096)
}

/// Reads until either side leaves. Answers to pings go out while it reads.
async fn read(
    mut socket: Socket,
    frames: mpsc::UnboundedSender<Frame>,
    mut left: oneshot::Receiver<()>,
) {
    loop {
        let message = tokio::select! {
            message = socket.next() => message,
            _ = &mut left => {
                let _ = socket.close(None).await;
                // Until the server has closed, too.
                while let Some(Ok(_)) = socket.next().await {}
                return;
            }
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                if let Ok(frame) = serde_json::from_str(&text) {
                    let _ = frames.send(frame);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return,
        }
    }
}
