#![doc = include_str!("../README.md")]

pub mod crowd;
#[cfg(feature = "sides")]
pub mod side;
