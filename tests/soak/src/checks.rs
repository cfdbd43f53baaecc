//! What is looked at after each roll call: everything that leaves.

mod kept;
mod publications;
mod reports;
mod routes;

pub(crate) use kept::{kept_views, known_channels, remembered};
pub(crate) use publications::Publications;
pub(crate) use reports::{Calm, calm, must_be_taken, reports};
pub(crate) use routes::Routes;
