#![doc = include_str!("../README.md")]

mod config;
mod message;
mod webhook;

pub use config::Config;
pub use webhook::Webhook;
