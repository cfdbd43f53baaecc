#![doc = include_str!("../README.md")]

mod collector;
pub mod config;
mod listen;
mod output;
mod program;
mod take;

pub use program::run;
