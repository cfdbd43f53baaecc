//! From one roll call to the next.

use crate::Millis;

/// Seconds from one roll call to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(u32);

impl Period {
    /// A period that divides a minute into whole roll calls: 60, 30, 20, 15 or 10 seconds; `None` for all others.
    pub fn from_seconds(seconds: u32) -> Option<Self> {
        matches!(seconds, 60 | 30 | 20 | 15 | 10).then_some(Self(seconds))
    }

    /// The period in seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }

    /// The period in milliseconds.
    pub fn millis(self) -> Millis {
        Millis::from(self.0) * 1000
    }
}

/// A minute.
impl Default for Period {
    fn default() -> Self {
        Self(60)
    }
}
