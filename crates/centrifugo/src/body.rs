//! The bodies of answers.
//!
//! A roll call reads thousands of answers of some hundred kilobytes. Memory for them that is given back each time comes anew from
//! the kernel, page by page, which takes as long as reading them: so what one answer has grown to serves the next.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that wait for the next answers.
#[derive(Debug, Clone)]
pub(crate) struct Bodies {
    waiting: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Bytes that may wait; what is more is given back.
    most: usize,
}

/// The body of an answer, as text.
pub(crate) struct Body {
    text: String,
    bodies: Bodies,
}

impl Bodies {
    pub(crate) fn new(most: usize) -> Self {
        Self { waiting: Arc::default(), most }
    }

    /// An empty buffer, the greatest that waits.
    pub(crate) fn take(&self) -> Vec<u8> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.sort_unstable_by_key(Vec::capacity);
        waiting.pop().unwrap_or_default()
    }

    fn keep(&self, mut buffer: Vec<u8>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: usize = waiting.iter().map(Vec::capacity).sum();
        if kept + buffer.capacity() <= self.most {
            buffer.clear();
            waiting.push(buffer);
        }
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
        self.bodies.keep(std::mem::take(&mut self.text).into_bytes());
    }
}
