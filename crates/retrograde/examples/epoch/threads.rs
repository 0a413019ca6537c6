//! How many threads did the work, as the system saw it.

use std::collections::HashMap;

/// Nanoseconds that each thread of this process has run; None where the system does not tell.
fn run_times() -> Option<HashMap<String, u64>> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?.flatten();
    let time = |path: std::path::PathBuf| {
        std::fs::read_to_string(path.join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()
    };
    tasks.map(|task| Some((task.file_name().into_string().ok()?, time(task.path())?))).collect()
}

/// Counts the threads that ran between its making and its reading.
pub(crate) struct Watch {
    before: Option<HashMap<String, u64>>,
    begun: std::time::Instant,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self { before: run_times(), begun: std::time::Instant::now() }
    }

    /// Threads that ran for a tenth of the time or more and are still there; None where there are none.
    pub(crate) fn threads_used(&self) -> Option<usize> {
        let wall = self.begun.elapsed().as_nanos();
        let (before, after) = (self.before.as_ref()?, run_times()?);
        let ran = |(task, time): &(String, u64)| {
            let time = time.saturating_sub(before.get(task).copied().unwrap_or(0));
            u128::from(time) * 10 >= wall
        };
        Some(after.into_iter().filter(ran).count()).filter(|&threads| threads > 0)
    }
}
