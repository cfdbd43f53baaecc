#![doc = include_str!("../README.md")]

mod claims;
mod config;
mod jwks;
mod key;
mod verifier;

pub use config::Config;
pub use verifier::{Error, Verifier};
