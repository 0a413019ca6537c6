//! How many threads get work: all of them, unless the system puts one aside in the middle of a task.
//!
//! Where other processes want the cores, such a thread comes back after some milliseconds, and all others have waited for
//! it. The leader sees that its wait is out of all proportion to the tasks. For a while it then gives work to one thread
//! fewer; when that turns out well, or other processes have gone, all are invited again.
//!
//! This is the one place that looks at a clock. What is computed does not depend on it, only who computes it.

use std::time::{Duration, Instant};

/// A wait this much longer than a task means that a thread has lost its core.
const TASKS: u32 = 4;
/// A wait as short as this means nothing: what the system itself does takes less, and another process more.
const HARMLESS: Duration = Duration::from_micros(500);
/// How many times as long as the time lost one does with fewer threads, at first: a single loss is no reason for more.
const PAUSE: u32 = 2;
/// A loss this soon after all were invited means that the core is still taken. Systems let others run for some milliseconds.
const SOON: Duration = Duration::from_millis(20);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(1);

/// The time.
#[allow(clippy::disallowed_methods, reason = "nothing that is computed depends on it")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// What the leader remembers.
#[derive(Debug)]
pub(super) struct Attendance {
    /// All there are.
    all: usize,
    /// Those who get work.
    invited: usize,
    /// When the last thread was left out.
    since: Option<Instant>,
    /// How long it is left out.
    pause: Duration,
    /// When all were invited again.
    back: Option<Instant>,
}

/// How a phase went, as the leader saw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    /// When it was over.
    pub end: Instant,
    /// How many tasks the leader did.
    pub tasks: u32,
    /// How long it took for them.
    pub worked: Duration,
    /// How long it then waited for the others.
    pub waited: Duration,
}

impl Attendance {
    /// All of so many threads, from 1.
    pub fn of(all: usize) -> Self {
        Self { all, invited: all, since: None, pause: Duration::ZERO, back: None }
    }

    /// How many threads get work in a phase that begins now.
    pub fn invite(&mut self) -> usize {
        if self.since.is_none() { self.all } else { self.invite_at(now()) }
    }

    fn invite_at(&mut self, now: Instant) -> usize {
        if self.since.is_some_and(|since| now.duration_since(since) >= self.pause) {
            (self.invited, self.since, self.back) = (self.all, None, Some(now));
        }
        self.invited
    }

    /// Learns from a phase.
    pub fn note(&mut self, course: Course) {
        let Course { end, tasks, worked, waited } = course;
        if waited <= HARMLESS + TASKS * (worked / tasks.max(1)) || self.invited == 1 {
            return;
        }
        // Lost again soon after all were invited: the next attempt comes later.
        let soon = self.back.is_some_and(|back| end.duration_since(back) < self.pause.max(SOON));
        let pause = if soon { 2 * self.pause } else { PAUSE * waited };
        self.pause = pause.min(LONGEST);
        self.invited -= 1;
        self.since = Some(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MICROSECOND: Duration = Duration::from_micros(1);

    fn course(end: Instant, waited: u32) -> Course {
        Course { end, tasks: 2, worked: 100 * MICROSECOND, waited: waited * MICROSECOND }
    }

    #[test]
    fn uneven_tasks_leave_nobody_out() {
        let now = now();
        let mut attendance = Attendance::of(2);
        attendance.note(course(now, 690));
        assert_eq!(attendance.invite_at(now), 2);
        // A leader that got no task at all knows nothing about their length.
        attendance.note(Course { tasks: 0, worked: Duration::ZERO, ..course(now, 490) });
        assert_eq!(attendance.invite_at(now), 2);
    }

    #[test]
    fn one_fewer_after_a_loss_and_all_again_after_a_pause() {
        let now = now();
        let mut attendance = Attendance::of(8);
        attendance.note(course(now, 3_000));
        assert_eq!(attendance.invite_at(now), 7);
        attendance.note(course(now, 3_000));
        assert_eq!(attendance.invite_at(now + 5_900 * MICROSECOND), 6);
        assert_eq!(attendance.invite_at(now + 6_000 * MICROSECOND), 8);
    }

    #[test]
    fn attempts_become_rare_while_the_core_stays_taken() {
        let mut now = now();
        let mut attendance = Attendance::of(2);
        let mut attempts = 0;
        for _ in 0..100_000 {
            now += 100 * MICROSECOND;
            if attendance.invite_at(now) == 2 {
                attempts += 1;
                now += 3_000 * MICROSECOND;
                attendance.note(course(now, 3_000));
            }
        }
        assert!((10..25).contains(&attempts), "{attempts} attempts in ten seconds");
        // The other process goes.
        now += LONGEST;
        assert_eq!(attendance.invite_at(now), 2);
        now += 2 * LONGEST;
        attendance.note(course(now, 3_000));
        assert_eq!(attendance.invite_at(now + 6_000 * MICROSECOND), 2, "a loss long after is like the first");
    }

    #[test]
    fn the_leader_always_stays() {
        let now = now();
        let mut attendance = Attendance::of(1);
        attendance.note(course(now, 3_000));
        assert_eq!(attendance.invite_at(now), 1);
    }
}
