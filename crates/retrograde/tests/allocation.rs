//! Training allocates nothing per step: counted by an allocator, after one call that may warm things up.
#![allow(unsafe_code, reason = "a global allocator can only be written with unsafe")]

mod common;

use common::problem::Overflow;
use common::{Limits, Problem};
use retrograde::examples::Sparse;
use retrograde::{
    Activation, BatchSize, Evaluator, Examples, Loss, Network, Output, Regularisation, Scalar, TrainSettings,
    Training,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Allocations of this thread: other tests of the harness run beside it.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

fn count_one() {
    // At the end of a thread its counter may be gone; what is allocated then is not of interest.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every method hands its arguments unchanged to the system's allocator, whose contract it inherits;
// counting touches a `const` thread-local of a type without destructor and does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: the caller's promises about `layout` are passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
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

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.get();
    work();
    COUNT.get() - before
}

/// Allocations of the second and third call on one thread.
fn after_warming_up<T: Scalar>(problem: &Problem<T>) -> usize {
    let examples = problem.examples();
    let mut evaluator = Evaluator::new(&problem.network, problem.regularisation, problem.x.nrows(), 1)
        .expect("valid settings");
    let mut grad = vec![T::zero(); problem.theta.len()];
    evaluator.cost_and_grad(&problem.theta, &examples, &mut grad);
    allocations(|| {
        for _ in 0..2 {
            evaluator.cost_and_grad(&problem.theta, &examples, &mut grad);
        }
    })
}

/// A network of the given sizes on random rows.
fn problem(sizes: &[usize], rows: usize, label_smoothing: f64) -> Problem<f64> {
    let network = Network::new(sizes, &[Activation::Relu], Output::Softmax, Loss::CrossEntropy)
        .expect("a valid network");
    let theta = retrograde::Params::init(&network, retrograde::Init::Auto, 1).into_values();
    let wave = |(k, j): (usize, usize)| ((k * 37 + j * 11) as f64).sin();
    let outputs = network.outputs();
    Problem {
        x: ndarray::Array2::from_shape_fn((rows, network.inputs()), wave),
        y: ndarray::Array2::from_shape_fn((rows, outputs), |(k, j)| f64::from(u8::from(k % outputs == j))),
        network,
        theta,
        weights: None,
        regularisation: Regularisation { lambda: 1.0, label_smoothing },
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0u8; 1000]))), 1);
    assert_eq!(allocations(|| ()), 0);
}

#[test]
fn a_step_allocates_nothing() {
    for sizes in [&[20, 15, 4][..], &[400, 25, 10], &[784, 128, 10], &[30, 300, 300, 3]] {
        for rows in [1, 200, 2000] {
            for label_smoothing in [0.0, 0.1] {
                let double = problem(sizes, rows, label_smoothing);
                let single: Problem<f32> = double.convert();
                assert_eq!(after_warming_up(&double), 0, "f64, {sizes:?}, {rows} rows");
                assert_eq!(after_warming_up(&single), 0, "f32, {sizes:?}, {rows} rows");
            }
        }
    }
}

/// Rows of 5 to 60 nonzeros in any order, dropped or not.
#[test]
fn a_step_with_sparse_inputs_allocates_nothing() {
    let problem = problem(&[60, 20, 3], 600, 0.0);
    let mut row_starts = vec![0];
    let mut columns = Vec::new();
    for k in 0..600 {
        columns.extend((0..60u32).step_by(1 + (600 - k) / 50));
        row_starts.push(columns.len());
    }
    let values = vec![0.5; columns.len()];
    let x = Sparse::new(&row_starts, &columns, &values, 60).expect("a valid matrix");
    let all = Examples::sparse(&problem.network, x, problem.y.view(), None).expect("valid examples");
    let start = problem.params();
    for dropout in [Vec::new(), vec![0.2, 0.5]] {
        let settings = TrainSettings {
            batch: BatchSize::Rows(100),
            learning_rate: Some(1e-3),
            threads: 1,
            dropout,
            ..TrainSettings::default()
        };
        let mut training = Training::new(&start, &all, None, &settings).expect("valid settings");
        // The first of six batches; the end of an epoch notes it in the history.
        training.advance(&mut ());
        let counted = allocations(|| {
            for _ in 0..4 {
                training.advance(&mut ());
            }
        });
        assert_eq!(counted, 0, "{:?}", settings.dropout);
    }
}

#[test]
fn no_activation_or_loss_allocates() {
    let limits =
        Limits { depth: 4, units: 40, rows: 300, work: 50_000, saturation: 20.0, overflow: Overflow::Never };
    for seed in 0..100 {
        let double = Problem::random(seed, limits);
        let single: Problem<f32> = double.convert();
        assert_eq!(after_warming_up(&double), 0, "f64, {}", double.describe());
        assert_eq!(after_warming_up(&single), 0, "f32, {}", double.describe());
    }
}
