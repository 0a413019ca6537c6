//! Trainings side by side: each is the one it would be alone.
#![allow(clippy::disallowed_methods, reason = "one test measures time")]

use ndarray::Array2;
use retrograde::train::{Job, Observers, share_out, side_by_side};
use retrograde::{
    Activation, BatchSize, EpochRecord, Examples, Fit, Flow, Init, Loss, Network, Optimizer, Output, Params,
    Scalar, StopReason, TrainSettings, train,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn network() -> Network {
    Network::new(&[20, 32, 2], &[Activation::Relu], Output::Softmax, Loss::CrossEntropy).expect("a network")
}

fn rows<T: Scalar>(count: usize) -> (Array2<T>, Array2<T>) {
    let x = Array2::from_shape_fn((count, 20), |(k, j)| T::constant(((k * 37 + j * 11) as f64).sin()));
    let class = |k: usize| usize::from(x[[k, 0]].value() + x[[k, 1]].value() > 0.2);
    let y = Array2::from_shape_fn((count, 2), |(k, j)| T::constant(f64::from(u8::from(class(k) == j))));
    (x, y)
}

fn examples<T: Scalar>((x, y): &(Array2<T>, Array2<T>)) -> Examples<'_, T> {
    Examples::new(&network(), x.view(), y.view(), None).expect("valid examples")
}

fn job<'a, T: Scalar>(train: Examples<'a, T>, validation: Option<Examples<'a, T>>, seed: u64) -> Job<'a, T> {
    let settings = TrainSettings {
        batch: BatchSize::Rows(32),
        epochs: Some(4),
        patience: 1000,
        seed,
        ..TrainSettings::default()
    };
    Job { start: Params::init(&network(), Init::Auto, seed), train, validation, settings }
}

fn alone<T: Scalar>(job: &Job<'_, T>) -> Fit<T> {
    let settings = TrainSettings { threads: 1, ..job.settings.clone() };
    train(&job.start, &job.train, job.validation.as_ref(), &settings, &mut ()).expect("valid settings")
}

fn bits<T: Scalar>(fit: &Fit<T>) -> Vec<u64> {
    let costs = fit.history.iter().flat_map(|r| [r.train_cost, r.validation.map_or(0.0, |v| v.cost)]);
    fit.params.values().iter().map(|w| w.value()).chain(costs).map(f64::to_bits).collect()
}

/// Other seeds, methods, lengths and dropout for each of five.
fn five<'a, T: Scalar>(train: Examples<'a, T>, held: Examples<'a, T>) -> Vec<Job<'a, T>> {
    let mut jobs: Vec<_> = (1..=5).map(|seed| job(train, (seed % 2 == 0).then_some(held), seed)).collect();
    jobs[0].settings.epochs = Some(12);
    jobs[1].settings.epochs = Some(1);
    jobs[2].settings.optimizer = Optimizer::LBFGS;
    jobs[2].settings.batch = BatchSize::Auto;
    jobs[3].settings.dropout = vec![0.1, 0.5];
    jobs[4].settings.optimizer = Optimizer::NESTEROV;
    jobs[4].settings.batch = BatchSize::Full;
    jobs
}

fn same_as_alone<T: Scalar>() {
    let (seen, unseen) = (rows::<T>(500), rows::<T>(80));
    let jobs = five(examples(&seen), examples(&unseen));
    let expected: Vec<Fit<T>> = jobs.iter().map(alone).collect();
    assert!(expected.iter().map(|fit| fit.history.len()).eq([12, 1, 4, 4, 4]), "epochs of unequal number");
    for threads in [1, 2, 3, 5, 16, 0] {
        let fits = side_by_side(&jobs, threads, &());
        assert_eq!(fits.len(), 5);
        for (index, (fit, expected)) in fits.into_iter().zip(&expected).enumerate() {
            let fit = fit.expect("valid settings");
            assert!(bits(&fit) == bits(expected), "{} job {index}, {threads} threads", T::NAME);
            assert_eq!((fit.best_epoch, &fit.stop), (expected.best_epoch, &expected.stop));
        }
    }
}

#[test]
fn f32_bits_are_those_of_each_alone() {
    same_as_alone::<f32>();
}

#[test]
fn f64_bits_are_those_of_each_alone() {
    same_as_alone::<f64>();
}

#[test]
fn what_goes_wrong_is_each_ones_own() {
    let seen = rows::<f32>(300);
    let mut jobs: Vec<_> = (1..=5).map(|seed| job(examples(&seen), None, seed)).collect();
    jobs[1].settings.optimizer = Optimizer::SGD;
    jobs[1].settings.learning_rate = Some(1e39);
    jobs[3].settings.learning_rate = Some(-1.0);
    for threads in [1, 2, 3] {
        let fits = side_by_side(&jobs, threads, &());
        for (index, fit) in fits.into_iter().enumerate() {
            match (index, fit) {
                (1, Ok(fit)) => {
                    assert!(matches!(fit.stop, StopReason::Diverged(_)), "{:?}", fit.stop);
                    assert_eq!(fit.params.values(), jobs[1].start.values());
                }
                (3, fit) => assert!(fit.expect_err("refused").to_string().contains("learning rate")),
                (_, fit) => assert!(bits(&fit.expect("a fit")) == bits(&alone(&jobs[index])), "job {index}"),
            }
        }
    }
    assert!(side_by_side::<f32>(&[], 3, &()).is_empty());
}

