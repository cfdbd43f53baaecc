#![doc = include_str!("../README.md")]

mod config;
mod handler;
mod report;
mod roll_call;
mod watched;

pub use config::Config;
pub use handler::handle;
pub use report::{Failed, NothingCommitted, Report, RollCallReport};
pub use roll_call::Collector;
