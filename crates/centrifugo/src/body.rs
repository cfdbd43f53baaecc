//! The bodies of answers.
//!
//! A roll call reads thousands of answers of some hundred kilobytes. Memory for them that is given back each time comes anew from
//! the kernel, page by page, which takes as long as reading them: so what one answer has grown to serves the next.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// More is given back: it was an uncommonly big answer, and need not stay in memory until the next.
const KEPT_MAX: usize = 2 * 1024 * 1024;

/// Buffers that wait for the next answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bodies(Arc<Mutex<Vec<Vec<u8>>>>);

/// The body of an answer, as text.
pub(crate) struct Body {
    text: String,
    bodies: Bodies,
}

impl Bodies {
    /// An empty buffer.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }
}

impl Body {
    /// Infos go from token to presence as they are, even where they are no UTF-8: that costs them their bad bytes.
    pub(crate) fn of(bytes: Vec<u8>, bodies: &Bodies) -> Self {
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Self { text, bodies: bodies.clone() }
    }
}

impl Deref for Body {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.text).into_bytes();
        if buffer.capacity() <= KEPT_MAX {
            buffer.clear();
            self.bodies.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}
