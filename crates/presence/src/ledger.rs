//! What is remembered of a channel from one roll call to the next.
//!
//! A ledger has two parts: the head, a few facts as JSON, and the users, one record after the other in a compact
//! binary form, packed by LZ4 in blocks. The users of a big channel are read and written at every roll call: their form
//! is one pass without a table or an order, of which no more than a block is ever unpacked. Infos resemble each other,
//! so what goes to Redis and back, and is copied on the way, is several times shorter. It holds no guests and no hidden
//! users.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::info::Info;
use crate::view::Peaks;

/// The first byte of the users; another one is another form. Blocks follow: the length unpacked and the length packed,
/// 32 bits each, little endian, then the packed bytes.
const FORM: u8 = 1;
/// A block is closed when it is at least that long.
const BLOCK: usize = 64 * 1024;
/// No block is longer: a record is never half as long as this.
const BLOCK_MAX: usize = 4 * 1024 * 1024;

/// The facts of a channel as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// When the roll call was taken.
    pub taken_at: Millis,
    /// Names this life of the ledger, so that Centrifugo does not weigh its versions against those of an earlier one.
    pub version_epoch: String,
    /// Whether somebody was present, give or take the grace.
    pub(crate) occupied: bool,
    /// Roll calls in a row at which an occupied channel was found empty.
    pub(crate) empty: u32,
    /// Records.
    pub(crate) peaks: Peaks,
    /// How many users are remembered: a ledger that was cut shows by it.
    pub(crate) remembered: u64,
}

/// A ledger as it was kept.
#[derive(Debug, Clone)]
pub struct Ledger<'a> {
    pub(crate) head: Head,
    users: &'a [u8],
}

/// A user who is, or was lately, in the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User<'a> {
    pub(crate) id: &'a str,
    /// What was shown last.
    pub(crate) info: &'a str,
    /// The first roll call that they answered without leaving since.
    pub(crate) since: Millis,
    /// The last roll call that they answered.
    pub(crate) last_seen: Millis,
    /// How they stand.
    pub(crate) standing: Standing,
}

/// How a user stands at a roll call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Has missed so many roll calls in a row, within the grace; 0: answered.
    Missed(u32),
    /// Has left and is remembered as recent.
    Left,
}

/// The ledger can't be read: cut, of another form, or not a ledger.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Head {
    /// The head as it is to be kept.
    #[expect(clippy::expect_used, reason = "text keys and plain values always have a form in JSON")]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a head can be written")
    }

    /// The records, this roll call included.
    pub fn peaks(&self) -> &Peaks {
        &self.peaks
    }
}

impl<'a> Ledger<'a> {
    /// Reads a kept ledger, and checks it to its last byte.
    ///
    /// # Errors
    /// [`Unreadable`]; the channel then begins anew.
    pub fn parse(head: &[u8], users: &'a [u8]) -> Result<Self, Unreadable> {
        let head = serde_json::from_slice(head).map_err(|_| Unreadable)?;
        let ledger = Self { head, users };
        let mut remembered = 0;
        ledger.visit(|_| remembered += 1)?;
        if remembered == ledger.head.remembered { Ok(ledger) } else { Err(Unreadable) }
    }

    /// When the roll call was taken that this ledger was kept with.
    pub fn taken_at(&self) -> Millis {
        self.head.taken_at
    }

    /// Shows each user, in no order.
    pub(crate) fn for_each_user(&self, show: impl FnMut(User<'_>)) {
        // `parse` has been over every byte.
        let _ = self.visit(show);
    }

    fn visit(&self, mut show: impl FnMut(User<'_>)) -> Result<(), Unreadable> {
        let Some((&FORM, mut blocks)) = self.users.split_first() else { return Err(Unreadable) };
        let mut unpacked = Vec::new();
        while !blocks.is_empty() {
            let (length, rest) = split_length(blocks)?;
            let (packed_length, rest) = split_length(rest)?;
            let (packed, rest) = rest.split_at_checked(packed_length).ok_or(Unreadable)?;
            if length > BLOCK_MAX {
                return Err(Unreadable);
            }
            unpacked.resize(length, 0);
            if lz4_flex::block::decompress_into(packed, &mut unpacked).ok() != Some(length) {
                return Err(Unreadable);
            }
            let mut records = Records { taken_at: self.head.taken_at, rest: &unpacked };
            while let Some(user) = records.next()? {
                show(user);
            }
            blocks = rest;
        }
        Ok(())
    }
}

fn split_length(bytes: &[u8]) -> Result<(usize, &[u8]), Unreadable> {
    let (length, rest) = bytes.split_first_chunk().ok_or(Unreadable)?;
    Ok((u32::from_le_bytes(*length) as usize, rest))
}

/// Reads users one by one.
struct Records<'a> {
    taken_at: Millis,
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    fn next(&mut self) -> Result<Option<User<'a>>, Unreadable> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let id = self.text()?;
        let info = self.text()?;
        let last_seen = self.taken_at.checked_sub(self.number()?).ok_or(Unreadable)?;
        let since = last_seen.checked_sub(self.number()?).ok_or(Unreadable)?;
        let standing = match self.number()? {
            0 => Standing::Left,
            answered_or_missed => {
                Standing::Missed(u32::try_from(answered_or_missed - 1).map_err(|_| Unreadable)?)
            }
        };
        Ok(Some(User { id, info, since, last_seen, standing }))
    }

