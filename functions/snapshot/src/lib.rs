#![doc = include_str!("../README.md")]

mod badge;
mod caching;
mod config;
mod guard;
mod health;
mod history;
mod many;
mod memory;
mod presence;
mod problem;
mod query;
mod routes;
mod snapshot;

pub use config::Config;
pub use routes::routes;
pub use snapshot::{Clock, Snapshot};
