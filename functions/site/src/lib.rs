#![doc = include_str!("../README.md")]

mod answer;
mod bucket;
mod files;
mod handler;
mod request;

pub use files::{FILES, File};
pub use handler::{Site, handle};
