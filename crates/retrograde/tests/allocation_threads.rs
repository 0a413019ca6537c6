//! A step of a training allocates nothing, on one thread or several: counted over all threads, so that this file has one
//! test alone.
#![allow(unsafe_code, reason = "a global allocator can only be written with unsafe")]
#![allow(clippy::disallowed_methods, reason = "a test waits until threads have started")]

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, STEP_METHODS, Supplier};
use ndarray::Array2;
use retrograde::{
    Activation, BatchSize, Evaluator, Flow, Init, Loss, Network, Optimizer, Output, Params, Regularisation,
    Scalar, StepRules, TrainSettings, Training,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every method hands its arguments unchanged to the system's allocator, whose contract it inherits; counting does
// not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::SeqCst);
        // SAFETY: the caller's promises about `layout` are passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::SeqCst);
        // SAFETY: the caller's promises about `pointer`, `layout` and `size` are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of the steps between the first one, which may warm things up, and the last of each epoch, which ends it.
fn allocations_of_steps<T: Scalar>(problem: &Problem<T>, settings: &TrainSettings) -> usize {
    let examples = problem.examples();
    let mut training = Training::new(&problem.params(), &examples, None, settings).expect("valid settings");
    let batches = problem.x.nrows().div_ceil(settings.batch_rows(problem.x.nrows()));
    assert!(batches > 3, "{batches} batches are no epoch to count in");
    training.advance(&mut ());
    if settings.threads > 1 {
        // A thread that the system starts late allocates what it starts with.
        std::thread::sleep(std::time::Duration::from_millis(30));
    }
    let mut count = 0;
    for _ in 0..2 {
        while training.state().place().1 + 1 < batches {
            let before = COUNT.load(Ordering::SeqCst);
            assert_eq!(training.advance(&mut ()), Flow::Continue, "a training that goes on");
            count += COUNT.load(Ordering::SeqCst) - before;
        }
        training.advance(&mut ());
    }
    count
}

/// The same of rows that come in windows, from the second epoch on: the first makes room for the windows.
fn allocations_in_windows<T: Scalar>(problem: &Problem<T>, settings: &TrainSettings, window: usize) -> usize {
    let supplier = Supplier::new(&problem.x, &problem.y, problem.weights.as_deref());
    let mut rows = supplier.streamed(&problem.network, window);
    let mut training = Training::new(&problem.params(), &mut rows, None, settings).expect("valid settings");
    let batches = problem.x.nrows().div_ceil(settings.batch_rows(problem.x.nrows()));
    while training.state().place().0 < 1 {
        training.advance(&mut ());
    }
    std::thread::sleep(std::time::Duration::from_millis(30));
    let before = COUNT.load(Ordering::SeqCst);
    while training.state().place().1 + 1 < batches {
        assert_eq!(training.advance(&mut ()), Flow::Continue, "a training that goes on");
    }
    COUNT.load(Ordering::SeqCst) - before
}

/// The harness's own thread may allocate at any moment, but not each time.
#[track_caller]
fn expect_none<T: Scalar>(problem: &Problem<T>, settings: &TrainSettings, what: &str) {
    expect_zero(|| allocations_of_steps(problem, settings), &format!("{what}, {}, {settings:?}", T::NAME));
}

#[track_caller]
fn expect_zero(allocations: impl Fn() -> usize, what: &str) {
    let counts: Vec<usize> = (0..3).map(|_| allocations()).collect();
    assert!(counts.contains(&0), "{what}: {counts:?} allocations");
}

fn classes(sizes: &[usize], rows: usize) -> Problem<f64> {
    let hidden = [Activation::Relu, Activation::Tanh];
    let network = Network::new(sizes, &hidden[..sizes.len() - 2], Output::Softmax, Loss::CrossEntropy)
        .expect("a valid network");
    let wave = |(k, j): (usize, usize)| ((k * 37 + j * 11) as f64).sin();
    let outputs = network.outputs();
    Problem {
        theta: Params::init(&network, Init::Auto, 1).into_values(),
        x: Array2::from_shape_fn((rows, network.inputs()), wave),
        y: Array2::from_shape_fn((rows, outputs), |(k, j)| f64::from(u8::from(k % outputs == j))),
        weights: Some((0..rows).map(|k| 1.0 + f64::from(k as u8 % 3)).collect()),
        regularisation: Regularisation::default(),
        network,
    }
}

fn plain(optimizer: Optimizer, batch: usize, threads: usize) -> TrainSettings {
    TrainSettings {
        optimizer,
        learning_rate: Some(1e-4),
        batch: BatchSize::Rows(batch),
        epochs: Some(3),
        threads,
        ..TrainSettings::default()
    }
}

/// The same with all that may be done around a step.
fn with_everything(settings: TrainSettings) -> TrainSettings {
    TrainSettings {
        dropout: vec![0.1, 0.5, 0.3],
        regularisation: Regularisation { lambda: 0.5, label_smoothing: 0.1 },
        rules: StepRules { clip_norm: Some(0.01), weight_decay: Some(0.01), l1: 0.1, max_norm: Some(1.0) },
        ..settings
    }
}

/// Batches of a part of a block, of one group of blocks and of several, on one thread and on two.
fn every_step_method() {
    let double = classes(&[20, 96, 64, 5], 2600);
    let single: Problem<f32> = double.convert();
    for (batch, threads) in [(30, 1), (200, 1), (200, 2), (600, 1), (600, 2)] {
        let evaluator = Evaluator::<f32>::new(&double.network, Regularisation::default(), batch, threads);
        assert_eq!(evaluator.expect("an evaluator").threads(), threads, "threads at work");
        for optimizer in STEP_METHODS {
            let settings = plain(optimizer, batch, threads);
            let everything = with_everything(settings.clone());
            for settings in [settings, everything] {
                expect_none(&double, &settings, "classes");
                expect_none(&single, &settings, "classes");
            }
        }
    }
}

/// Of windows too, which a thread of its own reads.
fn every_window() {
    let double = classes(&[20, 96, 64, 5], 2600);
    let single: Problem<f32> = double.convert();
    for (batch, threads, window) in [(30, 1, 500), (200, 1, 201), (200, 2, 700), (600, 2, 2599)] {
        for settings in [Optimizer::SGD, Optimizer::ADAM].map(|optimizer| plain(optimizer, batch, threads)) {
            for settings in [settings.clone(), with_everything(settings)] {
                let what = format!("a window of {window} rows, {settings:?}");
                expect_zero(|| allocations_in_windows(&double, &settings, window), &what);
                expect_zero(|| allocations_in_windows(&single, &settings, window), &what);
            }
        }
    }
}

/// All activations and losses, one thread.
fn every_activation_and_loss() {
    let limits =
        Limits { depth: 3, units: 30, rows: 200, work: 20_000, saturation: 2.0, overflow: Overflow::Never };
    let problems = (0..150).map(|seed| Problem::random(seed, limits));
    let mut counted = 0;
    for double in problems.filter(|problem| problem.x.nrows() >= 8) {
        let settings = TrainSettings {
            dropout: vec![0.2; double.network.depth()],
            regularisation: double.regularisation,
            learning_rate: Some(1e-9),
            ..plain(Optimizer::ADAM, double.x.nrows().div_ceil(7), 1)
        };
        let single: Problem<f32> = double.convert();
        expect_none(&double, &settings, &double.describe());
        expect_none(&single, &settings, &double.describe());
        counted += 1;
    }
    assert!(counted > 50, "{counted} problems are not many");
}

#[test]
fn a_step_allocates_nothing_on_any_thread() {
    let before = COUNT.load(Ordering::SeqCst);
    drop(std::hint::black_box(vec![0u8; 1000]));
    assert!(COUNT.load(Ordering::SeqCst) > before, "the counter counts");
    every_step_method();
    every_window();
    every_activation_and_loss();
}
