//! The first few of many, without a list of the many.

use std::collections::BinaryHeap;

/// Keeps the smallest `most` of what it is offered.
#[derive(Debug)]
pub(crate) struct Selection<T> {
    most: usize,
    kept: BinaryHeap<T>,
}

impl<T: Ord> Selection<T> {
    pub(crate) fn of(most: usize) -> Self {
        Self { most, kept: BinaryHeap::new() }
    }

    pub(crate) fn offer(&mut self, item: T) {
        if self.kept.len() < self.most {
            self.kept.push(item);
        } else if self.kept.peek().is_some_and(|greatest| item < *greatest) {
            self.kept.pop();
            self.kept.push(item);
        }
    }

    pub(crate) fn into_sorted(self) -> Vec<T> {
        self.kept.into_sorted_vec()
    }
}
