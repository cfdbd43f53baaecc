#![doc = include_str!("../README.md")]

mod avatar;
mod canned;
mod centrifugo;
mod eventually;
mod functions;
mod http;
mod moto;
mod ports;
mod process;
mod redis_server;
mod scratch;
mod site;
mod token;
pub mod tools;
mod visitor;
mod workspace;

pub use canned::{Answer, Canned};
pub use centrifugo::Centrifugo;
pub use eventually::eventually;
pub use functions::{Functions, VARIABLES};
pub use http::client as http_client;
pub use moto::Moto;
pub use process::{Process, run};
pub use redis_server::Redis;
pub use scratch::scratch;
pub use site::Site;
pub use token::{now_seconds, sign};
pub use visitor::{Publication, Visit, Visitor};
pub use workspace::{command, root, target};
