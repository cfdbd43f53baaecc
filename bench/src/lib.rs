#![doc = include_str!("../README.md")]

pub mod crowd;
pub mod scale;
#[cfg(feature = "sides")]
pub mod side;
