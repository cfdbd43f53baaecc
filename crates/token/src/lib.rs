#![doc = include_str!("../README.md")]

mod claims;
mod config;
mod error;
mod holder;
mod jwks;
mod key;
mod trial;
mod verifier;

pub use config::Config;
pub use error::Error;
pub use holder::Holder;
pub use verifier::Verifier;
