//! Whether a side did its work: what it published and keeps is held against what is true of the crowd.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What is true of a channel in a phase.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Truth {
    pub(crate) channel: String,
    present: u64,
    users: u64,
    guests: u64,
    clients: u64,
    changed: u64,
    members: Vec<Value>,
    recent: BTreeSet<String>,
    pub(crate) bytes: u64,
}

/// What was published to a channel.
#[derive(Debug, Deserialize)]
pub(crate) struct Published {
    times: u64,
    version: Option<u64>,
    /// Whether it came with an idempotency key; `None` where nobody can see that.
    has_key: Option<bool>,
    pub(crate) data: Box<RawValue>,
}

impl Published {
    /// What a subscriber heard of one channel: the version and the data of each publication.
    pub(crate) fn heard(
        all: impl IntoIterator<Item = (Option<u64>, Box<RawValue>)>,
    ) -> Option<Self> {
        let mut times = 0;
        let last = all.into_iter().inspect(|_| times += 1).last()?;
        let (version, data) = last;
        Some(Self { times, version, has_key: None, data })
    }
}

/// What a side says that it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Done {
    /// Not said by programs that were told it.
    #[serde(default)]
    pub(crate) taken_at: u64,
    pub(crate) committed: u64,
    pub(crate) joined: u64,
    pub(crate) left: u64,
    pub(crate) published: u64,
}

/// What a side keeps of a channel: `taken_at`, `counts` and `members`.
pub(crate) type Kept = (Option<String>, Option<String>, Option<String>);

/// What a view says.
#[derive(Deserialize)]
struct View {
    v: u64,
    channel: String,
    taken_at: u64,
    period: u64,
    present: u64,
    users: u64,
    guests: u64,
    clients: u64,
    peak: HashMap<String, Peak>,
    members: Option<Vec<Value>>,
    truncated: Option<bool>,
    recent: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Peak {
    present: u64,
}

/// Most members, and most of those who were here lately, in a view.
const LISTED_MAX: u64 = 50;
const RECENT_MAX: usize = 20;

/// Whether all is right. In the first roll call of all nothing has changed yet, so lists and changes say nothing.
///
/// # Errors
/// What is wrong.
pub(crate) fn work(
    truth: &[Truth],
    done: Done,
    published: &HashMap<String, Published>,
    kept: &[Kept],
    is_first: bool,
) -> Result<(), String> {
    let all = truth.len() as u64;
    if (done.committed, done.published) != (all, all) {
        let Done { committed, published, .. } = done;
        return Err(format!("{committed} committed and {published} published of {all}"));
    }
    let changed: u64 = truth.iter().map(|truth| truth.changed).sum();
    if !is_first && (done.joined, done.left) != (changed, changed) {
        return Err(format!("{} joined and {} left instead of {changed}", done.joined, done.left));
    }
    for (truth, kept) in truth.iter().zip(kept) {
        let channel = &truth.channel;
        of_channel(truth, done.taken_at, published, kept, is_first)
            .map_err(|wrong| format!("{channel}: {wrong}"))?;
    }
    Ok(())
}

/// Whether a view went to each channel once: all that the floor can be held to.
///
/// # Errors
/// What is wrong.
pub(crate) fn motion(
    truth: &[Truth],
    published: &HashMap<String, Published>,
) -> Result<(), String> {
    for Truth { channel, .. } in truth {
        once(channel, published)?;
    }
    Ok(())
}

fn once<'p>(
    channel: &str,
    published: &'p HashMap<String, Published>,
) -> Result<&'p Published, String> {
    match published.get(&format!("presence:{channel}")) {
        Some(published) if published.times == 1 => Ok(published),
        Some(Published { times, .. }) => Err(format!("published {times} times")),
        None => Err("not published".to_owned()),
    }
}

fn of_channel(
    truth: &Truth,
    taken_at: u64,
    published: &HashMap<String, Published>,
    kept: &Kept,
    is_first: bool,
) -> Result<(), String> {
    let published = once(&truth.channel, published)?;
    if published.version != Some(taken_at) || published.has_key == Some(false) {
        return Err("published without its version or an idempotency key".to_owned());
    }
    let (Some(kept_at), Some(counts), Some(members)) = kept else {
        return Err("not kept".to_owned());
    };
    if published.data.get() != members {
        return Err("another view is kept than was published".to_owned());
    }
    if *kept_at != taken_at.to_string() {
        return Err(format!("kept as of {kept_at}, not {taken_at}"));
    }
    let counts = numbers(truth, taken_at, counts)?;
    if counts.members.is_some() {
        return Err("the counts view has members".to_owned());
    }
    let view = numbers(truth, taken_at, members)?;
    lists(truth, &view, is_first)
}

/// Reads a view and holds its numbers against the truth.
fn numbers(truth: &Truth, taken_at: u64, view: &str) -> Result<View, String> {
    let view: View = serde_json::from_str(view).map_err(|error| error.to_string())?;
    if (view.v, view.period, view.taken_at) != (1, 60, taken_at) || view.channel != truth.channel {
        return Err("a view of something else".to_owned());
    }
    let Truth { present, users, guests, clients, .. } = truth;
    let seen = [view.present, view.users, view.guests, view.clients];
    if seen != [*present, *users, *guests, *clients] {
        return Err(format!("{seen:?} instead of {present}, {users}, {guests}, {clients}"));
    }
    let peak = |name: &str| view.peak.get(name).map(|peak| peak.present);
    if (peak("today"), peak("ever")) != (Some(*present), Some(*present)) {
        return Err("another peak".to_owned());
    }
    Ok(view)
}

