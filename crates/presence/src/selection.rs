//! The first few of many, without a list of the many.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Keeps, of what it is offered, the `most` items whose keys are the smallest.
#[derive(Debug)]
pub(crate) struct Selection<K, T> {
    most: usize,
    kept: BinaryHeap<Ranked<K, T>>,
}

/// An item in the order of its key.
#[derive(Debug)]
struct Ranked<K, T> {
    key: K,
    item: T,
}

impl<K: Ord, T> Selection<K, T> {
    /// Keeps `most` of what will be about so many.
    pub(crate) fn of(most: usize, offered: usize) -> Self {
        Self { most, kept: BinaryHeap::with_capacity(most.min(offered)) }
    }

    /// Whether an item would be kept whose key is smaller than another one as `is_before` says: so that it need not be
    /// made where it would not.
    pub(crate) fn keeps(&self, is_before: impl FnOnce(&K) -> bool) -> bool {
        self.kept.len() < self.most || self.kept.peek().is_some_and(|last| is_before(&last.key))
    }

    pub(crate) fn offer(&mut self, key: K, item: T) {
        if !self.keeps(|last| key < *last) {
            return;
        }
        if self.kept.len() == self.most {
            self.kept.pop();
        }
        self.kept.push(Ranked { key, item });
    }

    /// What was kept, the smallest key first.
    pub(crate) fn into_sorted(self) -> impl Iterator<Item = (K, T)> {
        self.kept.into_sorted_vec().into_iter().map(|Ranked { key, item }| (key, item))
    }
}

impl<K: Ord, T> Ord for Ranked<K, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl<K: Ord, T> PartialOrd for Ranked<K, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, T> Eq for Ranked<K, T> {}

impl<K: Ord, T> PartialEq for Ranked<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
