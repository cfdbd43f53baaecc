//! From the ledger of the last roll call and the census of this one to the next ledger, the lists and the changes.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::Millis;
use crate::census::{Census, Named, Person};
use crate::guests::Guests;
use crate::info::{Info, InfoFields};
use crate::ledger::{Head, Ledger, Standing, User, Writer};
use crate::listing::{Listing, Member, RECENT_MAX, Recent, push_somebody};
use crate::packed::Unreadable;
use crate::peaks::{Peak, Peaks};
use crate::selection::Selection;

/// What is known of a channel from before.
#[derive(Debug, Clone, Copy)]
pub enum Before<'a> {
    /// A roll call was taken, and this was kept of it.
    Ledger {
        /// [`Comparison::head`], as bytes.
        head: &'a [u8],
        /// [`Comparison::users`].
        users: &'a [u8],
    },
    /// Nothing is: all who are here have come.
    Nothing,
    /// Whatever was known is lost, so nothing is told to have changed.
    Baseline,
}

/// How to compare.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'r> {
    /// Who counts as a guest: also of those in the ledger, since the setting may have changed.
    pub guests: &'r Guests,
    /// What may be shown of an info.
    pub fields: &'r InfoFields,
    /// Roll calls in a row that may be missed before somebody has left.
    pub grace: u32,
    /// How long somebody who is gone is listed as recent, in milliseconds.
    pub recent: Millis,
    /// Members in a view at the most.
    pub listed_max: usize,
}

/// What one roll call of a channel comes to.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// When the roll call was taken that this one was compared with.
    pub before: Option<Millis>,
    /// Whether there was a ledger, and it could not be read.
    pub is_unreadable: bool,
    /// The head of the next ledger.
    pub head: Head,
    /// The users of the next ledger.
    pub users: Vec<u8>,
    /// The named part of the members view.
    pub listing: Listing<'a>,
    /// What is to be announced.
    pub changes: Changes<'a>,
    /// Whether somebody is present in a channel that was vacated, or not known before.
    pub occupied_anew: bool,
    /// Whether the channel is vacated and nobody is still to be told to have left: it need not be asked again.
    pub settled: bool,
}

/// What is different from the last roll call.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    /// Who came, by id.
    pub joined: Vec<Member<'a>>,
    /// Who missed more roll calls than the grace, or may not be named any more; by id.
    pub left: Vec<Left>,
    /// Somebody is present in a vacated channel.
    pub occupied: bool,
    /// An occupied channel was empty for more roll calls than the grace.
    pub vacated: bool,
    /// The record that was passed.
    pub passed: Option<Peak>,
}

/// Somebody who has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The token's `sub`.
    pub id: String,
    /// What was shown of them last.
    pub info: Info,
    /// Since when they had been here.
    pub since: Millis,
    /// The last roll call that they answered.
    pub last_seen: Millis,
}

impl Left {
    /// Appends them as an object.
    pub(crate) fn push(&self, json: &mut String) {
        let Self { id, info, since, last_seen } = self;
        push_somebody(json, id, info, &[("since", *since), ("last_seen", *last_seen)]);
    }
}

/// Compares a census with what is known from before. Times from the future in the ledger (left by a broken clock) count
/// as `taken_at`, and such a ledger gets a new version epoch. One that can't be read to its last byte is replaced as by a
/// baseline.
pub fn compare<'a>(
    mut census: Census<'a>,
    before: Before<'_>,
    taken_at: Millis,
    rules: Rules<'_>,
) -> Comparison<'a> {
    let present = census.counts().present;
    let n_users = census.users.len();
    let mut round = Round::new(taken_at, rules, n_users);
    let known = match before {
        Before::Ledger { head, users } => round.meet_known(&mut census, head, users).map(Some),
        Before::Nothing | Before::Baseline => Ok(None),
    };
    let is_unreadable = known.is_err();
    if is_unreadable {
        // Whom it has met until then may not be so.
        round = Round::new(taken_at, rules, n_users);
    }
    let announces = !is_unreadable && !matches!(before, Before::Baseline);
    let before = known.unwrap_or_default();
    let before = before.as_ref();
    round.meet_others(census, before.is_some());

    let (occupied, empty) = occupancy(before, present, rules.grace);
    let was_occupied = before.is_some_and(|head| head.occupied);
    let changes = Changes {
        occupied: occupied && !was_occupied,
        vacated: was_occupied && !occupied,
        passed: before.and_then(|head| head.peaks.passed_by(Peak { present, at: taken_at })),
        joined: round.joined,
        left: round.left,
    };
    let version_epoch = match before {
        Some(head) if head.taken_at < taken_at => head.version_epoch,
        _ => taken_at,
    };
    let peaks = Peaks::after(before.map(|head| &head.peaks), Peak { present, at: taken_at });
    let (remembered, users) = round.ledger.finish();
    let members = round
        .listed
        .into_sorted()
        .map(|((since, id), Listed { info, clients })| Member { id, info, clients, since });
    let recent = round.recent.into_sorted().map(|((Reverse(last_seen), id), info)| Recent {
        id,
        info,
        last_seen,
    });
    Comparison {
        before: before.map(|head| head.taken_at),
        is_unreadable,
        head: Head { taken_at, version_epoch, occupied, empty, peaks, remembered },
        users,
        listing: Listing::new(round.n_members, members.collect(), recent.collect()),
        occupied_anew: changes.occupied,
        settled: !occupied && !round.pending,
        changes: if announces { changes } else { Changes::default() },
    }
}

