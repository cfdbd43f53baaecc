//! What is answered: a body, and which roll call it tells of.

use axum::body::Bytes;
use presence::Millis;
use store::{Kept, ViewKind};

/// What is kept of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    View(ViewKind),
    History,
}

impl Kind {
    pub(crate) const COUNTS: Self = Self::View(ViewKind::Counts);
    pub(crate) const MEMBERS: Self = Self::View(ViewKind::Members);
    /// How many kinds there are.
    pub(crate) const N: usize = 3;

    /// Its place among all kinds.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::COUNTS => 0,
            Self::MEMBERS => 1,
            Self::History => 2,
        }
    }

    /// Its name in entity tags.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::View(kind) => kind.name(),
            Self::History => "history",
        }
    }
}

/// A body and the roll call that it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) taken_at: Millis,
    pub(crate) body: Bytes,
}

impl From<Kept> for Answer {
    fn from(Kept { taken_at, view }: Kept) -> Self {
        Self { taken_at, body: view }
    }
}
