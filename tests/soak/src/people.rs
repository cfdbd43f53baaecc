//! The people of the story: who they are, which tabs they have open, and what they do between two roll calls.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::channels::{BROKEN_ROOM, NAMED, ROOMS};
use crate::marks::{SHOWN, USER, VEILED};

const USERS: usize = 26;
const GUESTS: usize = 6;

/// A tab that is open: one connection.
#[derive(Clone, Debug)]
pub(crate) struct Tab {
    /// No two tabs of a story have the same.
    pub(crate) number: u64,
    /// The token's `sub`; `None`: no token.
    pub(crate) user: Option<String>,
    pub(crate) channels: Vec<&'static str>,
    /// The token's `info`.
    pub(crate) conn_info: Option<Value>,
    /// The info of the token's subscriptions.
    pub(crate) chan_info: Option<Value>,
    /// Its info is no JSON.
    pub(crate) is_broken: bool,
}

impl Tab {
    /// What the token says; `None` for who has none.
    pub(crate) fn claims(&self) -> Option<Value> {
        let mut claims = json!({ "sub": self.user.as_ref()? });
        if self.is_broken {
            claims["b64info"] = json!("bm90IGpzb24=");
        } else if let Some(info) = &self.conn_info {
            claims["info"] = info.clone();
        }
        if let Some(info) = &self.chan_info {
            for channel in &self.channels {
                claims["subs"][channel] = json!({ "info": info });
            }
        }
        Some(claims)
    }
}

/// What people do between two roll calls.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    pub(crate) closed: Vec<u64>,
    pub(crate) opened: Vec<Tab>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User(usize),
    /// A user whose id counts as a guest's.
    Guest(usize),
    Nobody,
    Broken,
}

/// Who is there.
pub(crate) struct People {
    tabs: Vec<(Kind, Tab)>,
    n_tabs: u64,
    /// How often each user has changed the name.
    names: [u64; USERS],
    n_veiled: u64,
}

impl People {
    pub(crate) fn new() -> Self {
        Self { tabs: Vec::new(), n_tabs: 0, names: [0; USERS], n_veiled: 0 }
    }

    /// The tabs that should be open.
    pub(crate) fn tabs(&self) -> impl Iterator<Item = &Tab> {
        self.tabs.iter().map(|(_, tab)| tab)
    }

    /// Some things that people do, now and then many at once.
    pub(crate) fn act(&mut self, chance: &mut Chance) -> Moves {
        let before: Vec<u64> = self.tabs().map(|tab| tab.number).collect();
        self.break_or_mend(chance);
        match chance.weighted(&[12, 80, 4, 4]) {
            0 => {}
            1 => (0..chance.between(1, 6)).for_each(|_| self.act_once(chance)),
            2 => {
                // All of a channel go at once.
                let channel = self.channel(chance);
                self.tabs.retain(|(_, tab)| !tab.channels.contains(&channel));
            }
            _ => (0..chance.between(8, 14)).for_each(|_| self.come(chance)),
        }
        let opened = self.tabs().filter(|tab| !before.contains(&tab.number)).cloned().collect();
        let is_open = |number: &u64| self.tabs().any(|tab| tab.number == *number);
        let closed = before.into_iter().filter(|number| !is_open(number)).collect();
        Moves { closed, opened }
    }

    /// Nobody moves any more, but for the client whose info is no JSON: it goes.
    pub(crate) fn rest(&mut self) -> Moves {
        let (broken, others) =
            std::mem::take(&mut self.tabs).into_iter().partition(|(_, tab)| tab.is_broken);
        self.tabs = others;
        let broken: Vec<(Kind, Tab)> = broken;
        Moves { closed: broken.iter().map(|(_, tab)| tab.number).collect(), opened: Vec::new() }
    }

    fn act_once(&mut self, chance: &mut Chance) {
        match chance.weighted(&[26, 24, 10, 8, 8, 8, 10]) {
            0 => self.come(chance),
            1 => {
                // Somebody goes, with all tabs.
                if let Some(kind) = self.somebody(chance) {
                    self.tabs.retain(|(of, _)| *of != kind);
                }
            }
            2 => self.close_one(chance),
            3 => self.change_name(chance),
            4 => self.hide(chance),
            5 => self.unhide(chance),
            _ => {
                let kind = match chance.weighted(&[5, 5]) {
                    0 => Kind::Nobody,
                    _ => Kind::Guest(chance.index(GUESTS)),
                };
                self.open(kind, false, chance);
            }
        }
    }

    fn come(&mut self, chance: &mut Chance) {
        // No more than the lists of the views are sure to be too short for now and then.
        if self.tabs.len() < 60 {
            self.open(Kind::User(chance.index(USERS)), false, chance);
        }
    }

    fn close_one(&mut self, chance: &mut Chance) {
        if !self.tabs.is_empty() {
            let place = chance.index(self.tabs.len());
            self.tabs.remove(place);
        }
    }

    /// A user comes back under another name, with one of the tabs.
    fn change_name(&mut self, chance: &mut Chance) {
        let Some(Kind::User(user)) = self.somebody(chance) else { return };
        self.names[user] += 1;
        if let Some(place) = self.tabs.iter().position(|(kind, _)| *kind == Kind::User(user)) {
            self.tabs.remove(place);
        }
        self.open(Kind::User(user), false, chance);
    }

