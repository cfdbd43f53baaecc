//! Medians and ranges.

use serde::Serialize;

/// What became of a number over the rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Summary {
    /// `None` of nothing.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut numbers: Vec<f64> = numbers.into_iter().collect();
        numbers.sort_by(f64::total_cmp);
        let (least, most) = (*numbers.first()?, *numbers.last()?);
        let middle = numbers.len() / 2;
        let median = if numbers.len() % 2 == 1 {
            numbers[middle]
        } else {
            f64::midpoint(numbers[middle - 1], numbers[middle])
        };
        Some(Self { median, least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_and_the_range_at_the_ends() {
        let summary = |numbers: &[f64]| Summary::of(numbers.iter().copied());
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(&[3.0]), Some(Summary { median: 3.0, least: 3.0, most: 3.0 }));
        let odd = Summary { median: 2.0, least: 1.0, most: 90.0 };
        assert_eq!(summary(&[90.0, 1.0, 2.0]), Some(odd));
        assert_eq!(summary(&[4.0, 1.0, 2.0, 90.0]).unwrap().median, 3.0);
    }
}
