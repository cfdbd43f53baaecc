//! The outside programs: found on this machine, else fetched once into `target/tools`.
//!
//! Every function answers at once when the program is there. What takes time is told to a
//! [`Report`]; a lock file lets one of several processes do the work while the others wait.

mod apt_get;
mod aws;
mod buildah;
mod cargo_lambda;
mod centrifugo;
mod chromium;
mod debian;
mod found;
mod go;
mod gungraun_runner;
mod lock;
mod maturin;
mod npm;
mod qemu;
mod redis_server;
mod rust_target;
mod schemathesis;
mod systemd_analyze;
mod valgrind;
mod venv;

pub use aws::{checkov, moto_python, moto_server, sam};
pub use buildah::buildah;
pub use cargo_lambda::cargo_lambda;
pub use centrifugo::centrifugo;
pub use chromium::chromium;
pub use debian::{nginx, prometheus};
pub use found::{on_path, path_with};
pub use go::go_build;
pub use gungraun_runner::gungraun_runner;
pub use maturin::maturin;
pub use npm::npm_ci;
pub use qemu::qemu_aarch64;
pub use redis_server::redis_server;
pub use rust_target::rust_target;
pub use schemathesis::schemathesis;
pub use systemd_analyze::systemd_analyze;
pub use valgrind::valgrind;
pub use venv::python_of;

use std::time::Duration;

/// The longest that one download or build may take.
const WORK: Duration = Duration::from_secs(30 * 60);

/// Is told what takes time.
pub trait Report: Sync {
    /// A step has begun, e.g. `building Centrifugo 6.9.6`.
    fn step(&self, what: &str);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Report for Silent {
    fn step(&self, _what: &str) {}
}