    fn text(&mut self) -> Result<&'a str, Unreadable> {
        let length = usize::try_from(self.number()?).map_err(|_| Unreadable)?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Unreadable)?;
        self.rest = rest;
        std::str::from_utf8(text).map_err(|_| Unreadable)
    }

    /// Seven bits a byte, the lowest first; the high bit says that more follow.
    fn number(&mut self) -> Result<u64, Unreadable> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(Unreadable)?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift).ok_or(Unreadable)?;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Unreadable)
    }
}

/// Writes the users of the next ledger.
#[derive(Debug)]
pub(crate) struct Writer {
    taken_at: Millis,
    remembered: u64,
    block: Vec<u8>,
    users: Vec<u8>,
}

impl Writer {
    /// Begins the users of the roll call taken then.
    pub(crate) fn new(taken_at: Millis) -> Self {
        Self { taken_at, remembered: 0, block: Vec::new(), users: vec![FORM] }
    }

    /// Adds a user. Their times must not be later than the roll call, nor `since` later than `last_seen`.
    pub(crate) fn push(
        &mut self,
        id: &str,
        info: &Info,
        since: Millis,
        last_seen: Millis,
        standing: Standing,
    ) {
        self.remembered += 1;
        self.text(id);
        self.text(info.text());
        self.number(self.taken_at.saturating_sub(last_seen));
        self.number(last_seen.saturating_sub(since));
        self.number(match standing {
            Standing::Left => 0,
            Standing::Missed(missed) => u64::from(missed) + 1,
        });
        if self.block.len() >= BLOCK {
            self.close_block();
        }
    }

    /// How many users were added, and their bytes as they are to be kept.
    pub(crate) fn finish(mut self) -> (u64, Vec<u8>) {
        self.close_block();
        (self.remembered, self.users)
    }

    fn close_block(&mut self) {
        if self.block.is_empty() {
            return;
        }
        let packed = lz4_flex::block::compress(&self.block);
        for length in [self.block.len(), packed.len()] {
            self.users.extend_from_slice(&(length as u32).to_le_bytes());
        }
        self.users.extend_from_slice(&packed);
        self.block.clear();
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.block.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.block.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.block.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Peak;

    fn head(taken_at: Millis, remembered: u64) -> Vec<u8> {
        let peak = Peak { present: 1, at: taken_at };
        let peaks = Peaks { today: peak, ever: peak };
        let head = Head {
            taken_at,
            version_epoch: "e".into(),
            occupied: true,
            empty: 0,
            peaks,
            remembered,
        };
        serde_json::to_vec(&head).unwrap()
    }

    #[test]
    fn users_are_read_as_they_were_written() {
        let users = [
            User {
                id: "1",
                info: "",
                since: 0,
                last_seen: 1_790_000_000_000,
                standing: Standing::Missed(0),
            },
            User {
                id: "ü",
                info: "{\"name\":\"Ü\"}",
                since: 5,
                last_seen: 127,
                standing: Standing::Missed(u32::MAX),
            },
            User { id: "", info: "{}", since: 128, last_seen: 128, standing: Standing::Left },
        ];
        let mut writer = Writer::new(1_790_000_000_000);
        for user in users {
            writer.push(user.id, &Info::kept(user.info), user.since, user.last_seen, user.standing);
        }
        let (remembered, bytes) = writer.finish();
        let head = head(1_790_000_000_000, remembered);
        let ledger = Ledger::parse(&head, &bytes).unwrap();
        let mut read = Vec::new();
        ledger.for_each_user(|user| read.push(format!("{user:?}")));
        assert_eq!(read, users.map(|user| format!("{user:?}")));
        for end in 0..bytes.len() {
            assert_eq!(
                Ledger::parse(&head, &bytes[..end]).unwrap_err(),
                Unreadable,
                "cut at {end}"
            );
        }
    }

    #[test]
    fn many_users_take_little_room() {
        let mut writer = Writer::new(1_790_000_000_000);
        for n in 0..10_000 {
            let info = format!(
                "{{\"name\":\"Name {n}\",\"avatar\":\"https://example.com/avatars/{n}.png\"}}"
            );
            let since = 1_789_000_000_000 + n;
            writer.push(
                &n.to_string(),
                &Info::kept(&info),
                since,
                1_790_000_000_000,
                Standing::Missed(0),
            );
        }
        let (remembered, bytes) = writer.finish();
        assert!(bytes.len() < 40 * 10_000, "{}", bytes.len());
        let head = head(1_790_000_000_000, remembered);
        let mut n_users = 0;
        Ledger::parse(&head, &bytes).unwrap().for_each_user(|user| {
            assert_eq!(
                (user.id, user.since),
                (n_users.to_string().as_str(), 1_789_000_000_000 + n_users)
            );
            n_users += 1;
        });
        assert_eq!(n_users, 10_000);
    }

    #[test]
    fn what_is_no_ledger_is_unreadable() {
        for users in [
            &b""[..],
            b"\x02",
            b"{}",
            b"\x01\x05ab",
            b"\x01\xff\xff\xff\xff\x01\0\0\0\0",
            b"\x01\x09\0\0\0\x01\0\0\0\0",
        ] {
            assert_eq!(Ledger::parse(&head(7, 0), users).unwrap_err(), Unreadable, "{users:?}");
        }
        for head in [&b""[..], b"{}", b"[]", b"{\"taken_at\":-1}"] {
            assert_eq!(Ledger::parse(head, b"\x01").unwrap_err(), Unreadable, "{head:?}");
        }
    }
}
