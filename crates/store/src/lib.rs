#![doc = include_str!("../README.md")]

mod commit;
mod config;
mod connection;
mod view;

pub use commit::{Commit, Outcome};
pub use config::Config;
pub use connection::{Error, Patience, Store};
pub use view::{Kept, ViewKind};
