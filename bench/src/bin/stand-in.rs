//! Plays Centrifugo for the collector cases: its answers are made before anything is measured, so that what a side costs
//! is the side's own.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bench::crowd::{self, Size, Truth};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What a batch begins and ends with.
const HEAD: &str = r#"{"replies":["#;
const TAIL: &str = "]}";

/// As Centrifugo says it of a channel that nobody has configured.
const UNKNOWN: &str = r#"{"error":{"code":102,"message":"unknown channel"}}"#;

/// Most bytes of a request: a hundred views of half a megabyte.
const REQUEST_MAX: usize = 64 * 1024 * 1024;

struct StandIn {
    api_key: String,
    phases: [Phase; 2],
    state: Mutex<Now>,
}

struct Phase {
    /// For each channel a whole answer to a batch that asks for it alone.
    answers: HashMap<String, Bytes>,
    /// The answer to `/api/channels`.
    list: Bytes,
    truth: Vec<Truth>,
}

/// What changes.
#[derive(Default)]
struct Now {
    phase: usize,
    published: HashMap<String, Published>,
    offset: u64,
}

#[derive(Default)]
struct Published {
    times: usize,
    version: Option<u64>,
    has_key: bool,
    data: Bytes,
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    commands: Vec<Command<'a>>,
}

#[derive(Deserialize)]
struct Command<'a> {
    presence: Option<Presence>,
    #[serde(borrow)]
    publish: Option<Publish<'a>>,
}

#[derive(Deserialize)]
struct Presence {
    channel: String,
}

#[derive(Deserialize)]
struct Publish<'a> {
    channel: String,
    #[serde(borrow)]
    data: &'a RawValue,
    version: Option<u64>,
    idempotency_key: Option<String>,
}

#[derive(Deserialize)]
struct Pattern {
    #[serde(default)]
    pattern: String,
}

#[derive(Deserialize)]
struct Switch {
    phase: usize,
}

type Shared = Arc<StandIn>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let number = |name: &str| -> Result<usize> {
        let text = std::env::var(name).with_context(|| format!("{name} is not set"))?;
        text.parse().with_context(|| format!("{name} is no number"))
    };
    let size = Size { channels: number("CHANNELS")?, clients: number("CLIENTS")? };
    let api_key = std::env::var("CENTRIFUGO_API_KEY").context("CENTRIFUGO_API_KEY is not set")?;
    let phases = [Phase::new(size, 0), Phase::new(size, 1)];
    let stand_in = Arc::new(StandIn { api_key, phases, state: Mutex::default() });
    let api = Router::new()
        .route("/batch", post(batch))
        .route("/presence", post(presence))
        .route("/publish", post(publish))
        .route("/channels", post(channels))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&stand_in), authorize));
    let router = Router::new()
        .nest("/api", api)
        .route("/phase", post(switch))
        .route("/published", get(published))
        .route("/truth", get(truth))
        .route("/sample-view", get(sample_view))
        .layer(DefaultBodyLimit::max(REQUEST_MAX))
        .with_state(stand_in);
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let mut output = std::io::stdout();
    writeln!(output, "{}", listener.local_addr()?.port())?;
    output.flush()?;
    Ok(axum::serve(listener, router).await?)
}

impl Phase {
    fn new(size: Size, phase: u8) -> Self {
        let mut answers = HashMap::new();
        let mut truth = Vec::new();
        let mut list = r#"{"result":{"channels":{"#.to_owned();
        for room in crowd::rooms(size, phase) {
            let comma = if truth.is_empty() { "" } else { "," };
            let clients = room.truth.clients;
            let _ = write!(list, r#"{comma}"{}":{{"num_clients":{clients}}}"#, room.channel);
            answers.insert(room.channel, [HEAD, &room.reply, TAIL].concat().into());
            truth.push(room.truth);
        }
        Self { answers, list: (list + "}}}").into(), truth }
    }

    /// The reply about one channel, without what stands around it in a batch.
    fn reply(&self, channel: &str) -> Option<&[u8]> {
        let answer = self.answers.get(channel)?;
        answer.strip_prefix(HEAD.as_bytes())?.strip_suffix(TAIL.as_bytes())
    }
}

impl StandIn {
    fn now(&self) -> std::sync::MutexGuard<'_, Now> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn phase(&self) -> &Phase {
        &self.phases[self.now().phase]
    }

