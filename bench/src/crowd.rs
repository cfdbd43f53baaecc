//! A made-up crowd, the same in every run: who is in each channel, as Centrifugo would tell it, and what is true of it.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use chance::Chance;

mod chance;

/// Most members in a view, as everywhere in the benchmark.
const LISTED_MAX: usize = 50;

/// One user in so many is another one in the other phase.
const CHANGES: u64 = 100;

const FIRST_NAMES: [&str; 6] =
    ["Ann", "Bj\\u00f6rn", "J\\u00fcrgen", "Zo\\u00eb", "Mia", "Chlo\\u00e9"];
const LAST_NAMES: [&str; 6] =
    ["M\\u00fcller", "\\u003cSmith\\u003e", "Garc\\u00eda", "Brown", "O'Neill", "Tom \\u0026 Co"];

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Channels.
    pub channels: usize,
    /// Clients in each of them.
    pub clients: usize,
}

/// A channel in one phase.
#[derive(Debug)]
pub struct Room {
    /// Its name.
    pub channel: String,
    /// What Centrifugo answers for it in a batch: `{"presence":{"presence":{…}}}`.
    pub reply: String,
    /// What is true of it.
    pub truth: Truth,
}

/// What every right roll call says of a channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// The channel.
    pub channel: String,
    /// Users and guests.
    pub present: usize,
    /// Distinct users.
    pub users: usize,
    /// Clients without a user.
    pub guests: usize,
    /// Connections.
    pub clients: usize,
    /// How many users came at the switch to this phase, and how many went.
    pub changed: usize,
    /// The members of the view, from the second roll call on: who has stayed, by id, then who has come.
    pub members: Vec<Value>,
    /// The ids of those who went at the switch to this phase.
    pub recent: Vec<String>,
    /// Length of [`Room::reply`].
    pub bytes: usize,
}

/// A user with all tabs, or a guest.
struct Person {
    /// `None` for a guest.
    user: Option<User>,
    tabs: usize,
}

struct User {
    id: String,
    is_here_for_long: bool,
}

/// The names of the channels: `site:main`, or `room:00001` and so on.
pub fn channels(size: Size) -> Vec<String> {
    match size.channels {
        1 => vec!["site:main".to_owned()],
        n => (1..=n).map(|number| format!("room:{number:05}")).collect(),
    }
}

/// Everybody in a phase, 0 or 1. One user in a hundred differs between the two.
pub fn rooms(size: Size, phase: u8) -> Vec<Room> {
    let mut next_user = 0;
    channels(size)
        .into_iter()
        .map(|channel| {
            // Guests and tabs are the same in both phases.
            let mut chance = Chance::of(next_user);
            let crowd = people(size.clients, phase, &mut next_user, &mut chance);
            let mut chance = Chance::of(next_user + 1_000_000_007 * (u64::from(phase) + 1));
            room(channel, &crowd, phase, &mut chance)
        })
        .collect()
}

fn people(clients: usize, phase: u8, next_user: &mut u64, chance: &mut Chance) -> Vec<Person> {
    let mut people = Vec::new();
    let mut rest = clients;
    while rest > 0 {
        let roll = chance.below(100);
        if roll < 10 {
            people.push(Person { user: None, tabs: 1 });
            rest -= 1;
            continue;
        }
        let tabs = if roll < 80 { 1 } else { chance.between(2, 3) as usize }.min(rest);
        let number = *next_user;
        *next_user += 1;
        let is_here_for_long = !number.is_multiple_of(CHANGES);
        let id = id(number, if is_here_for_long { 0 } else { phase });
        people.push(Person { user: Some(User { id, is_here_for_long }), tabs });
        rest -= tabs;
    }
    people
}

/// Who is here in one phase alone has a neighbour who is here in the other.
fn id(number: u64, phase: u8) -> String {
    (1_000_000 + 2 * number + u64::from(phase)).to_string()
}

