//! How the threads of a team find their tasks, wait, sleep and are woken.

use super::attendance::{Course, now};
use std::any::Any;
use std::cell::UnsafeCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::Instant;

/// How often a thread looks for work before it goes to sleep: some 50 µs on recent processors of Intel, longer than a training has nothing to do for the
/// others between two phases, short enough not to matter to whoever else wants the core.
const LOOKS: u32 = 1_000;

/// The tasks of a phase, in the order they are taken.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// The tasks that one thread takes first. Apart from the others' by more than what caches move at once.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Queue {
    /// The phase in the upper half, the number of its tasks that nobody has taken in the lower one: in one number, so that
    /// a thread that comes late cannot take a task of one phase for one of another.
    open: AtomicU64,
    asleep: AtomicBool,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
struct Phase {
    work: *const Work<'static>,
    tasks: usize,
    /// Among how many threads the tasks are dealt out.
    threads: usize,
}

impl Phase {
    /// How many tasks are in the queue of a thread: its own number, and every so many further on.
    fn share(self, thread: usize) -> usize {
        if thread < self.threads { self.tasks.saturating_sub(thread).div_ceil(self.threads) } else { 0 }
    }
}

/// What the threads of a team have in common.
#[derive(Debug)]
pub(super) struct Shared {
    /// One for each thread, the leader's first. Who finds its own empty takes from the others': threads keep to the same
    /// part of what they work on, which their caches hold, as long as all are awake.
    queues: Vec<Queue>,
    /// Tasks that are not done.
    unfinished: AtomicUsize,
    /// The threads that get work, from the leader on.
    invited: AtomicUsize,
    phase: UnsafeCell<Option<Phase>>,
    leader_asleep: AtomicBool,
    leader: Mutex<Option<Thread>>,
    closing: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

// SAFETY: `phase` is all that keeps `Shared` from being Send and Sync. It is written by the leader alone, while no task is
// open or unfinished, and read only by who holds a task: `open`, written after it and read before it, orders the two.
// What the pointer leads to is Sync, and alive as long as tasks are unfinished.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    pub fn new(helpers: usize) -> Self {
        Self {
            queues: (0..=helpers).map(|_| Queue::default()).collect(),
            unfinished: AtomicUsize::new(0),
            invited: AtomicUsize::new(helpers + 1),
            phase: UnsafeCell::new(None),
            leader_asleep: AtomicBool::new(false),
            leader: Mutex::new(None),
            closing: AtomicBool::new(false),
            panic: Mutex::new(None),
        }
    }

    /// One phase, from the leading thread, for so many `threads`: how it went, if the leader had to wait long.
    pub fn run(
        &self,
        helpers: &[JoinHandle<()>],
        threads: usize,
        tasks: usize,
        work: &Work<'_>,
    ) -> Option<Course> {
        assert!(u32::try_from(tasks).is_ok(), "{tasks} tasks do not fit into half of `open`");
        let begin = now();
        // SAFETY: this only forgets how long `work` lives. It is called by who holds a task, and this function returns, or
        // goes on with a panic, after the last task is done.
        let work = unsafe { std::mem::transmute::<&Work<'_>, &'static Work<'static>>(work) };
        let phase = Phase { work: std::ptr::from_ref(work), tasks, threads };
        // SAFETY: no task is open or unfinished, so that nobody reads it.
        unsafe { *self.phase.get() = Some(phase) };
        self.unfinished.store(tasks, Ordering::Relaxed);
        self.invited.store(threads, Ordering::SeqCst);
        let number = (self.queues[0].open.load(Ordering::Relaxed) >> 32).wrapping_add(1) << 32;
        // The own queue last: who looks for work already would take from it before there is something in his.
        for (index, queue) in self.queues.iter().enumerate().rev() {
            queue.open.store(number | phase.share(index) as u64, Ordering::SeqCst);
        }
        self.wake(helpers, tasks.min(threads) - 1);
        let mut own = 0;
        while self.take_one(0) {
            own += 1;
        }
        let course = self.wait().map(|wait| Course {
            end: wait.end,
            tasks: own,
            worked: wait.start.duration_since(begin),
            waited: wait.end.duration_since(wait.start),
        });
        let panic = self.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        course
    }

    /// Does a task of this thread's queue or, when it is empty, of another's; false when there is none.
    fn take_one(&self, thread: usize) -> bool {
        let threads = self.queues.len();
        (0..threads).any(|next| self.take_from((thread + next) % threads))
    }

    fn take_from(&self, thread: usize) -> bool {
        let take = |open: u64| (open as u32 > 0).then(|| open - 1);
        let queue = &self.queues[thread].open;
        let Ok(open) = queue.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take) else { return false };
        // SAFETY: this thread holds a task, so that nobody writes `phase`.
        let Some(phase) = (unsafe { *self.phase.get() }) else { return false };
        let task = thread + (phase.share(thread) - open as u32 as usize) * phase.threads;
        // SAFETY: the leader waits for this task before it lets go of `work`.
        let result = catch_unwind(AssertUnwindSafe(|| unsafe { (*phase.work)(task) }));
        if let Err(panic) = result {
            let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
            match *first {
                None => *first = Some(panic),
                // What it holds may panic when it is dropped, and the leader would wait for ever.
                Some(_) => std::mem::forget(panic),
            }
        }
        if self.unfinished.fetch_sub(1, Ordering::SeqCst) == 1 && self.leader_asleep.load(Ordering::SeqCst) {
            let leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner);
            leader.as_ref().map(Thread::unpark);
        }
        true
    }

    /// Wakes as many as there is work for.
    fn wake(&self, helpers: &[JoinHandle<()>], wanted: usize) {
        for (helper, queue) in helpers.iter().zip(&self.queues[1..]).take(wanted) {
            if queue.asleep.load(Ordering::SeqCst) {
                helper.thread().unpark();
            }
        }
    }

    /// Until every task is done: from when to when, if looking for a while was not enough.
    fn wait(&self) -> Option<Range<Instant>> {
        for _ in 0..LOOKS {
            if self.unfinished.load(Ordering::SeqCst) == 0 {
                return None;
            }
            std::hint::spin_loop();
        }
        let start = now();
        *self.leader.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::thread::current());
        self.leader_asleep.store(true, Ordering::SeqCst);
        while self.unfinished.load(Ordering::SeqCst) > 0 {
            std::thread::park();
        }
        self.leader_asleep.store(false, Ordering::SeqCst);
        Some(start..now())
    }

    /// Whether a helper gets work in this phase.
    fn invites(&self, thread: usize) -> bool {
        thread < self.invited.load(Ordering::SeqCst)
    }

    /// What helper number `thread`, from 1, does for as long as the team exists.
    pub fn help(&self, thread: usize) {
        let mut looks = 0;
        while !self.closing.load(Ordering::SeqCst) {
            if self.invites(thread) && self.take_one(thread) {
                looks = 0;
            } else if looks < LOOKS {
                looks += 1;
                std::hint::spin_loop();
            } else {
                self.sleep(thread);
                looks = 0;
            }
        }
    }

    fn sleep(&self, thread: usize) {
        let asleep = &self.queues[thread].asleep;
        asleep.store(true, Ordering::SeqCst);
        // Looked at after saying so: whoever opens tasks from now on sees the one and unparks, or is seen here.
        let idle = self.queues.iter().all(|queue| queue.open.load(Ordering::SeqCst) as u32 == 0);
        if (idle || !self.invites(thread)) && !self.closing.load(Ordering::SeqCst) {
            std::thread::park();
        }
        asleep.store(false, Ordering::SeqCst);
    }

    /// Sends the helpers home.
    pub fn close(&self, helpers: &[JoinHandle<()>]) {
        self.closing.store(true, Ordering::SeqCst);
        for helper in helpers {
            helper.thread().unpark();
        }
    }
}
