#![doc = include_str!("../README.md")]

mod census;
mod changes;
mod events;
mod glob;
mod info;
mod ledger;
mod scope;
mod selection;
mod text;
mod view;

pub use census::{Census, CensusOf, Counts};
pub use changes::{Before, Changes, Comparison, Left, Rules, compare};
pub use events::{DETAIL_BYTES_MAX, Event, events};
pub use info::{Info, InfoFields};
pub use ledger::{Head, Ledger, Unreadable};
pub use scope::{Guests, Period, PublishTo, Scope, Visibility, Watch};
pub use view::{
    LISTED_BYTES_MAX, Listing, Live, Member, Peak, Peaks, Recent, RollCall, Views, views,
};

/// A moment: milliseconds since the Unix epoch.
pub type Millis = u64;
