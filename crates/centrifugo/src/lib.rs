#![doc = include_str!("../README.md")]

mod batch;
mod body;
mod channels;
mod config;
mod error;
mod http;
mod inspect;
mod presence;
mod publish;

pub use config::Config;
pub use error::Error;
pub use http::Client;
pub use inspect::Node;
pub use presence::PresenceAnswer;
pub use publish::Publication;
