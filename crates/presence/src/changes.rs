//! From the ledger of the last roll call and the census of this one to the next ledger, the lists and the changes.

use std::borrow::Cow;

use crate::Millis;
use crate::census::{Census, Tally};
use crate::info::{Info, InfoFields};
use crate::ledger::{Head, Ledger, Standing, User, Writer};
use crate::scope::Guests;
use crate::selection::Selection;
use crate::view::{Listing, Member, Peak, Peaks, RECENT_MAX, Recent};

const DAY: Millis = 24 * 60 * 60 * 1000;

/// What is known of a channel from before.
#[derive(Debug, Clone)]
pub enum Before<'a> {
    /// A roll call was taken.
    Ledger(Ledger<'a>),
    /// None was, and all who are here have come.
    New,
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
    /// The head of the next ledger.
    pub head: Head,
    /// The users of the next ledger.
    pub users: Vec<u8>,
    /// The named part of the members view.
    pub listing: Listing<'a>,
    /// What is to be announced.
    pub changes: Changes<'a>,
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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
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

/// Compares. Times from the future in the ledger (left by a broken clock) count as `taken_at`, and such a ledger gets
/// a new version epoch.
pub fn compare<'a>(
    census: Census<'a>,
    before: Before<'_>,
    taken_at: Millis,
    rules: Rules<'_>,
) -> Comparison<'a> {
    let present = census.counts().present;
    let announces = !matches!(before, Before::Baseline);
    let ledger = match before {
        Before::Ledger(ledger) => Some(ledger),
        Before::New | Before::Baseline => None,
    };
    let mut round = Round::new(taken_at, rules);
    let mut users = census.users;
    if let Some(ledger) = &ledger {
        ledger.for_each_user(|user| {
            let since = user.since.min(taken_at);
            let user = User { since, last_seen: user.last_seen.min(taken_at), ..user };
            match users.remove_entry(user.id) {
                Some((id, Tally::Named { clients, info })) => {
                    round.answered(id, clients, info.map(|(_, info)| info), Some(user));
                }
                Some((_, Tally::Unnamed)) => round.unnamed(user),
                None if rules.guests.contain(user.id) => round.unnamed(user),
                None => round.missed(user),
            }
        });
    }
    for (id, tally) in users {
        if let Tally::Named { clients, info } = tally {
            round.answered(id, clients, info.map(|(_, info)| info), None);
        }
    }

    let head = ledger.map(|ledger| ledger.head);
    let (mut changes, listing, pending, (remembered, users)) = round.finish();
    let (occupied, empty) = match &head {
        _ if present > 0 => (true, 0),
        Some(head) if head.occupied && head.empty < rules.grace => (true, head.empty + 1),
        _ => (false, 0),
    };
    let was_occupied = head.as_ref().is_some_and(|head| head.occupied);
    changes.occupied = occupied && !was_occupied;
    changes.vacated = was_occupied && !occupied;
    let peaks = peaks(head.as_ref(), Peak { present, at: taken_at });
    changes.passed =
        head.as_ref().map(|head| head.peaks.ever).filter(|ever| present > ever.present);
    let changes = if announces { changes } else { Changes::default() };
    let version_epoch = match head {
        Some(head) if head.taken_at < taken_at => head.version_epoch,
        _ => taken_at.to_string(),
    };
    Comparison {
        head: Head { taken_at, version_epoch, occupied, empty, peaks, remembered },
        users,
        listing,
        changes,
        settled: !occupied && !pending,
    }
}

fn peaks(before: Option<&Head>, now: Peak) -> Peaks {
    let Some(Head { peaks, .. }) = before else { return Peaks { today: now, ever: now } };
    let higher = |peak: Peak| {
        if now.present > peak.present { now } else { Peak { at: peak.at.min(now.at), ..peak } }
    };
    let same_day = peaks.today.at.min(now.at) / DAY == now.at / DAY;
    Peaks { today: if same_day { higher(peaks.today) } else { now }, ever: higher(peaks.ever) }
}

/// One comparison under way: each user goes through one of its methods.
struct Round<'a, 'r> {
    taken_at: Millis,
    rules: Rules<'r>,
    ledger: Writer,
    n_members: usize,
    listed: Selection<Member<'a>>,
    recent: Selection<Recent>,
    joined: Vec<Member<'a>>,
    left: Vec<Left>,
    /// Whether somebody is missed who has not left yet.
    pending: bool,
}

impl<'a, 'r> Round<'a, 'r> {
    fn new(taken_at: Millis, rules: Rules<'r>) -> Self {
        Self {
            taken_at,
            rules,
            ledger: Writer::new(taken_at),
            n_members: 0,
            listed: Selection::of(rules.listed_max),
            recent: Selection::of(RECENT_MAX),
            joined: Vec::new(),
            left: Vec::new(),
            pending: false,
        }
    }

    /// A user who is here and may be named.
    fn answered(
        &mut self,
        id: Cow<'a, str>,
        clients: u32,
        info: Option<&serde_json::value::RawValue>,
        before: Option<User<'_>>,
    ) {
        let info = info.map(|info| self.rules.fields.shown(info)).unwrap_or_default();
        let stayed = before.filter(|user| user.standing != Standing::Left);
        let since = stayed.map_or(self.taken_at, |user| user.since);
        self.n_members += 1;
        self.ledger.push(&id, &info, since, self.taken_at, Standing::Missed(0));
        let member = Member { since, id, clients, info };
        if stayed.is_none() {
            self.joined.push(member.clone());
        }
        self.listed.offer(member);
    }

    /// A user who was named before and may not be now: forgotten, after one last word.
    fn unnamed(&mut self, user: User<'_>) {
        if user.standing != Standing::Left {
            self.left.push(left(user));
        }
    }

    /// A user who did not answer.
    fn missed(&mut self, user: User<'_>) {
        let standing = match user.standing {
            Standing::Missed(missed) if missed < self.rules.grace => Standing::Missed(missed + 1),
            Standing::Missed(_) => {
                self.left.push(left(user));
                Standing::Left
            }
            Standing::Left => Standing::Left,
        };
        let is_recent =
            user.last_seen < self.taken_at && user.last_seen + self.rules.recent >= self.taken_at;
        if is_recent {
            self.recent.offer(Recent::of(user.last_seen, user.id, Info::kept(user.info)));
        }
        self.pending |= standing != Standing::Left;
        if standing != Standing::Left || is_recent {
            self.ledger.push(user.id, &Info::kept(user.info), user.since, user.last_seen, standing);
        }
    }

    fn finish(mut self) -> (Changes<'a>, Listing<'a>, bool, (u64, Vec<u8>)) {
        self.joined.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        self.left.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let changes = Changes { joined: self.joined, left: self.left, ..Changes::default() };
        let listing =
            Listing::new(self.n_members, self.listed.into_sorted(), self.recent.into_sorted());
        (changes, listing, self.pending, self.ledger.finish())
    }
}

fn left(user: User<'_>) -> Left {
    let User { id, info, since, last_seen, .. } = user;
    Left { id: id.to_owned(), info: Info::kept(info), since, last_seen }
}