    /// A user opens a tab that hides them.
    fn hide(&mut self, chance: &mut Chance) {
        let kind = match self.somebody(chance) {
            Some(Kind::User(user)) => Kind::User(user),
            _ => Kind::User(chance.index(USERS)),
        };
        self.open(kind, true, chance);
    }

    /// A user closes all tabs that hide them, and maybe opens one that does not.
    fn unhide(&mut self, chance: &mut Chance) {
        let Some(Kind::User(user)) = self.somebody(chance) else { return };
        self.tabs.retain(|(kind, tab)| *kind != Kind::User(user) || !says_hidden(tab));
        if chance.percent(50) {
            self.open(Kind::User(user), false, chance);
        }
    }

    /// Now and then a client comes whose info is no JSON. It goes soon: to find it costs each roll call half a second.
    fn break_or_mend(&mut self, chance: &mut Chance) {
        match self.tabs.iter().position(|(kind, _)| *kind == Kind::Broken) {
            Some(place) if chance.percent(60) => {
                self.tabs.remove(place);
            }
            None if chance.percent(4) => self.open(Kind::Broken, false, chance),
            _ => {}
        }
    }

    fn somebody(&mut self, chance: &mut Chance) -> Option<Kind> {
        (!self.tabs.is_empty()).then(|| self.tabs[chance.index(self.tabs.len())].0)
    }

    fn channel(&mut self, chance: &mut Chance) -> &'static str {
        match chance.weighted(&[6, 2, 1]) {
            0 => NAMED[chance.index(NAMED.len())],
            1 => ROOMS[chance.index(ROOMS.len())],
            _ => BROKEN_ROOM,
        }
    }

    fn open(&mut self, kind: Kind, hidden: bool, chance: &mut Chance) {
        let mut channels = vec![self.channel(chance)];
        if chance.percent(35) {
            let other = self.channel(chance);
            if !channels.contains(&other) {
                channels.push(other);
            }
        }
        self.n_tabs += 1;
        let mut tab = Tab {
            number: self.n_tabs,
            user: None,
            channels,
            conn_info: None,
            chan_info: None,
            is_broken: false,
        };
        match kind {
            Kind::User(user) => {
                tab.user = Some(format!("{USER}{user}"));
                if hidden {
                    self.n_veiled += 1;
                    let info = veiled(self.n_veiled, json!(true));
                    match chance.percent(50) {
                        true => tab.conn_info = Some(info),
                        false => tab.chan_info = Some(info),
                    }
                } else {
                    tab.conn_info = shown_info(user, self.names[user], chance);
                    if chance.percent(20) {
                        tab.chan_info = shown_info(user, self.names[user], chance);
                    }
                }
            }
            Kind::Guest(guest) => {
                self.n_veiled += 1;
                let ids = ["anonymous".to_owned(), format!("{VEILED}guest-{guest}")];
                tab.user = Some(ids[usize::from(guest > 0)].clone());
                tab.conn_info = Some(veiled(self.n_veiled, json!(null)));
            }
            Kind::Nobody => {
                self.n_veiled += 1;
                if chance.percent(50) {
                    tab.user = Some(String::new());
                    tab.conn_info = Some(veiled(self.n_veiled, json!("no")));
                }
            }
            Kind::Broken => {
                tab.channels = vec![BROKEN_ROOM];
                tab.user = Some(format!("{USER}broken"));
                tab.is_broken = true;
            }
        }
        self.tabs.push((kind, tab));
    }
}

/// Whether a tab hides its user.
fn says_hidden(tab: &Tab) -> bool {
    [&tab.conn_info, &tab.chan_info].into_iter().flatten().any(|info| info["hidden"] == true)
}

/// An info that nobody may see.
fn veiled(number: u64, hidden: Value) -> Value {
    json!({
        "name": format!("{VEILED}name-{number}"),
        "avatar": format!("https://{VEILED}avatar-{number}.example.com/a.png"),
        "hidden": hidden,
    })
}

/// An info of a user who may be named, in one of many shapes.
fn shown_info(user: usize, version: u64, chance: &mut Chance) -> Option<Value> {
    let name = format!("{SHOWN}{user}.{version}");
    Some(match chance.weighted(&[40, 10, 8, 8, 8, 6, 6, 6, 4, 4]) {
        0 => json!({"name": name, "avatar": format!("https://{SHOWN}{user}.example.com/a.png")}),
        1 => json!({ "name": name }),
        2 => json!({"name": format!("{name} <b>\"ü\u{1f600}\\\n"), "url": "http://example.com/ü"}),
        3 => json!({"name": name, "avatar": "javascript:alert(1)", "url": "https://"}),
        4 => json!({"name": name, "hidden": "true", "other": {"deep": [1, 2, {"name": "x"}]}}),
        5 => json!({"name": format!("{name}{}", "é".repeat(300)), "avatar": 7}),
        6 => json!({"name": user, "url": true, "age": 5}),
        7 => json!(name),
        8 => json!({"name": null, "avatar": [], "hidden": false}),
        _ => return None,
    })
}
