#![doc = include_str!("../README.md")]

mod caching;
mod config;
mod health;
mod presence;
mod problem;
mod routes;

pub use config::Config;
pub use routes::{Snapshot, routes};
