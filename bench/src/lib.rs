#![doc = include_str!("../README.md")]

pub mod crowd;
pub mod side;
