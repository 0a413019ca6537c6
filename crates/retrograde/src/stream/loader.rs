//! One thread that reads the next window while the current one is worked on.

use super::reader::Reader;
use super::window::Part;
use crate::error::Result;
use crate::real::Scalar;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// The thread. It sleeps while there is nothing to read.
pub(super) struct Loader<T> {
    shared: Arc<Shared<T>>,
    thread: Option<JoinHandle<()>>,
}

/// A place for one reader, which goes to and fro with its window: nothing is allocated for it.
struct Shared<T> {
    slot: Mutex<Slot<T>>,
    changed: Condvar,
}

enum Slot<T> {
    /// Nothing to read, or the thread has taken it out.
    Empty,
    Asked(Box<Reader<T>>, Part),
    Done(Box<Reader<T>>, Result<()>),
    Panicked(Box<dyn Any + Send>),
    Closed,
}

impl<T: Scalar> Loader<T> {
    /// None where the system starts no thread.
    pub fn start() -> Option<Self> {
        let shared = Arc::new(Shared { slot: Mutex::new(Slot::Empty), changed: Condvar::new() });
        let its = Arc::clone(&shared);
        let builder = std::thread::Builder::new().name("retrograde rows".into());
        let thread = builder.spawn(move || its.read_on()).ok()?;
        Some(Self { shared, thread: Some(thread) })
    }

    /// Has a part read. The reader must be taken back before another is given.
    pub fn give(&self, reader: Box<Reader<T>>, part: Part) {
        self.shared.put(Slot::Asked(reader, part));
    }

    /// The reader given, once it has read, and how that went.
    ///
    /// # Panics
    /// When the supplier did.
    pub fn take(&self) -> (Box<Reader<T>>, Result<()>) {
        match self.shared.take_when(|slot| matches!(slot, Slot::Done(..) | Slot::Panicked(_))) {
            Slot::Done(reader, result) => (reader, result),
            Slot::Panicked(panic) => resume_unwind(panic),
            _ => unreachable!("what was waited for"),
        }
    }
}

impl<T> Drop for Loader<T> {
    fn drop(&mut self) {
        self.shared.put(Slot::Closed);
        if let Some(thread) = self.thread.take() {
            // A supplier's panic that nobody has taken concerns nobody.
            let _ = thread.join();
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts something in, unless it is closed.
    fn put(&self, slot: Slot<T>) {
        let mut place = self.lock();
        let before = if matches!(*place, Slot::Closed) { slot } else { std::mem::replace(&mut *place, slot) };
        drop(place);
        self.changed.notify_all();
        // Outside the lock: a supplier may do much when it is dropped.
        drop(before);
    }

    /// Takes out what is there, as soon as it is what is waited for.
    fn take_when(&self, wanted: impl Fn(&Slot<T>) -> bool) -> Slot<T> {
        let place = self.lock();
        let mut place =
            self.changed.wait_while(place, |slot| !wanted(slot)).unwrap_or_else(PoisonError::into_inner);
        match *place {
            Slot::Closed => Slot::Closed,
            _ => std::mem::replace(&mut *place, Slot::Empty),
        }
    }
}

impl<T: Scalar> Shared<T> {
    /// What the thread does.
    fn read_on(&self) {
        while let Slot::Asked(mut reader, part) =
            self.take_when(|slot| matches!(slot, Slot::Asked(..) | Slot::Closed))
        {
            let result = catch_unwind(AssertUnwindSafe(|| reader.load(part)));
            self.put(match result {
                Ok(result) => Slot::Done(reader, result),
                Err(panic) => Slot::Panicked(panic),
            });
        }
    }
}
