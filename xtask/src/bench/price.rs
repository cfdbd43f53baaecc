//! What a roll call a minute costs in AWS Lambda.

/// Dollars for a gigabyte-second on arm64, and for a request (us-east-1).
const GB_SECOND: f64 = 0.000_013_333_4;
const REQUEST: f64 = 0.20 / 1e6;

/// Roll calls in thirty days.
const A_MONTH: f64 = 30.0 * 24.0 * 60.0;

/// Memory, in MB, with which a function gets one whole core; with less it gets as much less of one.
const CORE: f64 = 1769.0;

/// The smallest size, in MB, of a function that holds so much and a third more, among those that double from 128.
pub(crate) fn memory_mb(peak_bytes: f64) -> f64 {
    let needed = peak_bytes * 4.0 / 3.0 / (1024.0 * 1024.0);
    let mut size = 128.0;
    while size < needed {
        size *= 2.0;
    }
    size
}

/// Dollars a month. The time that is paid for is what the function takes with its share of a core, and never less than it
/// waits.
pub(crate) fn dollars(wall_ms: f64, cpu_ms: f64, peak_bytes: f64) -> f64 {
    let memory = memory_mb(peak_bytes);
    let milliseconds = wall_ms.max(cpu_ms * CORE / memory).ceil();
    A_MONTH * (milliseconds / 1000.0 * memory / 1024.0 * GB_SECOND + REQUEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: f64 = 1024.0 * 1024.0;

    #[test]
    fn a_function_is_as_big_as_it_must_be() {
        assert_eq!(memory_mb(10.0 * MB), 128.0);
        assert_eq!(memory_mb(96.0 * MB), 128.0);
        assert_eq!(memory_mb(97.0 * MB), 256.0);
        assert_eq!(memory_mb(700.0 * MB), 1024.0);
    }

    #[test]
    fn a_small_function_pays_for_its_slowness() {
        let idle = dollars(100.0, 0.0, MB);
        assert!((idle - A_MONTH * (0.1 * 0.125 * GB_SECOND + REQUEST)).abs() < 1e-9);
        let busy = dollars(100.0, 100.0, MB);
        assert!((busy - A_MONTH * (1.383 * 0.125 * GB_SECOND + REQUEST)).abs() < 1e-9);
    }
}
