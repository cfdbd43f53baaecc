//! What is looked at after each roll call: everything that leaves.

mod kept;
mod publications;
mod reports;
mod routes;

pub(crate) use kept::{first_roll_call_is_not_through, kept_views};
pub(crate) use publications::Publications;
pub(crate) use reports::{Calm, calm, must_be_taken, reports};
pub(crate) use routes::Routes;
