//! What is remembered of a channel from one roll call to the next.
//!
//! A ledger has two parts: the head, a few facts, and the users, one record after the other in a compact binary form,
//! packed by LZ4 in blocks. The users of a big channel are read and written at every roll call: their form is one pass
//! without a table or an order, of which no more than a block is ever unpacked. Infos resemble each other, so what goes
//! to Redis and back, and is copied on the way, is several times shorter. It holds no guests and no hidden users.

use crate::Millis;
use crate::info::Fingerprint;
use crate::packed::{Packed, Unreadable, push_number, push_text};
use crate::peaks::{Peak, Peaks};

/// The first byte of a head; another one is another form. Redis keeps what is below 65 bytes in the most compact way
/// that it has, which a head is: thousands of channels cost little.
const HEAD_FORM: u8 = 1;
const HEAD_BYTES_MAX: usize = 64;
/// The first byte of the users. Blocks follow: the length unpacked and the length packed, 32 bits each, little endian,
/// then the packed bytes. Where both lengths are the same, the block stands there as it is.
const USERS_FORM: u8 = 2;
/// A block that is shorter is not worth packing.
const PACKED_FROM: usize = 2048;
/// A block is closed when it is at least that long.
const BLOCK: usize = 64 * 1024;
/// What a user takes in a block, about.
const USER_BYTES: usize = 128;
/// No block is longer: a record is never half as long as this.
const BLOCK_MAX: usize = 4 * 1024 * 1024;

/// The facts of a channel as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// When the roll call was taken.
    pub(crate) taken_at: Millis,
    /// Names this life of the ledger, so that Centrifugo does not weigh its versions against those of an earlier one.
    pub(crate) version_epoch: Millis,
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
pub(crate) struct Ledger<'a> {
    pub(crate) head: Head,
    users: &'a [u8],
}

/// A user who is, or was lately, in the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User<'a> {
    pub(crate) id: &'a str,
    /// What was shown last.
    pub(crate) info: &'a str,
    /// What that was read from; 0 for nothing.
    pub(crate) read_from: Fingerprint,
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

impl Head {
    /// The head as it is to be kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { taken_at, version_epoch, occupied, empty, peaks, remembered } = self;
        let mut bytes = Vec::with_capacity(HEAD_BYTES_MAX);
        bytes.push(HEAD_FORM);
        let Peaks { today, ever } = peaks;
        for number in [
            *taken_at,
            *version_epoch,
            u64::from(*occupied),
            u64::from(*empty),
            today.present,
            today.at,
            ever.present,
            ever.at,
            *remembered,
        ] {
            push_number(&mut bytes, number);
        }
        bytes
    }

    fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let Some((&HEAD_FORM, numbers)) = bytes.split_first() else { return Err(Unreadable) };
        let mut numbers = Packed(numbers);
        let head = Self {
            taken_at: numbers.number()?,
            version_epoch: numbers.number()?,
            occupied: numbers.number()? == 1,
            empty: numbers.small()?,
            peaks: Peaks { today: peak(&mut numbers)?, ever: peak(&mut numbers)? },
            remembered: numbers.number()?,
        };
        if numbers.is_empty() { Ok(head) } else { Err(Unreadable) }
    }

    /// The epoch of the versions that views are published under.
    pub fn version_epoch(&self) -> Millis {
        self.version_epoch
    }

    /// The records, this roll call included.
    pub fn peaks(&self) -> &Peaks {
        &self.peaks
    }
}

fn peak(numbers: &mut Packed<'_>) -> Result<Peak, Unreadable> {
    Ok(Peak { present: numbers.number()?, at: numbers.number()? })
}

impl<'a> Ledger<'a> {
    /// A kept ledger, as far as its head tells; its users are read when they are compared.
    ///
    /// # Errors
    /// [`Unreadable`]; the channel then begins anew.
    pub(crate) fn parse(head: &[u8], users: &'a [u8]) -> Result<Self, Unreadable> {
        Ok(Self { head: Head::parse(head)?, users })
    }

