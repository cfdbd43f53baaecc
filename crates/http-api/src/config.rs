//! The variables of the routes, but for those of Redis.

use scope::Scope;
use settings::Reader;

/// Everything that the routes are told.
#[derive(Debug, Clone)]
pub struct Config {
    /// What all processes share.
    pub scope: Scope,
    /// By what tokens are verified; `None`: no token is good.
    pub tokens: Option<token::Config>,
}

impl Config {
    /// Reads the variables; `None` where one of the scope is wrong. What is wrong is remembered by `reader`.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let scope = Scope::read(reader);
        let tokens = token::Config::read(reader);
        Some(Self { scope: scope?, tokens })
    }
}
