//! From the clients of one channel to who is there.
//!
//! Centrifugo answers a presence request with an object of clients, `{"<client id>":{"user":…,"conn_info":…},…}`, in
//! any order and up to hundreds of megabytes. Each client is folded into the census while the answer is read; no list
//! of clients is built, ids and infos stay borrowed, and an info is parsed only when it is needed.

use std::borrow::Cow;
use std::fmt;

use ahash::RandomState;
use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::guests::Guests;
use crate::info::{InfoFields, says_hidden};
use crate::loose::IfObject;
use crate::text::{self, Text};

/// Users of a small channel: it has room for them at once.
const FEW: usize = 14;

/// How to take a census: a [`DeserializeSeed`] over the object of clients.
#[derive(Debug, Clone, Copy)]
pub struct CensusTaker<'r> {
    /// Who counts as a guest.
    pub guests: &'r Guests,
    /// What of an info may be shown: it decides which tab of a user speaks for them.
    pub fields: &'r InfoFields,
}

/// Who is in a channel, as one presence answer tells it.
#[derive(Debug, Default)]
pub struct Census<'a> {
    clients: u64,
    /// Clients without a user id (or without one that can be read): a guest each.
    anonymous: u64,
    /// Users who are not to be named, by a glob or by their own wish.
    unnamed: u64,
    pub(crate) users: IndexMap<Cow<'a, str>, Person<'a>, RandomState>,
}

/// How many are here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users and guests.
    pub present: u64,
    /// Signed-in users who may be named.
    pub users: u64,
    /// Everybody else.
    pub guests: u64,
    /// Connections.
    pub clients: u64,
}

/// A user, as all their clients together show them.
#[derive(Debug)]
pub(crate) enum Person<'a> {
    /// May be named.
    Named(Named<'a>),
    /// May not be named: a guest by a glob, or hidden by their own wish.
    Unnamed,
}

/// A user who may be named.
#[derive(Debug)]
pub(crate) struct Named<'a> {
    pub(crate) clients: u32,
    /// That of the client that speaks for them, with its id.
    info: Option<(Cow<'a, str>, &'a RawValue)>,
    /// Whether the ledger that this census is compared with knows them.
    pub(crate) is_known: bool,
}

impl<'a> Named<'a> {
    /// The info of the client that speaks for them.
    pub(crate) fn info(&self) -> Option<&'a RawValue> {
        self.info.as_ref().map(|(_, info)| *info)
    }
}

/// A client as Centrifugo lists it, read as loosely as can be: a client of a wrong shape is somebody all the same, nobody
/// whom we could name, and no harm to the others.
#[derive(Default)]
struct Client<'a> {
    user: Option<&'a RawValue>,
    conn_info: Option<&'a RawValue>,
    chan_info: Option<&'a RawValue>,
}

impl<'a> Client<'a> {
    /// The user id; empty where there is none that can be read.
    fn user(&self) -> Cow<'a, str> {
        let Some(user) = self.user else { return Cow::default() };
        match text::plain(user) {
            Some(plain) => Cow::Borrowed(plain),
            None => serde_json::from_str::<Text<'a>>(user.get()).unwrap_or_default().0,
        }
    }
}

/// The fields of a client that are read.
#[derive(Clone, Copy)]
enum Field {
    User,
    ConnInfo,
    ChanInfo,
    Other,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As bytes: a name that is no text is another one.
        deserializer.deserialize_bytes(FieldVisitor)
    }
}

struct FieldVisitor;

impl Visitor<'_> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field of a client")
    }

    fn visit_bytes<E: serde::de::Error>(self, name: &[u8]) -> Result<Field, E> {
        Ok(match name {
            b"user" => Field::User,
            b"conn_info" => Field::ConnInfo,
            b"chan_info" => Field::ChanInfo,
            _ => Field::Other,
        })
    }

    // Keys of objects may arrive as strings.
    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Field, E> {
        self.visit_bytes(name.as_bytes())
    }
}

struct ClientVisitor;

impl<'de> Visitor<'de> for ClientVisitor {
    type Value = Client<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a client")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut client = Client::default();
        while let Some(field) = map.next_key()? {
            let value = match field {
                Field::User => &mut client.user,
                Field::ConnInfo => &mut client.conn_info,
                Field::ChanInfo => &mut client.chan_info,
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *value = Some(map.next_value()?);
        }
        Ok(client)
    }
}

impl Census<'_> {
    /// How many are here: users and guests, and by how many connections.
    pub fn counts(&self) -> Counts {
        let guests = self.anonymous + self.unnamed;
        let users = self.users.len() as u64 - self.unnamed;
        Counts { present: users + guests, users, guests, clients: self.clients }
    }
}

impl<'a> Census<'a> {
    fn count(&mut self, client_id: Cow<'a, str>, client: &Client<'a>, of: CensusTaker<'_>) {
        self.clients += 1;
        let user = client.user();
        let Client { conn_info, chan_info, .. } = *client;
        if user.is_empty() {
            self.anonymous += 1;
            return;
        }
        let hidden = [chan_info, conn_info].into_iter().flatten().any(says_hidden);
        let info = chan_info.filter(|info| info.get().starts_with('{')).or(conn_info);
        let info = info.map(|info| (client_id, info));
        match self.users.entry(user) {
            Entry::Vacant(entry) => {
                if hidden || of.guests.contain(entry.key()) {
                    self.unnamed += 1;
                    entry.insert(Person::Unnamed);
                } else {
                    entry.insert(Person::Named(Named { clients: 1, info, is_known: false }));
                }
            }
            Entry::Occupied(mut entry) => match entry.get_mut() {
                Person::Unnamed => {}
                person if hidden => {
                    self.unnamed += 1;
                    *person = Person::Unnamed;
                }
                Person::Named(Named { clients, info: kept, .. }) => {
                    *clients = clients.saturating_add(1);
                    if let Some(other) = info {
                        choose(kept, other, of.fields);
                    }
                }
            },
        }
    }
}

/// Keeps, of two tabs of a user, the one that speaks for them: the smallest client id that gives any shown field.
/// The first one kept may give none; it then yields to whatever comes, so the order of clients does not matter.
fn choose<'a>(
    kept: &mut Option<(Cow<'a, str>, &'a RawValue)>,
    other: (Cow<'a, str>, &'a RawValue),
    fields: &InfoFields,
) {
    let gives_any = |info: &RawValue| !fields.shown(info).is_empty();
    let replace = match kept {
        None => true,
        // Most users' tabs say the same.
        Some((client_id, info)) if info.get() == other.1.get() => other.0 < *client_id,
        Some((client_id, _)) if other.0 < *client_id => gives_any(other.1),
        Some((_, info)) => !gives_any(info),
    };
    if replace {
        *kept = Some(other);
    }
}

impl<'de> DeserializeSeed<'de> for CensusTaker<'_> {
    type Value = Census<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for CensusTaker<'_> {
    type Value = Census<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of clients")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut census = Census::default();
        census.users.reserve(FEW);
        while let Some(Text(client_id)) = map.next_key()? {
            let client = map.next_value_seed(IfObject(ClientVisitor))?.unwrap_or_default();
            census.count(client_id, &client, self);
        }
        Ok(census)
    }
}
