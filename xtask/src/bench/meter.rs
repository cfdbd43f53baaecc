//! What a process has used, as Linux tells it.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// The CPU that a process and its descendants have used so far, in user and system, ended threads included.
///
/// Read from the process's own clock: `/proc/<id>/stat` counts in hundredths of a second, and a small roll call takes less.
pub(crate) fn cpu(id: u32) -> Result<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(id.cast_signed()))
        .with_context(|| format!("process {id} has no clock"))?;
    let mut used = Duration::from(clock_gettime(clock)?);
    for child in children(id) {
        used += cpu(child).unwrap_or_default();
    }
    Ok(used)
}

/// The most memory that a process has held since [`forget_peak`], in bytes.
pub(crate) fn peak(id: u32) -> Result<u64> {
    status(id, "VmHWM:")
}

/// The memory that a process holds now, in bytes, what it shares with others included.
pub(crate) fn held(id: u32) -> Result<u64> {
    status(id, "VmRSS:")
}

fn status(id: u32, field: &str) -> Result<u64> {
    let path = format!("/proc/{id}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    bytes(&status, field).with_context(|| format!("{path} has no {field}"))
}

/// Begins a new peak with what the process holds now.
pub(crate) fn forget_peak(id: u32) {
    // Where that is not allowed, the peak is that of the process's whole life: more, never less.
    let _ = fs::write(format!("/proc/{id}/clear_refs"), "5");
}

fn bytes(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn children(id: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let of_thread = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).ok();
    let lists: Vec<String> = threads.filter_map(of_thread).collect();
    lists.iter().flat_map(|list| list.split_whitespace()).flat_map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status() {
        let status = "Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t   1234 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(bytes(status, "VmHWM:"), Some(1234 * 1024));
        assert_eq!(bytes(status, "VmRSS:"), Some(1024));
        assert_eq!(bytes("Name:\tx\n", "VmHWM:"), None);
    }

    #[test]
    fn a_process_is_measured_finely() {
        let id = std::process::id();
        let before = cpu(id).unwrap();
        let mut sum = 0_u64;
        while cpu(id).unwrap() < before + Duration::from_millis(2) {
            sum = std::hint::black_box(sum + 1);
        }
        forget_peak(id);
        let small = peak(id).unwrap();
        let big = std::hint::black_box(vec![1_u8; 64 * 1024 * 1024]);
        assert!(peak(id).unwrap() >= small + 60 * 1024 * 1024, "{} bytes", big.len());
        assert!(held(id).unwrap() >= 60 * 1024 * 1024, "{} bytes", big.len());
    }
}