/// Whether a channel is occupied, and at how many roll calls in a row it was found empty all the same.
fn occupancy(before: Option<&Head>, present: u64, grace: u32) -> (bool, u32) {
    match before {
        _ if present > 0 => (true, 0),
        Some(head) if head.occupied && head.empty < grace => (true, head.empty + 1),
        _ => (false, 0),
    }
}

/// One comparison under way: each user goes through one of its methods.
struct Round<'a, 'r> {
    taken_at: Millis,
    rules: Rules<'r>,
    ledger: Writer,
    n_members: usize,
    /// Longest present first, then by id.
    listed: Selection<(Millis, Cow<'a, str>), Listed>,
    /// Latest first, then by id.
    recent: Selection<(Reverse<Millis>, String), Info>,
    joined: Vec<Member<'a>>,
    left: Vec<Left>,
    /// Whether somebody is missed who has not left yet.
    pending: bool,
}

/// What a member's place in the list does not tell.
struct Listed {
    info: Info,
    clients: u32,
}

impl<'a, 'r> Round<'a, 'r> {
    fn new(taken_at: Millis, rules: Rules<'r>, n_users: usize) -> Self {
        Self {
            taken_at,
            rules,
            ledger: Writer::new(taken_at, n_users),
            n_members: 0,
            listed: Selection::of(rules.listed_max, n_users),
            recent: Selection::of(RECENT_MAX, 0),
            joined: Vec::new(),
            left: Vec::new(),
            pending: false,
        }
    }

    /// Goes through all whom the ledger knows; gives its head.
    fn meet_known(
        &mut self,
        census: &mut Census<'a>,
        head: &[u8],
        users: &[u8],
    ) -> Result<Head, Unreadable> {
        let ledger = Ledger::parse(head, users)?;
        let people = &mut census.users;
        ledger.for_each_user(|user| match people.get_full_mut(user.id) {
            Some((_, id, Person::Named(named))) => {
                named.is_known = true;
                self.answered((id, named), Some(user));
            }
            Some((_, _, Person::Unnamed)) => self.unnamed(user),
            None if self.rules.guests.contain(user.id) => self.unnamed(user),
            None => self.missed(user),
        })?;
        Ok(ledger.head)
    }

    /// Goes through all others who are here: all, where there is no ledger.
    fn meet_others(&mut self, census: Census<'a>, is_ledger: bool) {
        for (id, person) in &census.users {
            if let Person::Named(named) = person
                && !(named.is_known && is_ledger)
            {
                self.answered((id, named), None);
            }
        }
        self.joined.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        self.left.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    }

    /// A user who is here and may be named.
    fn answered(&mut self, (id, named): (&Cow<'a, str>, &Named<'a>), before: Option<User<'_>>) {
        let clients = named.clients;
        let fields = self.rules.fields;
        let read_from = named.info().map_or(0, |info| fields.fingerprint(info));
        let info = match before {
            Some(user) if user.read_from == read_from => Cow::Borrowed(user.info),
            _ => {
                let shown = named.info().map(|info| fields.shown(info));
                Cow::Owned(shown.unwrap_or_default().into_text())
            }
        };
        let stayed = before.filter(|user| user.standing != Standing::Left);
        let since = stayed.map_or(self.taken_at, |user| user.since.min(self.taken_at));
        self.n_members += 1;
        self.ledger.push(User {
            id,
            info: &info,
            read_from,
            since,
            last_seen: self.taken_at,
            standing: Standing::Missed(0),
        });
        if stayed.is_none() {
            let info = Info::of_shown(&info);
            self.joined.push(Member { id: id.clone(), info, clients, since });
        }
        let order = (since, &**id);
        if self.listed.keeps(|(since, id)| order < (*since, id)) {
            let info = Info::of_shown(&info);
            self.listed.offer((since, id.clone()), Listed { info, clients });
        }
    }

    /// A user who was named before and may not be now: forgotten, after one last word.
    fn unnamed(&mut self, user: User<'_>) {
        if user.standing != Standing::Left {
            self.left.push(self.left(user));
        }
    }

    /// A user who did not answer.
    fn missed(&mut self, user: User<'_>) {
        let user = User {
            since: user.since.min(self.taken_at),
            last_seen: user.last_seen.min(self.taken_at),
            standing: match user.standing {
                Standing::Missed(missed) if missed < self.rules.grace => {
                    Standing::Missed(missed + 1)
                }
                Standing::Missed(_) => {
                    self.left.push(self.left(user));
                    Standing::Left
                }
                Standing::Left => Standing::Left,
            },
            ..user
        };
        let is_recent =
            self.rules.recent > 0 && user.last_seen + self.rules.recent >= self.taken_at;
        let order = (Reverse(user.last_seen), user.id);
        if is_recent && self.recent.keeps(|(last_seen, id)| order < (*last_seen, id.as_str())) {
            let (last_seen, id) = order;
            self.recent.offer((last_seen, id.to_owned()), self.rules.fields.shown_still(user.info));
        }
        self.pending |= user.standing != Standing::Left;
        if user.standing != Standing::Left || is_recent {
            self.ledger.push(user);
        }
    }

    fn left(&self, user: User<'_>) -> Left {
        Left {
            id: user.id.to_owned(),
            info: self.rules.fields.shown_still(user.info),
            since: user.since.min(self.taken_at),
            last_seen: user.last_seen.min(self.taken_at),
        }
    }
}
