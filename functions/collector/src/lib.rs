#![doc = include_str!("../README.md")]

mod config;
mod emf;
mod handler;

pub use config::Config;
pub use handler::handle;
