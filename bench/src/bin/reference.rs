//! The reference: the job of a roll call as one would plainly write it in Rust, without TLS, events or an atomic commit.

use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};
use bench::side::{ASKED_MAX, Done, KEPT_SECONDS, Side, serve};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const LISTED_MAX: usize = 50;
const RECENT_MAX: usize = 20;
const RECENT: u64 = 900_000;
const DAY: u64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
struct Answer {
    replies: Vec<Reply>,
}

#[derive(Deserialize)]
struct Reply {
    presence: Presence,
}

#[derive(Deserialize)]
struct Presence {
    presence: HashMap<String, Client>,
}

#[derive(Deserialize)]
struct Client {
    user: String,
    #[serde(default)]
    conn_info: Info,
}

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Info {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Value>,
}

/// A user with all connections.
#[derive(Default)]
struct Here {
    clients: usize,
    info: Info,
}

/// What is remembered of a channel.
#[derive(Default, Deserialize, Serialize)]
struct Ledger {
    taken_at: u64,
    peak: Option<Peaks>,
    users: HashMap<String, Known>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Known {
    since: u64,
    last_seen: u64,
    info: Info,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
struct Peaks {
    today: Peak,
    ever: Peak,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
struct Peak {
    present: usize,
    at: u64,
}

#[derive(Serialize)]
struct Counts<'a> {
    v: u8,
    channel: &'a str,
    taken_at: u64,
    period: u32,
    present: usize,
    users: usize,
    guests: usize,
    clients: usize,
    peak: Peaks,
}

#[derive(Serialize)]
struct Members<'a> {
    #[serde(flatten)]
    counts: &'a Counts<'a>,
    members: Vec<Member<'a>>,
    truncated: bool,
    recent: Vec<Recent<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    id: &'a str,
    info: &'a Info,
    clients: usize,
    since: u64,
}

#[derive(Serialize)]
struct Recent<'a> {
    id: &'a str,
    info: &'a Info,
    last_seen: u64,
}

/// A channel's roll call.
struct Taken {
    counts: String,
    members: String,
    ledger: String,
    joined: usize,
    left: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut side = Side::from_environment().await?;
    serve(async |taken_at| take(&mut side, taken_at).await).await
}

async fn take(side: &mut Side, taken_at: u64) -> Result<Done> {
    let mut done = Done::default();
    let mut redis = side.redis.clone();
    for channels in side.channels.chunks(ASKED_MAX) {
        let answer = side.ask(channels).await?.bytes().await?;
        let answer: Answer = serde_json::from_slice(&answer).context("no answer of Centrifugo")?;
        ensure!(answer.replies.len() == channels.len(), "the number of replies is another one");

        let mut read = redis::pipe();
        for channel in channels {
            read.get(side.key(channel, "ledger"));
        }
        let ledgers: Vec<Option<Vec<u8>>> = read.query_async(&mut redis).await?;

        let mut taken = Vec::new();
        for ((channel, reply), ledger) in channels.iter().zip(answer.replies).zip(ledgers) {
            let ledger = ledger.map(|ledger| serde_json::from_slice(&ledger)).transpose()?;
            let ledger = ledger.unwrap_or_default();
            taken.push(roll_call(channel, reply.presence.presence, ledger, taken_at)?);
        }

        let mut write = redis::pipe();
        for (channel, taken) in channels.iter().zip(&taken) {
            let view = side.key(channel, "view");
            write.set(side.key(channel, "ledger"), &taken.ledger).ignore();
            let (counts, members) = (&taken.counts, &taken.members);
            let time = taken_at.to_string();
            let fields = [("taken_at", &time), ("counts", counts), ("members", members)];
            write.hset_multiple(&view, &fields).ignore();
            write.expire(&view, KEPT_SECONDS).ignore();
        }
        write.exec_async(&mut redis).await?;
        done.committed += channels.len();

        let views: Vec<_> = channels
            .iter()
            .zip(&taken)
            .map(|(channel, taken)| (channel.as_str(), taken.members.as_str()))
            .collect();
        done.published += side.publish(&views, taken_at).await?;
        done.joined += taken.iter().map(|taken| taken.joined).sum::<usize>();
        done.left += taken.iter().map(|taken| taken.left).sum::<usize>();
    }
    Ok(done)
}

fn roll_call(
    channel: &str,
    clients: HashMap<String, Client>,
    mut ledger: Ledger,
    taken_at: u64,
) -> Result<Taken> {
    let n_clients = clients.len();
    let mut guests = 0;
    let mut here: HashMap<String, Here> = HashMap::new();
    for client in clients.into_values() {
        if client.user.is_empty() {
            guests += 1;
            continue;
        }
        let here = here.entry(client.user).or_default();
        here.clients += 1;
        if here.clients == 1 {
            here.info = shown(client.conn_info);
        }
    }
    let n_users = here.len();

    let mut joined = 0;
    for (id, here) in &here {
        let known = ledger.users.get(id).filter(|known| known.last_seen == ledger.taken_at);
        if known.is_none() {
            joined += 1;
        }
        let since = known.map_or(taken_at, |known| known.since);
        let info = here.info.clone();
        ledger.users.insert(id.clone(), Known { since, last_seen: taken_at, info });
    }
    let missed = |known: &&Known| known.last_seen != taken_at;
    let left = ledger.users.values().filter(missed);
    let left = left.filter(|known| known.last_seen == ledger.taken_at).count();
    ledger.users.retain(|_, known| known.last_seen + RECENT > taken_at);
    ledger.taken_at = taken_at;

    let present = n_users + guests;
    let now = Peak { present, at: taken_at };
    let peak = ledger.peak.map_or(Peaks { today: now, ever: now }, |before| before.with(now));
    ledger.peak = Some(peak);

    let mut members: Vec<Member<'_>> = here
        .iter()
        .map(|(id, here)| Member {
            id,
            info: &here.info,
            clients: here.clients,
            since: ledger.users[id].since,
        })
        .collect();
    members.sort_by_key(|member| (member.since, member.id));
    members.truncate(LISTED_MAX);
    let mut recent: Vec<Recent<'_>> = ledger
        .users
        .iter()
        .filter(|(_, known)| missed(known))
        .map(|(id, known)| Recent { id, info: &known.info, last_seen: known.last_seen })
        .collect();
    recent.sort_by_key(|recent| (std::cmp::Reverse(recent.last_seen), recent.id));
    recent.truncate(RECENT_MAX);

    let counts = Counts {
        v: 1,
        channel,
        taken_at,
        period: 60,
        present,
        users: n_users,
        guests,
        clients: n_clients,
        peak,
    };
    let truncated = members.len() < n_users;
    let members = Members { counts: &counts, members, truncated, recent };
    Ok(Taken {
        members: serde_json::to_string(&members)?,
        counts: serde_json::to_string(&counts)?,
        ledger: serde_json::to_string(&ledger)?,
        joined,
        left,
    })
}

impl Peaks {
    fn with(self, now: Peak) -> Self {
        let higher = |peak: Peak| if now.present > peak.present { now } else { peak };
        let today = if self.today.at / DAY == now.at / DAY { higher(self.today) } else { now };
        Self { today, ever: higher(self.ever) }
    }
}

/// Plain values alone, and URLs of the web alone.
fn shown(info: Info) -> Info {
    let plain = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let is_web = |value: &Value| {
        let url = value.as_str().unwrap_or_default();
        url.starts_with("https://") || url.starts_with("http://")
    };
    Info {
        name: info.name.filter(plain),
        avatar: info.avatar.filter(is_web),
        url: info.url.filter(is_web),
    }
}