    /// Notes a publication; nothing is copied but its name.
    fn publish(&self, body: &Bytes, publish: Publish<'_>) -> String {
        let mut now = self.now();
        now.offset += 1;
        let reply = format!(r#"{{"publish":{{"offset":{},"epoch":"CVRs"}}}}"#, now.offset);
        let published = now.published.entry(publish.channel).or_default();
        published.times += 1;
        published.version = publish.version;
        published.has_key = publish.idempotency_key.is_some();
        published.data = body.slice_ref(publish.data.get().as_bytes());
        reply
    }
}

async fn authorize(State(stand_in): State<Shared>, request: Request, next: Next) -> Response {
    let key = request.headers().get("x-api-key");
    if key.is_none_or(|key| key.as_bytes() != stand_in.api_key.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}

async fn batch(State(stand_in): State<Shared>, body: Bytes) -> Response {
    let Ok(Batch { commands }) = serde_json::from_slice(&body) else { return malformed() };
    let phase = stand_in.phase();
    if let [Command { presence: Some(Presence { channel }), .. }] = commands.as_slice()
        && let Some(answer) = phase.answers.get(channel)
    {
        return whole(answer.clone());
    }
    let mut answer = HEAD.as_bytes().to_vec();
    for command in commands {
        if answer.len() > HEAD.len() {
            answer.push(b',');
        }
        match command {
            Command { presence: Some(Presence { channel }), .. } => {
                answer.extend_from_slice(phase.reply(&channel).unwrap_or(UNKNOWN.as_bytes()));
            }
            Command { publish: Some(publish), .. } => {
                answer.extend_from_slice(stand_in.publish(&body, publish).as_bytes());
            }
            Command { .. } => return malformed(),
        }
    }
    answer.extend_from_slice(TAIL.as_bytes());
    whole(answer.into())
}

async fn presence(State(stand_in): State<Shared>, body: Bytes) -> Response {
    let Ok(Presence { channel }) = serde_json::from_slice(&body) else { return malformed() };
    // Outside a batch the reply's key is another one.
    let reply = stand_in.phase().reply(&channel);
    match reply.and_then(|reply| reply.strip_prefix(br#"{"presence":"#)) {
        Some(rest) => whole([br#"{"result":"#, rest].concat().into()),
        None => whole(Bytes::from_static(UNKNOWN.as_bytes())),
    }
}

async fn publish(State(stand_in): State<Shared>, body: Bytes) -> Response {
    let Ok(publish) = serde_json::from_slice(&body) else { return malformed() };
    let reply = stand_in.publish(&body, publish);
    whole(reply.replacen(r#""publish""#, r#""result""#, 1).into())
}

async fn channels(State(stand_in): State<Shared>, body: Bytes) -> Response {
    let Ok(Pattern { pattern }) = serde_json::from_slice(&body) else { return malformed() };
    let phase = stand_in.phase();
    let start = pattern.trim_end_matches('*');
    if !phase.answers.keys().all(|channel| channel.starts_with(start)) {
        return (StatusCode::NOT_IMPLEMENTED, "a pattern of some channels").into_response();
    }
    whole(phase.list.clone())
}

/// A body as Centrifugo sends it: in one piece, and chunked all the same.
fn whole(body: Bytes) -> Response {
    let stream = futures_util::stream::iter([Ok::<_, Infallible>(body)]);
    ([(CONTENT_TYPE, "application/json")], Body::from_stream(stream)).into_response()
}

fn malformed() -> Response {
    (StatusCode::BAD_REQUEST, "Bad Request").into_response()
}

async fn switch(
    State(stand_in): State<Shared>,
    Json(Switch { phase }): Json<Switch>,
) -> StatusCode {
    if phase >= stand_in.phases.len() {
        return StatusCode::BAD_REQUEST;
    }
    stand_in.now().phase = phase;
    StatusCode::OK
}

/// What was published since the last call: for each channel `times`, `version`, `has_key` and `data`, byte for byte.
async fn published(State(stand_in): State<Shared>) -> Response {
    let published = std::mem::take(&mut stand_in.now().published);
    let mut answer = b"{".to_vec();
    for (channel, Published { times, version, has_key, data }) in published {
        if answer.len() > 1 {
            answer.push(b',');
        }
        let channel = json!(channel);
        let (version, times) = (json!(version), json!(times));
        let head = format!(
            r#"{channel}:{{"times":{times},"version":{version},"has_key":{has_key},"data":"#
        );
        answer.extend_from_slice(head.as_bytes());
        answer.extend_from_slice(&data);
        answer.push(b'}');
    }
    answer.push(b'}');
    ([(CONTENT_TYPE, "application/json")], answer).into_response()
}

async fn truth(State(stand_in): State<Shared>) -> Json<Value> {
    Json(json!(stand_in.phase().truth))
}

/// Both views of the first channel, as a roll call would write them, byte for byte.
async fn sample_view(State(stand_in): State<Shared>) -> Json<Value> {
    Json(stand_in.phase().truth.first().map(sample).unwrap_or_default())
}

fn sample(truth: &Truth) -> Value {
    let now = 1_790_000_000_000_u64;
    let Truth { channel, present, users, guests, clients, .. } = truth;
    let counts = format!(
        r#"{{"v":1,"channel":"{channel}","taken_at":{now},"period":60,"present":{present},"users":{users},"guests":{guests},"clients":{clients},"peak":{{"today":{{"present":{present},"at":{now}}},"ever":{{"present":{present},"at":{now}}}}}}}"#
    );
    let mut members = truth.members.clone();
    for member in &mut members {
        member["since"] = json!(now);
    }
    let info = truth.members.first().map(|member| &member["info"]);
    let recent = truth.recent.iter().take(20);
    let recent: Value =
        recent.map(|id| json!({"id": id, "info": info, "last_seen": now})).collect();
    let truncated = members.len() < *users;
    let open = counts.len() - 1;
    let members = format!(
        r#"{},"members":{},"truncated":{truncated},"recent":{recent}}}"#,
        &counts[..open],
        json!(members)
    );
    json!({"counts": counts, "members": members})
}
