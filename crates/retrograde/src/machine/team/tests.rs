//! Every task once, whatever the numbers; a panic comes out and leaves the team in order.

use super::Team;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often each task was done.
fn counts(team: &mut Team, tasks: usize) -> Vec<usize> {
    let done: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
    team.run(tasks, |task| {
        done[task].fetch_add(1, Ordering::Relaxed);
    });
    done.into_iter().map(AtomicUsize::into_inner).collect()
}

#[test]
fn each_task_is_done_once() {
    for threads in [1, 2, 3, 4, 9] {
        let mut team = Team::new(threads).unwrap();
        assert_eq!(team.threads(), threads);
        for tasks in [0, 1, 2, 3, 4, 5, 8, 9, 10, 100, 1001] {
            assert_eq!(counts(&mut team, tasks), vec![1; tasks], "{tasks} tasks, {threads} threads");
        }
    }
}

#[test]
fn a_team_may_have_nothing_to_do() {
    for threads in [1, 2, 8] {
        drop(Team::new(threads).unwrap());
    }
    assert_eq!(Team::new(0).unwrap().threads(), 1);
    assert_eq!(counts(&mut Team::new(1).unwrap(), 5), [1; 5]);
}

/// Phases of hardly any work one after the other, with sleeps between some: wake-ups, latecomers and steals.
#[test]
fn ten_thousand_quick_runs() {
    let mut team = Team::new(4).unwrap();
    let mut values = [0usize; 7];
    for run in 0..10_000 {
        let tasks = 1 + run % values.len();
        team.for_each(&mut values[..tasks], |task, value| *value += task + 1);
        if run % 500 == 0 {
            fall_asleep();
        }
    }
    for (task, value) in values.into_iter().enumerate() {
        let runs = (0..10_000).filter(|run| run % values.len() >= task).count();
        assert_eq!(value, runs * (task + 1), "task {task}");
    }
}

/// How many threads get work changes from phase to phase: nobody who is left out sleeps on when there is work again.
#[test]
fn threads_are_left_out_and_come_back() {
    for threads in [2, 3, 5] {
        let team = Team::new(threads).unwrap();
        for run in 0..10_000 {
            let invited = 1 + run % threads;
            let tasks = 2 + run % 7;
            let done: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
            team.shared.run(&team.helpers, invited, tasks, &|task| {
                done[task].fetch_add(1, Ordering::Relaxed);
            });
            assert!(done.into_iter().all(|done| done.into_inner() == 1), "run {run}, {threads} threads");
            if run % 1000 == 0 {
                fall_asleep();
            }
        }
    }
}

/// Tasks that wait for each other need as many threads.
#[test]
fn all_work_again_after_a_pause() {
    let team = Team::new(3).unwrap();
    for _ in 0..100 {
        let quick = |_: usize| ();
        team.shared.run(&team.helpers, 2, 4, &quick);
        fall_asleep();
        let all = Barrier::new(3);
        team.shared.run(&team.helpers, 3, 3, &|_| {
            all.wait();
        });
    }
}

/// Long enough that every helper falls asleep.
fn fall_asleep() {
    #[allow(clippy::disallowed_methods, reason = "a test waits until threads have gone to sleep")]
    std::thread::sleep(std::time::Duration::from_millis(2));
}

#[test]
fn a_panic_comes_out_and_the_team_goes_on() {
    for threads in [1, 2, 4, 8] {
        let mut team = Team::new(threads).unwrap();
        for bad in [0, 1, 5, 19] {
            let done = AtomicUsize::new(0);
            let result = catch_unwind(AssertUnwindSafe(|| {
                team.run(20, |task| {
                    assert!(task != bad, "task {task} fails");
                    done.fetch_add(1, Ordering::Relaxed);
                });
            }));
            let message = result.unwrap_err().downcast::<String>().unwrap();
            assert_eq!(*message, format!("task {bad} fails"));
            assert_eq!(counts(&mut team, 30), [1; 30], "after a panic, {threads} threads");
        }
    }
}

#[test]
fn every_task_may_panic() {
    let mut team = Team::new(3).unwrap();
    for _ in 0..50 {
        assert!(catch_unwind(AssertUnwindSafe(|| team.run(6, |task| panic!("{task}")))).is_err());
    }
    assert_eq!(counts(&mut team, 6), [1; 6]);
}

/// Each task has a team of its own: none waits for the other's helpers.
#[test]
fn teams_inside_teams() {
    let mut outer = Team::new(4).unwrap();
    for _ in 0..20 {
        let mut sums = [0usize; 6];
        outer.for_each(&mut sums, |task, sum| {
            let mut inner = Team::new(1 + task % 3).unwrap();
            let mut parts = [0usize; 10];
            inner.for_each(&mut parts, |k, part| *part = k);
            *sum = parts.iter().sum();
        });
        assert_eq!(sums, [45; 6]);
    }
}