/// Writes down the epochs of each job, and stops all of them when one has had so many.
struct Epochs {
    of: Vec<Mutex<Vec<usize>>>,
    stop: (usize, usize),
}

impl Observers for Epochs {
    fn epoch(&self, job: usize, record: &EpochRecord, _: bool) -> Flow {
        self.of[job].lock().expect("no observer panics").push(record.epoch);
        if (job, record.epoch) == self.stop { Flow::Stop } else { Flow::Continue }
    }
}

#[test]
fn every_epoch_is_told_and_belongs_to_its_job() {
    let (seen, unseen) = (rows::<f32>(300), rows::<f32>(50));
    let jobs = five(examples(&seen), examples(&unseen));
    let epochs = Epochs { of: (0..5).map(|_| Mutex::default()).collect(), stop: (9, 9) };
    let fits = side_by_side(&jobs, 2, &epochs);
    for (fit, told) in fits.into_iter().zip(&epochs.of) {
        let expected: Vec<usize> = fit.unwrap().history.iter().map(|record| record.epoch).collect();
        assert_eq!(*told.lock().unwrap(), expected);
    }
}

#[test]
fn one_wish_to_stop_ends_all() {
    let seen = rows::<f32>(300);
    for threads in [1, 2, 3] {
        let mut jobs: Vec<_> = (1..=6).map(|seed| job(examples(&seen), None, seed)).collect();
        for job in &mut jobs {
            // It would go on for hours.
            job.settings.epochs = Some(1_000_000_000);
            job.settings.patience = 1_000_000_000;
        }
        let epochs = Epochs { of: (0..6).map(|_| Mutex::default()).collect(), stop: (0, 3) };
        let fits = side_by_side(&jobs, threads, &epochs);
        for (index, (fit, job)) in fits.into_iter().zip(&jobs).enumerate() {
            let fit = fit.unwrap();
            assert_eq!(fit.stop, StopReason::Asked, "job {index}");
            if index == 0 {
                assert_eq!(fit.history.len(), 3);
            }
            if index >= threads {
                assert!(fit.history.is_empty() && fit.best_epoch == 0, "job {index} began");
                assert_eq!(fit.params.values(), job.start.values());
            }
        }
    }
}

#[test]
fn jobs_are_shared_out_once_each_with_all_threads() {
    for (jobs, threads) in [(0, 3), (1, 1), (1, 4), (2, 5), (3, 3), (100, 4), (7, 16)] {
        let counts: Vec<AtomicUsize> = (0..jobs).map(|_| AtomicUsize::new(0)).collect();
        let results = share_out(jobs, threads, |job, threads| {
            counts[job].fetch_add(1, Ordering::Relaxed);
            (job, threads)
        });
        assert!(results.iter().map(|&(job, _)| job).eq(0..jobs));
        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
        let fewest = threads / jobs.clamp(1, threads);
        assert!(results.iter().all(|&(_, given)| given == fewest || given == fewest + 1), "{results:?}");
    }
    let panic = std::panic::catch_unwind(|| share_out(9, 3, |job, _| assert!(job != 5, "job {job} fails")));
    assert_eq!(*panic.unwrap_err().downcast::<String>().unwrap(), "job 5 fails");
}

/// `cargo test --release --test side_by_side -- --ignored --nocapture`
#[test]
#[ignore = "measures time, for a person to read"]
fn twenty_small_networks_against_one_after_another() {
    let seen = rows::<f32>(2000);
    let jobs: Vec<_> = (1..=20)
        .map(|seed| {
            let mut job = job(examples(&seen), None, seed);
            job.settings.epochs = Some(100);
            job
        })
        .collect();
    let time = |work: &dyn Fn() -> usize| {
        let start = Instant::now();
        assert_eq!(work(), 20 * 100);
        start.elapsed().as_secs_f64()
    };
    let epochs = |fits: Vec<Fit<f32>>| fits.iter().map(|fit| fit.history.len()).sum();
    for _ in 0..7 {
        let one_by_one = time(&|| epochs(jobs.iter().map(alone).collect()));
        let [one, two] = [1, 2].map(|threads| {
            time(&|| epochs(side_by_side(&jobs, threads, &()).into_iter().map(Result::unwrap).collect()))
        });
        let ratio = one_by_one / two;
        println!(
            "one after another {one_by_one:.3} s, 1 thread {one:.3} s, 2 threads {two:.3} s: {ratio:.2}x"
        );
    }
}