fn lists(truth: &Truth, view: &View, is_first: bool) -> Result<(), String> {
    let (Some(members), Some(recent)) = (&view.members, &view.recent) else {
        return Err("no lists".to_owned());
    };
    if view.truncated != Some(truth.users > LISTED_MAX) || members.len() != truth.members.len() {
        return Err(format!("{} members", members.len()));
    }
    if is_first {
        return Ok(());
    }
    for (member, truth) in members.iter().zip(&truth.members) {
        let same = |name: &str| member[name] == truth[name];
        if !(same("id") && same("info") && same("clients") && member["since"].is_u64()) {
            return Err(format!("the member {member} instead of {truth}"));
        }
    }
    let ids: BTreeSet<&str> = recent.iter().filter_map(|recent| recent["id"].as_str()).collect();
    let are_gone = ids.iter().all(|id| truth.recent.contains(*id));
    if !are_gone || ids.len() != truth.recent.len().min(RECENT_MAX) {
        return Err(format!("{} in recent, or somebody who is not gone", ids.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn truth() -> Truth {
        let member = json!({"id": "7", "info": {"name": "Ann"}, "clients": 2});
        serde_json::from_value(json!({
            "channel": "a", "present": 3, "users": 1, "guests": 2, "clients": 4, "changed": 1,
            "members": [member], "recent": ["8"], "bytes": 100,
        }))
        .unwrap()
    }

    fn view() -> Value {
        let peak = json!({"present": 3, "at": 1});
        json!({
            "v": 1, "channel": "a", "taken_at": 5, "period": 60, "present": 3, "users": 1,
            "guests": 2, "clients": 4, "peak": {"today": peak, "ever": peak},
            "members": [{"id": "7", "info": {"name": "Ann"}, "clients": 2, "since": 4}],
            "truncated": false,
            "recent": [{"id": "8", "info": {}, "last_seen": 4}],
        })
    }

    fn verdict(view: &Value, done: Done) -> Result<(), String> {
        let mut counts = view.clone();
        for list in ["members", "truncated", "recent"] {
            counts.as_object_mut().unwrap().remove(list);
        }
        let published = json!({"presence:a": {
            "times": 1, "version": 5, "has_key": true, "data": view,
        }});
        let kept = (Some("5".to_owned()), Some(counts.to_string()), Some(view.to_string()));
        let published = serde_json::from_str(&published.to_string()).unwrap();
        work(&[truth()], done, &published, &[kept], false)
    }

    const DONE: Done = Done { taken_at: 5, committed: 1, joined: 1, left: 1, published: 1 };

    #[test]
    fn right_work_passes_and_wrong_work_is_named() {
        assert_eq!(verdict(&view(), DONE), Ok(()));
        for (change, wrong) in [
            (json!({"present": 4}), "a: [4, 1, 2, 4] instead of 3, 1, 2, 4"),
            (json!({"taken_at": 4}), "a: a view of something else"),
            (json!({"truncated": true}), "a: 1 members"),
            (json!({"recent": []}), "a: 0 in recent, or somebody who is not gone"),
            (
                json!({"members": [{"id": "7", "info": {}, "clients": 2, "since": 4}]}),
                "a: the member",
            ),
        ] {
            let mut view = view();
            view.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let error = verdict(&view, DONE).unwrap_err();
            assert!(error.starts_with(wrong), "{error}");
        }
        let error = verdict(&view(), Done { left: 0, ..DONE }).unwrap_err();
        assert_eq!(error, "1 joined and 0 left instead of 1");
    }

    #[test]
    fn the_kept_view_is_the_published_one_byte_for_byte() {
        let view = view().to_string();
        let published =
            format!(r#"{{"presence:a":{{"times":1,"version":5,"has_key":true,"data":{view}}}}}"#);
        let published = serde_json::from_str(&published).unwrap();
        let kept = (Some("5".into()), Some(view.clone()), Some(view.replacen(':', ": ", 1)));
        let error = work(&[truth()], DONE, &published, &[kept], false).unwrap_err();
        assert_eq!(error, "a: another view is kept than was published");
        assert_eq!(motion(&[truth()], &published), Ok(()));
        assert_eq!(motion(&[truth()], &HashMap::new()), Err("not published".to_owned()));
    }

    #[test]
    fn a_publication_without_its_key_is_wrong_where_that_can_be_seen() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let view = view();
        let verdict = |published: Published| {
            let kept = (Some("5".into()), Some(view.to_string()), Some(view.to_string()));
            let published = HashMap::from([("presence:a".to_owned(), published)]);
            work(&[truth()], DONE, &published, &[kept], false).unwrap_err()
        };
        let once = || Published::heard([(Some(5), raw(&view.to_string()))]).unwrap();
        // The publication passes, and the next thing is what is wrong with what is kept.
        assert_eq!(verdict(once()), "a: the counts view has members");
        let without = Published { has_key: Some(false), ..once() };
        assert_eq!(verdict(without), "a: published without its version or an idempotency key");
        let twice = Published::heard([(Some(4), raw("{}")), (Some(5), raw("{}"))]).unwrap();
        assert_eq!(verdict(twice), "a: published 2 times");
        assert!(Published::heard([]).is_none());
    }
}
