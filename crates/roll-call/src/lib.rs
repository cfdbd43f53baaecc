#![doc = include_str!("../README.md")]

mod announce;
mod announcer;
mod batch;
mod calls;
mod config;
mod failure;
mod failures;
mod freshness;
mod hand_out;
mod listing;
mod plan;
mod progress;
mod publish;
mod report;
mod rest;
mod roll_call;
mod schedule;
mod shard;
mod spent;
mod start;
mod take;
mod watched;

pub use announcer::Announcer;
pub use calls::Verdicts;
pub use config::Config;
pub use failure::{Failed, NothingCommitted, Step};
pub use report::{Number, Report, RollCallReport, Seen, Unit};
pub use roll_call::Collector;
pub use shard::{Shard, ShardBus};
pub use spent::Spent;
pub use start::{minute, once, shard};
