#![doc = include_str!("../README.md")]

mod census;
mod glob;
mod info;
mod scope;
mod text;
mod view;

pub use census::{Census, CensusOf, Counts, Present};
pub use glob::{BadGlob, Glob, split_list};
pub use info::{Info, InfoFields};
pub use scope::{Guests, Period, PublishTo, Scope, Visibility, Watch};
pub use view::{LISTED_BYTES_MAX, Listing, Live, Member, Peak, Peaks, RollCall, Views, views};

/// A moment: milliseconds since the Unix epoch.
pub type Millis = u64;
