#![doc = include_str!("../README.md")]

mod avatar;
mod canned;
mod centrifugo;
mod eventually;
mod fault_proxy;
mod functions;
mod hook;
mod http;
mod moto;
mod ports;
mod process;
mod redis_server;
mod sandbox;
mod scratch;
mod site;
mod token;
pub mod tools;
mod visitor;
mod workspace;

pub use canned::{Answer, Canned};
pub use centrifugo::Centrifugo;
pub use eventually::eventually;
pub use fault_proxy::{Fault, FaultProxy};
pub use functions::{Functions, VARIABLES};
pub use hook::{Hook, Message, Reception};
pub use http::client as http_client;
pub use moto::{Moto, Queue, aws_at, told_under};
pub use process::{Process, run};
pub use redis_server::Redis;
pub use sandbox::{Answered, Sandbox};
pub use scratch::scratch;
pub use site::Site;
pub use token::{now_seconds, sign};
pub use visitor::{Publication, Visit, Visitor};
pub use workspace::{command, root, target};
