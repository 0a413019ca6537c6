//! Threads that share out the tasks of one training: never a global pool, so that trainings beside each other do not wait
//! for each other's work.
//!
//! A training step has a handful of phases of some microseconds each. The threads pick up tasks until none is left, and the
//! phase is over when every task is done, whoever did it: a thread that the system has put aside between tasks holds nobody
//! up, and after one that is put aside in the middle of a task, one thread fewer gets work for a while. Who waits looks again for
//! a while before going to sleep.
//!
//! What a task computes must not depend on the thread: then the bits depend on the problem alone.

mod attendance;
mod pieces;
mod shared;
mod spread;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use attendance::Attendance;
use std::sync::Arc;
use std::thread::JoinHandle;

pub(crate) use pieces::{Parts, Pieces};
use shared::Shared;
pub use spread::Spread;

/// This thread and the others that work for it.
#[derive(Debug)]
pub(crate) struct Team {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    attendance: Attendance,
}

impl Team {
    /// `threads` in all; 1 is the calling thread alone.
    ///
    /// # Errors
    /// [`Error::Setting`] when the system starts no more threads.
    pub fn new(threads: usize) -> Result<Self> {
        let shared = Arc::new(Shared::new(threads.max(1) - 1));
        let mut team = Self { shared, helpers: Vec::new(), attendance: Attendance::of(threads.max(1)) };
        for thread in 1..threads.max(1) {
            let shared = Arc::clone(&team.shared);
            let builder = std::thread::Builder::new().name("retrograde".into());
            match builder.spawn(move || shared.help(thread)) {
                Ok(helper) => team.helpers.push(helper),
                // Those started so far are sent home as the team goes.
                Err(_) => {
                    return Err(Error::Setting {
                        what: "the number of threads",
                        found: threads.to_string(),
                        expected: "as many as the system lets start",
                    });
                }
            }
        }
        Ok(team)
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Does tasks 0…`tasks`, each once, in no order; a panic in one of them comes out here.
    pub(crate) fn run(&mut self, tasks: usize, work: impl Fn(usize) + Sync) {
        if self.helpers.is_empty() || tasks < 2 {
            return (0..tasks).for_each(work);
        }
        let threads = self.attendance.invite();
        if threads == 1 {
            return (0..tasks).for_each(work);
        }
        if let Some(course) = self.shared.run(&self.helpers, threads, tasks, &work) {
            self.attendance.note(course);
        }
    }

    /// Does something with each item.
    pub(crate) fn for_each<I: Send>(&mut self, items: &mut [I], work: impl Fn(usize, &mut I) + Sync) {
        let tasks = items.len();
        let items = pieces::Shares::new(items);
        self.run(tasks, |task| {
            // SAFETY: `run` gives out each task below the number of items once.
            let item = unsafe { items.piece(task..task + 1) };
            work(task, &mut item[0]);
        });
    }

    /// Does something with both pieces of each part, of all slices: task, pieces.
    ///
    /// # Panics
    /// When the parts reach beyond the slices.
    pub(crate) fn for_parts<P: Pieces>(
        &mut self,
        slices: P,
        parts: &Parts,
        work: impl Fn(usize, [P::Piece; 2]) + Sync,
    ) {
        assert!(parts.end() <= slices.length(), "parts up to {} of {}", parts.end(), slices.length());
        let shares = slices.share();
        self.run(parts.count(), |task| {
            // SAFETY: the parts do not overlap, they end within the slices, and `run` gives out each of them once.
            let pieces = parts.pair(task).map(|range| unsafe { P::piece(&shares, range) });
            work(task, pieces);
        });
    }

    /// The same with an item for each part besides: task, pieces, item.
    ///
    /// # Panics
    /// As [`Team::for_parts`], and unless there are as many items as parts.
    pub(crate) fn for_parts_with<P: Pieces, I: Send>(
        &mut self,
        slices: P,
        parts: &Parts,
        items: &mut [I],
        work: impl Fn(usize, [P::Piece; 2], &mut I) + Sync,
    ) {
        assert_eq!(parts.count(), items.len(), "items for the parts");
        let items = pieces::Shares::new(items);
        self.for_parts(slices, parts, |task, pieces| {
            // SAFETY: there are as many items as tasks, and each task is given out once.
            let item = unsafe { items.piece(task..task + 1) };
            work(task, pieces, &mut item[0]);
        });
    }

    /// Does something with each `size` neighbours of a slice and an item: task, neighbours, item.
    ///
    /// # Panics
    /// When there are fewer items than chunks.
    pub(crate) fn for_chunks<T: Send, I: Send>(
        &mut self,
        slice: &mut [T],
        size: usize,
        items: &mut [I],
        work: impl Fn(usize, &mut [T], &mut I) + Sync,
    ) {
        let (length, tasks) = (slice.len(), slice.len().div_ceil(size));
        let items = pieces::Shares::new(&mut items[..tasks]);
        let shares = pieces::Shares::new(slice);
        self.run(tasks, |task| {
            let range = task * size..length.min((task + 1) * size);
            // SAFETY: chunks do not overlap, there are as many items as tasks, and each task is given out once.
            let (chunk, item) = unsafe { (shares.piece(range), items.piece(task..task + 1)) };
            work(task, chunk, &mut item[0]);
        });
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.close(&self.helpers);
        for helper in self.helpers.drain(..) {
            // What a task panicked with has already come out of `run`.
            let _ = helper.join();
        }
    }
}
