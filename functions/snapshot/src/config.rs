//! The snapshot function's variables.

use ::presence::Scope;
use settings::{Problems, Reader};

/// Everything that the function is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// What it shares with the collector.
    pub scope: Scope,
    /// Where Redis is.
    pub store: store::Config,
    /// By what tokens are verified; `None`: no token is good.
    pub tokens: Option<token::Config>,
}

impl Config {
    /// Reads and checks all variables.
    ///
    /// # Errors
    /// Every wrong one, with what is wrong.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut reader = Reader::new(lookup);
        let scope = Scope::read(&mut reader);
        let store = store::Config::read(&mut reader);
        let tokens = token::Config::read(&mut reader);
        let value = scope.zip(store).map(|(scope, store)| Self { scope, store, tokens });
        reader.finish(value)
    }
}
