#![doc = include_str!("../README.md")]

mod channels;
mod commit;
mod config;
mod connection;
mod history;
mod iam;
mod inspect;
mod ledger;
mod outbox;
mod script;
mod view;

pub use channels::{KnownChannels, Mentions};
pub use commit::{Commit, Committed, Outcome};
pub use config::Config;
pub use connection::{Error, Patience, Store};
pub use history::History;
pub use inspect::About;
pub use ledger::KeptLedger;
pub use outbox::Untaken;
pub use view::{Kept, ViewKind};
