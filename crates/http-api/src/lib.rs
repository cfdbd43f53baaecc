#![doc = include_str!("../README.md")]

mod answer;
mod badge;
mod caching;
mod channel;
mod config;
mod guard;
mod headers;
mod health;
mod history;
mod log;
mod many;
mod memory;
mod problem;
mod query;
mod reader;
mod routes;

pub use caching::is_known;
pub use config::Config;
pub use reader::Reader;
pub use routes::routes;
