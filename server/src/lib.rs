#![doc = include_str!("../README.md")]

mod check;
mod collector;
mod config;
mod connections;
mod demo;
mod files;
mod listen;
mod metrics;
mod output;
mod program;
mod roll_calls;
mod serve;
mod site;
mod stop;
mod take;
mod timetable;

pub use program::run;
