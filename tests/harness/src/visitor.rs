//! A visitor of a page: a real client on the bidirectional WebSocket, as lines of JSON.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
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
    client: String,
    /// What was granted, with what was kept there.
    subscriptions: HashMap<String, Subscription>,
    events: mpsc::UnboundedReceiver<Event>,
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
    /// What the token subscribes to by itself.
    #[serde(default)]
    subs: HashMap<String, Subscription>,
}

#[derive(Debug, Deserialize)]
struct Subscription {
    #[serde(default)]
    publications: Vec<Publication>,
}

/// What the server sends, as far as it is of interest: an answer, a push, or (empty) a ping.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Frame {
    id: usize,
    connect: Option<Connect>,
    subscribe: Option<Subscription>,
    error: Option<Failure>,
    push: Option<Push>,
}

#[derive(Debug, Deserialize)]
struct Failure {
    code: u16,
    message: String,
}

#[derive(Debug, Deserialize)]
struct Push {
    channel: String,
    #[serde(rename = "pub")]
    publication: Option<Publication>,
}

/// What reaches the visitor once it is counted.
#[derive(Debug)]
enum Event {
    Published(String, Publication),
    /// Code and reason, as the server closes.
    Closed(String),
}

impl Visitor {
    /// Connects, and returns once the visitor is counted: when all is answered.
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
            Err(_) => bail!("no answer from {url} within {} s", BOUND.as_secs()),
        }
    }

    async fn open(url: &str, token: Option<&str>, channels: &[&str]) -> Result<Self> {
        let (mut socket, _) = connect_async_with_config(url, Some(small()), false)
            .await
            .with_context(|| format!("cannot connect to {url}"))?;
        let connect = json!({ "id": 1, "connect": { "token": token.unwrap_or_default() } });
        let subscribes = channels.iter().enumerate().map(
            |(index, channel)| json!({ "id": index + 2, "subscribe": { "channel": channel } }),
        );
        let hello: Vec<String> =
            std::iter::once(connect).chain(subscribes).map(|command| command.to_string()).collect();
        socket.send(Message::text(hello.join("\n"))).await?;

        let mut client = None;
        let mut subscriptions = HashMap::new();
        let mut n_answers = 0;
        while n_answers < hello.len() {
            let text = match socket.next().await.context("closed without an answer")?? {
                Message::Text(text) => text,
                Message::Close(close) => bail!("Centrifugo refuses the visitor: {}", why(close)),
                _ => continue,
            };
            for frame in frames(&text) {
                n_answers += usize::from(frame.id > 0);
                if let Some(connect) = frame.connect {
                    client = Some(connect.client);
                    subscriptions.extend(connect.subs);
                }
                match (frame.error, frame.subscribe) {
                    (Some(Failure { code, message }), _) if frame.id == 1 => {
                        bail!("Centrifugo refuses the visitor: {code} {message}")
                    }
                    (None, Some(subscription)) => {
                        subscriptions.insert(channels[frame.id - 2].to_owned(), subscription);
                    }
                    // Refused, or there already by the token.
                    _ => {}
                }
            }
        }
        let (send, events) = mpsc::unbounded_channel();
        let (leave, left) = oneshot::channel();
        let reader = tokio::spawn(read(socket, send, left));
        Ok(Self {
            client: client.context("no answer to connect")?,
            subscriptions,
            events,
            waiting: VecDeque::new(),
            leave: Some(leave),
            reader,
        })
    }

    /// The client id, as presence shows it.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Whether the server granted the channel.
    pub fn is_subscribed(&self, channel: &str) -> bool {
        self.subscriptions.contains_key(channel)
    }

    /// The publication that came with the subscription.
    pub fn cached(&self, channel: &str) -> Option<Publication> {
        self.subscriptions.get(channel)?.publications.last().cloned()
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
            match self.events.recv().await.context("the connection is closed")? {
                Event::Published(name, publication) if name == channel => return Ok(publication),
                Event::Published(name, publication) => self.waiting.push_back((name, publication)),
                Event::Closed(why) => bail!("Centrifugo ends the connection: {why}"),
            }
        }
    }

    /// The publications of all channels that have come and were not asked for yet, in their order, without waiting for any.
    pub fn received(&mut self) -> Vec<(String, Publication)> {
        let mut received: Vec<(String, Publication)> = self.waiting.drain(..).collect();
        while let Ok(event) = self.events.try_recv() {
            if let Event::Published(channel, publication) = event {
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

/// The frames of a message; a publication's bytes stay as they are.
fn frames(text: &str) -> impl Iterator<Item = Frame> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

/// As the close codes are documented: `3500 invalid token`.
fn why(close: Option<CloseFrame>) -> String {
    close.map_or_else(
        || "no code".to_owned(),
        |CloseFrame { code, reason }| format!("{code} {reason}"),
    )
}

/// Reads until either side leaves, and answers pings: Centrifugo's own, and by tungstenite those of the WebSocket.
async fn read(
    mut socket: Socket,
    events: mpsc::UnboundedSender<Event>,
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
                for frame in frames(&text) {
                    match frame.push {
                        Some(Push { channel, publication: Some(publication) }) => {
                            let _ = events.send(Event::Published(channel, publication));
                        }
                        Some(_) => {}
                        None => {
                            if socket.send(Message::text("{}")).await.is_err() {
                                return;
                            }
                        }
                    }
                }
            }
            Some(Ok(Message::Close(close))) => {
                let _ = events.send(Event::Closed(why(close)));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return,
        }
    }
}
