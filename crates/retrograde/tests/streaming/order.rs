//! Which rows are in which batch.

use crate::case::{Case, settings};
use crate::common::{Habits, Supplier};
use ndarray::Array2;
use rand::seq::SliceRandom;
use retrograde::evaluator::Divisors;
use retrograde::random::{Purpose, stream};
use retrograde::stream::{Order, RowStream};
use retrograde::{
    Activation, BatchSize, Evaluator, Examples, Flow, Loss, Network, Optimizer, Output, Params,
    TrainSettings, Training, train,
};

/// Batches of each window of an epoch by the rule of the documentation, as numbers of rows.
fn batches(supplier: &Supplier<f64>, epoch: usize, batch: usize, window: usize) -> Vec<Vec<usize>> {
    let rows = supplier.rows();
    let all = rows.div_ceil(batch);
    let windows = all.div_ceil(window / batch);
    let size = all.div_ceil(windows) * batch;
    assert!(size <= window);
    let mut batches = Vec::new();
    for window in 0..windows {
        let first = window * size;
        let mut order: Vec<usize> = (first..rows.min(first + size)).collect();
        let mut numbers = stream(1, Purpose::Shuffle, epoch as u64);
        numbers.set_stream(window as u64);
        order.shuffle(&mut numbers);
        let row = |&place: &usize| supplier.row_at(Order::Epoch { epoch, seed: 1 }, place);
        batches.extend(order.chunks(batch).map(|places| places.iter().map(row).collect()));
    }
    batches
}

/// Gradient descent by hand, batch by batch.
fn by_hand(case: &Case<f64>, supplier: &Supplier<f64>, batch: usize, window: usize) -> Vec<f64> {
    let mut theta = case.start().into_values();
    let settings = settings(Optimizer::GradientDescent, batch);
    let all = case.examples();
    let mut evaluator =
        Evaluator::new(&case.network, settings.regularisation, batch, 1).expect("an evaluator");
    let mut grad = vec![0.0; theta.len()];
    for epoch in 1..=3 {
        let batches = batches(supplier, epoch, batch, window);
        let mut seen: Vec<usize> = batches.iter().flatten().copied().collect();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..all.rows()), "each row once");
        for rows in batches {
            let pick = |from: &Array2<f64>| from.select(ndarray::Axis(0), &rows);
            let (x, y) = (pick(&case.x), pick(&case.y));
            let weights: Vec<f64> = rows.iter().map(|&row| case.weights[row]).collect();
            let rows = Examples::new(&case.network, x.view(), y.view(), Some(&weights)).expect("valid rows");
            let share = Divisors::share(&all, rows.rows());
            evaluator.cost_and_grad_over(&theta, &rows, share, &mut grad);
            for (theta, grad) in theta.iter_mut().zip(&grad) {
                *theta -= settings.learning_rate() * grad;
            }
        }
    }
    theta
}

#[test]
fn windows_and_batches_of_any_size() {
    let case = Case::<f64>::narrow(53);
    for (window, batch) in [(1, 1), (7, 7), (7, 3), (7, 2), (13, 4), (26, 26), (27, 5), (52, 10), (52, 52)] {
        for (block, at_once) in [(0, 0), (5, 0), (0, 1), (5, 3)] {
            let supplier = case.supplier(Habits { block, at_once, ..Habits::default() });
            let mut rows = supplier.streamed(&case.network, window);
            let settings = settings(Optimizer::GradientDescent, batch);
            let mut training =
                Training::new(&case.start(), &mut rows, None, &settings).expect("valid settings");
            while training.advance(&mut ()) == Flow::Continue {}
            let expected = by_hand(&case, &supplier, batch, window);
            for (found, expected) in training.theta().iter().zip(&expected) {
                let what = format!("window {window}, batch {batch}, blocks of {block}");
                assert!((found - expected).abs() < 1e-12, "{found} {expected}: {what}");
            }
        }
    }
}

/// Row k costs 2ᵏ at the start: a mean over an epoch tells whether each row was in it once.
#[test]
fn every_epoch_has_every_row_once_and_in_an_order_of_its_own() {
    let network = Network::new(&[1, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError).unwrap();
    let x = Array2::zeros((12, 1));
    let y = Array2::from_shape_fn((12, 1), |(k, _)| (2.0 * f64::from(1u32 << k)).sqrt());
    let start = Params::from_values(&network, vec![0.0_f64, 0.0]).unwrap();
    let mean = f64::from((1 << 12) - 1) / 12.0;
    for (window, batch) in [(1, 1), (5, 5), (5, 2), (7, 3), (11, 1)] {
        let rows = |block| {
            let habits = Habits { block, ..Habits::default() };
            Supplier::new(&x, &y, None).with(habits).streamed(&network, window)
        };
        let costs = |rate, block| {
            let settings = TrainSettings {
                optimizer: Optimizer::Sgd { momentum: 0.0, nesterov: false },
                learning_rate: Some(rate),
                batch: BatchSize::Rows(batch),
                epochs: Some(6),
                patience: 1000,
                threads: 1,
                ..TrainSettings::default()
            };
            let fit = train(&start, &mut rows(block), None, &settings, &mut ()).unwrap();
            fit.history.iter().map(|record| record.train_cost).collect::<Vec<_>>()
        };
        for block in [0, 4] {
            let at_rest = costs(1e-300, block);
            assert!(at_rest.iter().all(|c| (c - mean).abs() < 1e-9 * mean), "{window} {batch}: {at_rest:?}");
        }
        if window > 1 {
            // At a rate that is felt, what an epoch costs depends on the order.
            let moved = costs(0.3, 0);
            assert!(moved.windows(2).all(|pair| pair[0].to_bits() != pair[1].to_bits()), "{moved:?}");
        }
    }
}

/// Without validation rows J itself has the last word, over all windows.
#[test]
fn the_start_is_kept_where_no_step_leads_to_anything_better() {
    let network = Network::new(&[1, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError).unwrap();
    let x = Array2::from_shape_fn((40, 1), |(k, _)| k as f64 / 20.0 - 1.0);
    let y = x.mapv(|x| 2.0 * x + 0.1 * (7.0 * x).sin());
    let start = Params::from_values(&network, vec![2.0, 0.0]).unwrap();
    let settings = TrainSettings {
        optimizer: Optimizer::SGD,
        learning_rate: Some(1.9),
        batch: BatchSize::Rows(4),
        epochs: Some(2),
        ..TrainSettings::default()
    };
    let mut rows = Supplier::new(&x, &y, None).streamed(&network, 12);
    let fit = train(&start, &mut rows, None, &settings, &mut ()).unwrap();
    assert_eq!((fit.best_epoch, fit.params.values()), (0, start.values()));
}