    /// Shows each user, in no order.
    ///
    /// # Errors
    /// [`Unreadable`], maybe after some have been shown: the ledger is cut in the middle, or is something else.
    pub(crate) fn for_each_user(&self, mut show: impl FnMut(User<'_>)) -> Result<(), Unreadable> {
        let Some((&USERS_FORM, mut blocks)) = self.users.split_first() else {
            return Err(Unreadable);
        };
        let (mut unpacked, mut remembered) = (Vec::new(), 0);
        while !blocks.is_empty() {
            let (length, rest) = split_length(blocks)?;
            let (packed_length, rest) = split_length(rest)?;
            let (packed, rest) = rest.split_at_checked(packed_length).ok_or(Unreadable)?;
            if length > BLOCK_MAX {
                return Err(Unreadable);
            }
            let mut records = if packed_length == length {
                Packed(packed)
            } else {
                unpacked.resize(length, 0);
                if lz4_flex::block::decompress_into(packed, &mut unpacked).ok() != Some(length) {
                    return Err(Unreadable);
                }
                Packed(&unpacked)
            };
            while !records.is_empty() {
                show(User::read(&mut records, self.head.taken_at)?);
                remembered += 1;
            }
            blocks = rest;
        }
        if remembered == self.head.remembered { Ok(()) } else { Err(Unreadable) }
    }
}

fn split_length(bytes: &[u8]) -> Result<(usize, &[u8]), Unreadable> {
    let (length, rest) = bytes.split_first_chunk().ok_or(Unreadable)?;
    Ok((u32::from_le_bytes(*length) as usize, rest))
}

impl<'a> User<'a> {
    /// Reads the next record; its times stand as distances from the roll call at `taken_at`.
    fn read(records: &mut Packed<'a>, taken_at: Millis) -> Result<Self, Unreadable> {
        let id = records.text()?;
        let info = records.text()?;
        let read_from = u64::from_le_bytes(records.bytes()?);
        let last_seen = taken_at.checked_sub(records.number()?).ok_or(Unreadable)?;
        let since = last_seen.checked_sub(records.number()?).ok_or(Unreadable)?;
        let standing = match records.small::<u32>()? {
            0 => Standing::Left,
            answered_or_missed => Standing::Missed(answered_or_missed - 1),
        };
        Ok(Self { id, info, read_from, since, last_seen, standing })
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
    /// Begins the users of the roll call taken then, who are about so many.
    pub(crate) fn new(taken_at: Millis, n_users: usize) -> Self {
        let block = Vec::with_capacity((n_users * USER_BYTES).min(BLOCK + BLOCK / 8));
        Self { taken_at, remembered: 0, block, users: vec![USERS_FORM] }
    }

    /// Adds a user. Their times must not be later than the roll call, nor `since` later than `last_seen`.
    pub(crate) fn push(&mut self, user: User<'_>) {
        let User { id, info, read_from, since, last_seen, standing } = user;
        self.remembered += 1;
        push_text(&mut self.block, id);
        push_text(&mut self.block, info);
        self.block.extend_from_slice(&read_from.to_le_bytes());
        push_number(&mut self.block, self.taken_at.saturating_sub(last_seen));
        push_number(&mut self.block, last_seen.saturating_sub(since));
        let standing = match standing {
            Standing::Left => 0,
            Standing::Missed(missed) => u64::from(missed) + 1,
        };
        push_number(&mut self.block, standing);
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
        let packed = match self.block.len() {
            PACKED_FROM.. => lz4_flex::block::compress(&self.block),
            _ => Vec::new(),
        };
        let is_shorter = (1..self.block.len()).contains(&packed.len());
        let kept = if is_shorter { &packed } else { &self.block };
        self.users.reserve(2 * size_of::<u32>() + kept.len());
        for length in [self.block.len(), kept.len()] {
            self.users.extend_from_slice(&(length as u32).to_le_bytes());
        }
        self.users.extend_from_slice(kept);
        self.block.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(taken_at: Millis, remembered: u64) -> Vec<u8> {
        let peak = Peak { present: 1, at: taken_at };
        let peaks = Peaks { today: peak, ever: peak };
        let head =
            Head { taken_at, version_epoch: taken_at, occupied: true, empty: 0, peaks, remembered };
        head.to_bytes()
    }

    /// Reads a ledger to its last byte.
    fn read(head: &[u8], users: &[u8]) -> Result<Vec<String>, Unreadable> {
        let mut read = Vec::new();
        Ledger::parse(head, users)?.for_each_user(|user| read.push(format!("{user:?}")))?;
        Ok(read)
    }

    #[test]
    fn users_are_read_as_they_were_written() {
        let users = [
            User {
                id: "1",
                info: "",
                read_from: 0,
                since: 0,
                last_seen: 1_790_000_000_000,
                standing: Standing::Missed(0),
            },
            User {
                id: "ü",
                info: "{\"name\":\"Ü\"}",
                read_from: u64::MAX,
                since: 5,
                last_seen: 127,
                standing: Standing::Missed(u32::MAX - 1),
            },
            User {
                id: "",
                info: "{}",
                read_from: 1,
                since: 128,
                last_seen: 128,
                standing: Standing::Left,
            },
        ];
        let mut writer = Writer::new(1_790_000_000_000, 0);
        for user in users {
            writer.push(user);
        }
        let (remembered, bytes) = writer.finish();
        let head = head(1_790_000_000_000, remembered);
        assert_eq!(read(&head, &bytes).unwrap(), users.map(|user| format!("{user:?}")));
        for end in 0..bytes.len() {
            assert_eq!(read(&head, &bytes[..end]), Err(Unreadable), "cut at {end}");
        }
    }

    #[test]
    fn many_users_take_little_room() {
        let mut writer = Writer::new(1_790_000_000_000, 10_000);
        for n in 0..10_000_u64 {
            let info = format!(
                "{{\"name\":\"Name {n}\",\"avatar\":\"https://example.com/avatars/{n}.png\"}}"
            );
            let since = 1_789_000_000_000 + n;
            writer.push(User {
                id: &n.to_string(),
                info: &info,
                read_from: n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                since,
                last_seen: 1_790_000_000_000,
                standing: Standing::Missed(0),
            });
        }
        let (remembered, bytes) = writer.finish();
        assert!(bytes.len() < 40 * 10_000, "{}", bytes.len());
        let head = head(1_790_000_000_000, remembered);
        let mut n_users = 0;
        let ledger = Ledger::parse(&head, &bytes).unwrap();
        let whole = ledger.for_each_user(|user| {
            assert_eq!(
                (user.id, user.since),
                (n_users.to_string().as_str(), 1_789_000_000_000 + n_users)
            );
            n_users += 1;
        });
        assert_eq!((whole, n_users), (Ok(()), 10_000));
    }

    #[test]
    fn a_head_is_short_enough_for_the_compact_form_of_redis() {
        let peak = Peak { present: u64::from(u32::MAX), at: 1_790_000_000_000 };
        let head = Head {
            taken_at: 1_790_000_000_000,
            version_epoch: 1_790_000_000_000,
            occupied: true,
            empty: 3600,
            peaks: Peaks { today: peak, ever: peak },
            remembered: u64::from(u32::MAX),
        };
        assert!(head.to_bytes().len() <= HEAD_BYTES_MAX, "{}", head.to_bytes().len());
    }

    #[test]
    fn what_is_no_ledger_is_unreadable() {
        for users in [
            &b""[..],
            b"\x01",
            b"{}",
            b"\x02\x05ab",
            b"\x02\xff\xff\xff\xff\x01\0\0\0\0",
            b"\x02\x09\0\0\0\x01\0\0\0\0",
        ] {
            assert_eq!(read(&head(7, 0), users), Err(Unreadable), "{users:?}");
        }
        let good = head(7, 0);
        assert_eq!(read(&good, b"\x02"), Ok(Vec::new()));
        for length in 0..good.len() {
            assert_eq!(read(&good[..length], b"\x02"), Err(Unreadable));
        }
        for head in [&[&good[..], b"\0"].concat()[..], b"{}", b"[]", b"{\"taken_at\":-1}"] {
            assert_eq!(read(head, b"\x02"), Err(Unreadable), "{head:?}");
        }
    }
}
