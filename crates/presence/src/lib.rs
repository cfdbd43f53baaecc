#![doc = include_str!("../README.md")]

mod census;
mod changes;
mod events;
mod glob;
mod guests;
mod info;
mod json;
mod ledger;
mod listing;
mod loose;
mod packed;
mod peaks;
mod period;
mod selection;
mod text;
mod time;
mod view;

pub use census::{Census, CensusTaker, Counts};
pub use changes::{Before, Changes, Comparison, Left, Rules, compare};
pub use events::{DETAIL_BYTES_MAX, Event, Kind, events};
pub use glob::Globs;
pub use guests::Guests;
pub use info::{Info, InfoFields};
pub use ledger::Head;
pub use listing::{LISTED_BYTES_MAX, Listing, Member};
pub use loose::IfObject;
pub use peaks::{Peak, Peaks};
pub use period::Period;
pub use time::{Clock, Millis};
pub use view::{Heading, Live, Views, views};
