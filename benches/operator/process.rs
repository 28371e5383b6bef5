//! What a process holds in memory, as the kernel counts it.

use std::fs;
use std::ops::Sub;

/// Resident memory in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resident {
    /// All of it.
    pub now: i64,
    /// What is the process's alone, the heap above all; the rest is the program file, which the
    /// kernel can drop and read anew.
    pub private: i64,
    /// The most that it was since the peak was last reset.
    pub peak: i64,
}

impl Resident {
    /// Of this process.
    pub fn of(id: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let field = |name: &str| -> i64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.unwrap().split_whitespace().next().unwrap();
            number.parse().unwrap()
        };
        Self {
            now: field("VmRSS:"),
            private: field("RssAnon:"),
            peak: field("VmHWM:"),
        }
    }

    /// As cells of a table, in MiB.
    pub fn cells(self) -> String {
        let mib = |kib: i64| format!("{:.1}", f64::from(i32::try_from(kib).unwrap()) / 1024.0);
        let cells = [self.now, self.private, self.peak].map(mib);
        cells.join(" | ")
    }
}

impl Sub for Resident {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            now: self.now - earlier.now,
            private: self.private - earlier.private,
            peak: self.peak - earlier.now,
        }
    }
}

/// Has the peak of a process counted from now on.
pub fn reset_peak(id: u32) {
    fs::write(format!("/proc/{id}/clear_refs"), "5").unwrap();
}

/// How many threads it has.
pub fn threads(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/task")).unwrap().count()
}
