#![doc = include_str!("../README.md")]

mod answer;
mod bucket;
mod handler;
mod request;

pub use handler::{Site, handle};
