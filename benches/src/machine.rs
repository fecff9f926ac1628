use std::fs;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::Serialize;

use crate::AnyError;

/// Where the run happened.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    /// Load average of the last minute before the run: above about 0.5 somebody else was at work.
    pub(crate) load_before: String,
}

impl Machine {
    pub(crate) fn look() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_once(':').map(|(_, value)| value.trim().to_owned())
        };
        let memory = field(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemTotal");
        let memory_kib = memory.and_then(|text| text.split(' ').next().and_then(|n| n.parse::<u64>().ok()));
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            cpu: field(&cpuinfo, "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_mib: memory_kib.unwrap_or_default() / 1024,
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            load_before: load.split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

/// Keeps the calling thread, and the children that it starts from now on, on one core.
pub(crate) fn pin(core: usize) -> Result<(), AnyError> {
    let mut set = CpuSet::new();
    if core >= CpuSet::MAX_CPU {
        return Err(format!("there is no core {core}").into());
    }
    set.set(core);
    sched_setaffinity(None, &set).map_err(|error| {
        format!("cannot stay on core {core}: {error} (choose with --server-core and --driver-core)").into()
    })
}

/// Whether this thread may run on a core.
pub(crate) fn has_core(core: usize) -> bool {
    core < CpuSet::MAX_CPU && sched_getaffinity(None).is_ok_and(|set| set.is_set(core))
}
