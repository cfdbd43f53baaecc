#![doc = include_str!("../README.md")]

mod announce;
mod config;
mod event_bus;
mod handler;
mod metrics;
mod publish;
mod report;
mod roll_call;
mod schedule;
mod take;
mod watched;

pub use config::Config;
pub use event_bus::EventBus;
pub use handler::{handle, invocation};
pub use metrics::line as metrics_line;
pub use report::{Failed, NothingCommitted, Report, RollCallReport, Spent};
pub use roll_call::Collector;
pub use schedule::begins;
