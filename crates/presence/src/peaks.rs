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
    /// The records after a roll call at which so many were present.
    pub(crate) fn after(before: Option<&Self>, now: Peak) -> Self {
        let Some(Self { today, ever }) = before else { return Self { today: now, ever: now } };
        let higher = |peak: &Peak| if now.present > peak.present { now } else { peak.by(now.at) };
        let same_day = today.at.min(now.at) / DAY == now.at / DAY;
        Self { today: if same_day { higher(today) } else { now }, ever: higher(ever) }
    }

    /// The record that is passed now; none where nobody was ever there.
    pub(crate) fn passed_by(&self, now: Peak) -> Option<Peak> {
        let ever = self.ever.by(now.at);
        Some(ever).filter(|ever| ever.present > 0 && now.present > ever.present)
    }
}

impl Peak {
    /// The same as it is told at that moment: one from the future, left by a broken clock, is of now.
    fn by(self, now: Millis) -> Self {
        Self { at: self.at.min(now), ..self }
    }
}
