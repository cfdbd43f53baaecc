#![doc = include_str!("../README.md")]

mod announce;
mod announcer;
mod batch;
mod config;
mod failure;
mod minute;
mod progress;
mod publish;
mod report;
mod rest;
mod roll_call;
mod schedule;
mod spent;
mod take;
mod watched;

pub use announcer::{Announcer, Verdicts};
pub use config::Config;
pub use failure::{Failed, NothingCommitted, Step};
pub use minute::minute;
pub use report::{Number, Report, RollCallReport, Unit};
pub use roll_call::Collector;
pub use spent::Spent;
