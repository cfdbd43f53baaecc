//! What a roll call of a channel must come to, written from the contract and from nothing else: a slow and obvious way,
//! beside which the product's own can be wrong.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::census::Census;
use crate::channels::{VAULT, published, published_privately};
use crate::marks::is_guest;

pub(crate) const PERIOD: u64 = 60;
const RECENT_MAX: usize = 20;
const DAY: u64 = 24 * 60 * 60 * 1000;

/// The settings that decide what is shown and announced.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Roll calls in a row that may be missed.
    pub(crate) grace: u64,
    /// Milliseconds.
    pub(crate) recent: u64,
    pub(crate) listed_max: usize,
    pub(crate) client_url: String,
    /// `VISIBILITY=members`.
    pub(crate) members_are_public: bool,
}

/// What is remembered of a channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ledger {
    pub(crate) occupied: bool,
    empty: u64,
    today: Peak,
    ever: Peak,
    users: BTreeMap<String, User>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Peak {
    present: u64,
    at: u64,
}

#[derive(Clone, Debug, PartialEq)]
struct User {
    info: Map<String, Value>,
    since: u64,
    last_seen: u64,
    /// Roll calls in a row that were missed; `None`: has left.
    missed: Option<u64>,
}

/// What a roll call comes to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) counts: Value,
    pub(crate) members: Value,
    /// What changed, by the end of its id; whether it is announced is another question.
    pub(crate) events: Vec<(&'static str, Value)>,
    pub(crate) ledger: Ledger,
}

impl Ledger {
    /// Whether nothing of the channel is still to be ended.
    pub(crate) fn is_settled(&self) -> bool {
        !self.occupied && self.users.values().all(|user| user.missed.is_none())
    }
}

/// The roll call of a channel at `taken_at`, after `before`.
pub(crate) fn roll_call(
    channel: &str,
    taken_at: u64,
    census: &Census,
    before: Option<&Ledger>,
    rules: &Rules,
) -> Outcome {
    let present = census.present();
    let no_users = BTreeMap::new();
    let known = before.map_or(&no_users, |before| &before.users);
    let mut users = BTreeMap::new();
    let (mut members, mut joined, mut left, mut recent) = (vec![], vec![], vec![], vec![]);
    for (id, named) in &census.named {
        let stayed = known.get(id).filter(|user| user.missed.is_some());
        let since = stayed.map_or(taken_at, |user| user.since.min(taken_at));
        let member =
            json!({"id": id, "info": named.info, "clients": named.clients, "since": since});
        if stayed.is_none() {
            joined.push(member.clone());
        }
        members.push((since, id, member));
        let user = User { info: named.info.clone(), since, last_seen: taken_at, missed: Some(0) };
        users.insert(id.clone(), user);
    }
    for (id, user) in known.iter().filter(|(id, _)| !census.named.contains_key(*id)) {
        // Times from the future, of a clock that was wrong, are of now.
        let mut user = user.clone();
        user.since = user.since.min(taken_at);
        user.last_seen = user.last_seen.min(taken_at);
        let may_not_be_named = census.unnamed.contains(id) || is_guest(id);
        let has_left = may_not_be_named || user.missed.is_some_and(|missed| missed >= rules.grace);
        if has_left && user.missed.is_some() {
            let User { info, since, last_seen, .. } = &user;
            left.push(json!({"id": id, "info": info, "since": since, "last_seen": last_seen}));
        }
        if may_not_be_named {
            continue;
        }
        user.missed = user.missed.filter(|_| !has_left).map(|missed| missed + 1);
        let is_recent = rules.recent > 0 && user.last_seen + rules.recent >= taken_at;
        if is_recent {
            let shown = json!({"id": id, "info": user.info, "last_seen": user.last_seen});
            recent.push((Reverse(user.last_seen), id, shown));
        }
        if is_recent || user.missed.is_some() {
            users.insert(id.clone(), user);
        }
    }
    members.sort_by_key(|(since, id, _)| (*since, *id));
    recent.sort_by_key(|(last_seen, id, _)| (*last_seen, *id));

    let was_occupied = before.is_some_and(|before| before.occupied);
    let (occupied, empty) = match before {
        _ if present > 0 => (true, 0),
        Some(before) if was_occupied && before.empty < rules.grace => (true, before.empty + 1),
        _ => (false, 0),
    };
    let now = Peak { present, at: taken_at };
    let today = before
        .map(|before| before.today.after(now))
        .filter(|today| today.at / DAY == taken_at / DAY);
    let ever = before.map(|before| before.ever.after(now));
    let (today, ever) = (today.unwrap_or(now), ever.unwrap_or(now));

    let mut events = Vec::new();
    if !(joined.is_empty() && left.is_empty()) {
        events.push(("changed", json!({"joined": joined, "left": left})));
    }
    if occupied && !was_occupied {
        events.push(("occupied", json!({})));
    }
    if was_occupied && !occupied {
        events.push(("vacated", json!({})));
    }
    let record = before.map(|before| before.ever).filter(|record| record.present > 0);
    if let Some(Peak { present: most, at }) = record.filter(|record| present > record.present) {
        // A record from the future, of a clock that was wrong, is of now.
        let previous = json!({"present": most, "at": at.min(taken_at)});
        events.push(("peak", json!({ "previous": previous })));
    }
    let totals = json!({
        "v": 1, "channel": channel, "taken_at": taken_at,
        "present": present, "users": census.named.len(), "guests": census.guests,
    });
    let events = events.into_iter().map(|(end, extra)| {
        let id = json!({ "id": format!("{channel}@{taken_at}#{end}") });
        (end, merged([&totals, &extra, &id]))
    });
    let counts = merged([
        &totals,
        &json!({"period": PERIOD, "clients": census.clients, "live": live(channel, rules)}),
        &json!({"peak": {"today": today.json(), "ever": ever.json()}}),
    ]);
    let n_members = members.len();
    let listed: Vec<Value> =
        members.into_iter().take(rules.listed_max).map(|(_, _, member)| member).collect();
    let lists = json!({
        "truncated": listed.len() < n_members,
        "members": listed,
        "recent": recent.into_iter().take(RECENT_MAX).map(|(_, _, shown)| shown).collect::<Vec<_>>(),
    });
    Outcome {
        members: merged([&counts, &lists]),
        counts,
        events: events.collect(),
        ledger: Ledger { occupied, empty, today, ever, users },
    }
}

impl Peak {
    /// The record after a roll call; one from the future, of a clock that was wrong, is of now.
    fn after(self, now: Self) -> Self {
        let record = Self { at: self.at.min(now.at), ..self };
        if now.present > record.present { now } else { record }
    }

    fn json(self) -> Value {
        json!({"present": self.present, "at": self.at})
    }
}

fn live(channel: &str, rules: &Rules) -> Value {
    let mut live = json!({"url": rules.client_url, "channel": published(channel)});
    if channel == VAULT {
        live["members_channel"] = published_privately(channel).into();
    }
    live
}

fn merged<'v>(objects: impl IntoIterator<Item = &'v Value>) -> Value {
    let fields = objects.into_iter().filter_map(Value::as_object).flatten();
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}