fn room(channel: String, people: &[Person], phase: u8, chance: &mut Chance) -> Room {
    let mut clients = Vec::new();
    for person in people {
        for _ in 0..person.tabs {
            let client = chance.uuid();
            let mut text = String::with_capacity(256);
            let id = person.user.as_ref().map_or("", |user| &user.id);
            let _ = write!(text, r#""{client}":{{"user":"{id}","client":"{client}""#);
            if !id.is_empty() {
                let _ = write!(text, r#","conn_info":{}"#, info(id));
            }
            text.push('}');
            clients.push(text);
        }
    }
    // Centrifugo writes a map of Go's, which has no order.
    chance.shuffle(&mut clients);
    let reply = format!(r#"{{"presence":{{"presence":{{{}}}}}}}"#, clients.join(","));
    let truth = truth(channel.clone(), people, phase, reply.len());
    Room { channel, reply, truth }
}

/// What a site has put into the user's token. Written as Go and Python write JSON for the web, with escapes; some of it is
/// not to be shown, and one avatar in fifty is none.
fn info(id: &str) -> String {
    let number: usize = id.parse().unwrap_or_default();
    let first = FIRST_NAMES[number / 2 % FIRST_NAMES.len()];
    let last = LAST_NAMES[number / 14 % LAST_NAMES.len()];
    let avatar = if number % 50 == 7 { "" } else { "https://cdn.example.com/a/" };
    let name = format!("{first} {last}");
    format!(r#"{{"name":"{name}","avatar":"{avatar}{id}.png","role":"member","lang":"de"}}"#)
}

/// What may be shown of [`info`].
fn shown(id: &str) -> Value {
    let mut info: Value = serde_json::from_str(&info(id)).unwrap_or_default();
    if let Some(fields) = info.as_object_mut() {
        fields.remove("role");
        fields.remove("lang");
        fields.retain(|name, value| {
            name != "avatar" || value.as_str().is_some_and(|url| url.starts_with("https://"))
        });
    }
    info
}

fn truth(channel: String, people: &[Person], phase: u8, bytes: usize) -> Truth {
    let users = || people.iter().filter_map(|person| Some((person.user.as_ref()?, person.tabs)));
    let mut members: Vec<(bool, &str, usize)> =
        users().map(|(user, tabs)| (!user.is_here_for_long, user.id.as_str(), tabs)).collect();
    members.sort_unstable();
    let n_users = members.len();
    let changed = users().filter(|(user, _)| !user.is_here_for_long);
    let mut recent: Vec<String> = changed.map(|(user, _)| neighbour(&user.id, phase)).collect();
    recent.sort_unstable();
    let guests = people.len() - n_users;
    Truth {
        channel,
        present: people.len(),
        users: n_users,
        guests,
        clients: people.iter().map(|person| person.tabs).sum(),
        changed: recent.len(),
        members: members
            .into_iter()
            .take(LISTED_MAX)
            .map(|(_, id, tabs)| json!({"id": id, "info": shown(id), "clients": tabs}))
            .collect(),
        recent,
        bytes,
    }
}

/// Who is here in the other phase instead.
fn neighbour(id: &str, phase: u8) -> String {
    let number: u64 = id.parse().unwrap_or_default();
    (if phase == 0 { number + 1 } else { number - 1 }).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    /// Distinct users and guests of a reply, counted by the shortest way there is.
    fn counted(reply: &str) -> (BTreeSet<String>, usize, usize) {
        let reply: Value = serde_json::from_str(reply).unwrap();
        let clients = reply["presence"]["presence"].as_object().unwrap();
        let users = clients.values().map(|client| client["user"].as_str().unwrap().to_owned());
        let (guests, users): (Vec<_>, Vec<_>) = users.partition(String::is_empty);
        (users.into_iter().collect(), guests.len(), clients.len())
    }

    #[test]
    fn the_truth_is_what_the_replies_say() {
        let size = Size { channels: 40, clients: 25 };
        for phase in [0, 1] {
            for room in rooms(size, phase) {
                let (users, guests, clients) = counted(&room.reply);
                let truth = &room.truth;
                assert_eq!((truth.users, truth.guests), (users.len(), guests), "{}", room.channel);
                assert_eq!((truth.clients, clients), (25, 25));
                assert_eq!(truth.present, users.len() + guests);
            }
        }
    }

    #[test]
    fn one_user_in_a_hundred_changes_and_nothing_else() {
        let size = Size { channels: 1, clients: 5000 };
        let [first, second] = [0, 1].map(|phase| rooms(size, phase).remove(0));
        let (before, ..) = counted(&first.reply);
        let (after, ..) = counted(&second.reply);
        let came: Vec<_> = after.difference(&before).cloned().collect();
        let went: Vec<_> = before.difference(&after).cloned().collect();
        assert_eq!((came.len(), went.len()), (second.truth.changed, second.truth.changed));
        assert_eq!(second.truth.recent, went);
        assert_eq!(first.truth.recent, came);
        assert!((0.009..0.011).contains(&(came.len() as f64 / after.len() as f64)));
        assert_eq!(first.truth.members, second.truth.members, "who is listed stays");
    }

    #[test]
    fn replies_are_as_long_as_real_ones_and_hold_what_real_ones_hold() {
        let room = rooms(Size { channels: 1, clients: 2000 }, 0).remove(0);
        let each = room.reply.len() / 2000;
        assert!((190..230).contains(&each), "{each} bytes a client");
        for piece in [r"\u003c", r"\u00fc", r#""user":"","#, r#""role":"#] {
            assert!(room.reply.contains(piece), "{piece}");
        }
        let (users, guests, clients) = counted(&room.reply);
        assert!(users.len() + guests < clients, "some have two tabs");
        let listed: HashMap<_, _> =
            room.truth.members.iter().map(|member| (member["id"].as_str(), member)).collect();
        assert_eq!(listed.len(), LISTED_MAX);
        assert!(room.truth.members.iter().all(|member| member["info"].get("role").is_none()));
    }
}
