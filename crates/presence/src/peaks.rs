//! The most who were present.

use serde::Serialize;

use crate::Millis;

const DAY: Millis = 24 * 60 * 60 * 1000;

/// The most who were present at one roll call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Peak {
    /// How many.
    pub present: u64,
    /// When.
    pub at: Millis,
}

/// Records of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Peaks {
    /// Of this UTC day.
    pub today: Peak,
    /// Of all days.
    pub ever: Peak,
}

impl Peaks {
    /// The records after a roll call at which so many were present. Records from the future, left by a broken clock, are
    /// of now.
    pub(crate) fn after(before: Option<&Self>, now: Peak) -> Self {
        let Some(Self { today, ever }) = before else { return Self { today: now, ever: now } };
        let higher = |peak: &Peak| {
            if now.present > peak.present { now } else { Peak { at: peak.at.min(now.at), ..*peak } }
        };
        let same_day = today.at.min(now.at) / DAY == now.at / DAY;
        Self { today: if same_day { higher(today) } else { now }, ever: higher(ever) }
    }

    /// The record that so many present pass; none where nobody was ever there.
    pub(crate) fn passed_by(&self, present: u64) -> Option<Peak> {
        Some(self.ever).filter(|ever| ever.present > 0 && present > ever.present)
    }
}
