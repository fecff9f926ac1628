use std::collections::HashMap;
use std::time::Duration;
use std::{fs, io};

/// The CPU time that each thread of a process has taken so far, by the scheduler's own account in nanoseconds.
#[derive(Debug)]
pub(crate) struct CpuTimes(HashMap<String, u64>);

impl CpuTimes {
    /// Reads `/proc/<pid>/task/*/schedstat`.
    pub(crate) fn of(pid: u32) -> io::Result<Self> {
        let mut times = HashMap::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
            let entry = entry?;
            match fs::read_to_string(entry.path().join("schedstat")) {
                Ok(text) => {
                    let first = text.split(' ').next().and_then(|number| number.parse().ok());
                    let time = first.ok_or_else(|| io::Error::other("schedstat has no number"))?;
                    times.insert(entry.file_name().to_string_lossy().into_owned(), time);
                }
                // A thread that ended between the two reads.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !times.is_empty() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self(times))
    }

    /// What was taken since an earlier reading. What a thread that has ended took in between is not counted.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let taken = self
            .0
            .iter()
            .map(|(thread, now)| now.saturating_sub(earlier.0.get(thread).copied().unwrap_or_default()));
        Duration::from_nanos(taken.sum())
    }
}

/// Resident memory of a process, in bytes.
pub(crate) fn resident(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|text| text.trim().split(' ').next()?.parse::<u64>().ok());
    Ok(kib.ok_or_else(|| io::Error::other("the process has no VmRSS"))? * 1024)
}
