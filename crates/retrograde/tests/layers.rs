//! What is seen of layers: against the scalar loops, in networks that learn badly, and in the history of trainings.

mod common;

use common::problem::Overflow;
use common::{Habits, Limits, Problem, Supplier, assert_close, layer_numbers};
use ndarray::{Array2, array};
use retrograde::layers::{FLAT, LayerRecord, MOSTLY, Quantiles, measure};
use retrograde::{
    Activation, BatchSize, EpochRecord, Examples, Flow, Init, Loss, Network, Optimizer, Output, Params,
    Regularisation, Scalar, TrainSettings, Training, reference, train,
};

/// Small enough that every number is looked at.
const LIMITS: Limits =
    Limits { depth: 4, units: 10, rows: 25, work: 20_000, saturation: 20.0, overflow: Overflow::Never };

/// The quantiles of all numbers, by sorting.
fn quantiles(mut values: Vec<f64>) -> Option<[f64; 3]> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some([0.05, 0.5, 0.95].map(|q| values[(q * last as f64 + 1e-9).round() as usize]))
}

/// Layer by layer as the definitions have it: the quantiles of |δ| and |D|/|W|, the shares of dead and saturated units.
type Expected = (Option<[f64; 3]>, Option<[f64; 3]>, Option<f64>, Option<f64>);

fn expected(problem: &Problem<f64>, grad: &[f64]) -> Vec<Expected> {
    let network = &problem.network;
    let smoothing = problem.regularisation.label_smoothing;
    let traces: Vec<reference::Trace> = problem
        .rows()
        .iter()
        .map(|(x, y, _)| {
            let y = reference::smooth(network, y, smoothing);
            reference::backpropagate(network, &problem.theta, x, &y)
        })
        .collect();
    let share = |units: usize, wanted: &dyn Fn(usize) -> bool| {
        (0..units).filter(|&unit| wanted(unit)).count() as f64 / units as f64
    };
    let layer = |(l, shape): (usize, retrograde::network::LayerShape)| {
        let deltas = traces.iter().flat_map(|t| t.delta[l].iter().map(|d| d.abs())).collect();
        let of_weight = |i: usize| (problem.theta[i] != 0.0).then(|| (grad[i] / problem.theta[i]).abs());
        let shares = shape.weights.filter_map(of_weight).collect();
        let activation = network.hidden().get(l).copied();
        let dead = (activation == Some(Activation::Relu))
            .then(|| share(shape.units, &|i| traces.iter().all(|t| t.z[l][i] <= 0.0)));
        let steepest = match activation {
            Some(Activation::Sigmoid) => Some(0.25),
            Some(Activation::Tanh) => Some(1.0),
            _ => None,
        };
        let saturated = steepest.map(|most| {
            share(shape.units, &|i| {
                let flat =
                    |t: &&reference::Trace| reference::slope(network.hidden()[l], t.z[l][i]) < FLAT * most;
                traces.iter().filter(flat).count() as f64 >= MOSTLY * traces.len() as f64
            })
        });
        (quantiles(deltas), quantiles(shares), dead, saturated)
    };
    network.layers().enumerate().map(layer).collect()
}

fn compare(found: &[LayerRecord], expected: &[Expected], what: &str) {
    assert_eq!(found.len(), expected.len());
    for (found, (delta, shares, dead, saturated)) in found.iter().zip(expected) {
        let what = |of: &str| format!("{what}: {of} of layer {}", found.l);
        for (name, found, expected) in [("δ", found.delta, delta), ("D/W", found.relative_grad, shares)] {
            assert_eq!(found.is_some(), expected.is_some(), "{}", what(name));
            let Some((Quantiles { p5, median, p95 }, expected)) = found.zip(*expected) else { continue };
            for (found, expected) in [p5, median, p95].iter().zip(expected) {
                assert_close(&what(name), *found, expected, (1e-30, 6e-4));
            }
        }
        for (found, expected) in [(found.dead, dead), (found.saturated, saturated)] {
            assert_eq!(found.is_some(), expected.is_some(), "{}", what("a share"));
            assert_close(&what("a share"), found.unwrap_or(0.0), expected.unwrap_or(0.0), (1e-4, 0.0));
        }
    }
}

#[test]
fn every_number_is_the_scalar_loops() {
    let (mut dead, mut saturated) = (0, 0);
    for seed in 0..common::problems(1000, 300) {
        let problem = Problem::random(seed, LIMITS);
        let (_, grad) = problem.reference();
        let found = measure(&problem.params(), &grad, &problem.examples(), problem.regularisation);
        let found = found.expect("a valid problem");
        assert!(found.iter().map(|layer| layer.l).eq(2..problem.network.depth() + 2));
        compare(&found, &expected(&problem, &grad), &format!("{seed}, {}", problem.describe()));
        dead += found.iter().filter(|layer| layer.dead > Some(0.0)).count();
        saturated += found.iter().filter(|layer| layer.saturated > Some(0.0)).count();
    }
    assert!(dead > 5 && saturated > 5, "{dead} layers with dead units and {saturated} with saturated ones");
}

#[test]
fn single_precision_sees_the_same() {
    let network = Network::new(&[6, 8, 7, 3], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy);
    let network = network.expect("a valid network");
    let wave = |(k, j): (usize, usize)| ((k * 37 + j * 11) as f64).sin();
    let problem = Problem {
        theta: Params::<f64>::init(&network, Init::Auto, 5).into_values(),
        x: Array2::from_shape_fn((30, 6), wave),
        y: Array2::from_shape_fn((30, 3), |(k, j)| f64::from(u8::from(k % 3 == j))),
        weights: None,
        network,
        regularisation: Regularisation::l2(0.5),
    };
    let (_, grad) = problem.reference();
    let single: Problem<f32> = problem.convert();
    let (_, grad_single) = single.evaluate(1);
    let found = measure(&single.params(), &grad_single, &single.examples(), single.regularisation);
    compare(&found.expect("a valid problem"), &expected(&problem, &grad), "f32");
}

/// Rows of a curve.
fn curve<T: Scalar>(rows: usize, inputs: usize) -> (Array2<T>, Array2<T>) {
    let x = Array2::from_shape_fn((rows, inputs), |(k, j)| T::constant(((k * 31 + j) as f64 * 0.7).sin()));
    let y = Array2::from_shape_fn((rows, 1), |(k, _)| x[[k, 0]] * x[[k, inputs - 1]]);
    (x, y)
}

fn looks(history: &[EpochRecord]) -> Vec<&EpochRecord> {
    history.iter().filter(|record| !record.layers.is_empty()).collect()
}

#[test]
fn the_error_fades_on_its_way_through_six_layers_of_sigmoids() {
    let network = Network::new(
        &[4, 12, 12, 12, 12, 12, 12, 1],
        &[Activation::Sigmoid],
        Output::Identity,
        Loss::SquaredError,
    );
    let network = network.expect("a valid network");
    let (x, y) = curve::<f32>(2000, 4);
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("valid rows");
    let start = Params::init(&network, Init::Course, 1);
    let settings = TrainSettings { epochs: Some(20), ..TrainSettings::default() };
    let fit = train(&start, &rows, None, &settings, &mut ()).expect("a training");
    let first = looks(&fit.history)[0];
    assert_eq!(first.layers.len(), 7);
    let medians: Vec<f64> = first.layers.iter().map(|layer| layer.delta.expect("δ").median).collect();
    assert!(medians.windows(2).all(|pair| pair[0] < 0.6 * pair[1]), "{medians:?}");
    assert!(medians[0] < 1e-3 * medians[6], "{medians:?}");
}

#[test]
fn dead_units_show() {
    let network = Network::new(&[2, 8, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError);
    let network = network.expect("a valid network");
    let (x, y) = curve::<f64>(4000, 2);
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("valid rows");
    let mut start = Params::<f64>::init(&network, Init::Auto, 1).into_values();
    // Three units that no row gets through: |w·x| is below 10.
    start[16..19].fill(-20.0);
    let start = Params::from_values(&network, start).expect("as many");
    let settings = TrainSettings { optimizer: Optimizer::SGD, epochs: Some(60), ..TrainSettings::default() };
    let fit = train(&start, &rows, None, &settings, &mut ()).expect("a training");
    let looks = looks(&fit.history);
    assert!(looks.len() > 2);
    for record in looks {
        assert!(record.layers[0].dead >= Some(0.375), "{:?}", record.layers[0]);
        assert_eq!((record.layers[1].dead, record.layers[0].saturated), (None, None));
    }
}

/// A training's history with every method, and in pieces.
fn histories<T: Scalar>() {
    let network = Network::new(&[6, 14, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError);
    let network = network.expect("a valid network");
    let (x, y) = curve::<T>(2000, 6);
    let weights: Vec<T> = (0..2000).map(|k| T::constant(f64::from(u8::from(k % 7 != 0)))).collect();
    let rows = Examples::new(&network, x.view(), y.view(), Some(&weights)).expect("valid rows");
    let start = Params::<T>::init(&network, Init::Auto, 2);
    for (name, optimizer) in Optimizer::NAMED {
        let settings =
            |threads| TrainSettings { optimizer, epochs: Some(50), threads, ..TrainSettings::default() };
        let whole = train(&start, &rows, None, &settings(1), &mut ()).expect("a training").history;
        assert!(looks(&whole).len() > 2, "{} looks in {} epochs of {name}", looks(&whole).len(), whole.len());
        for record in looks(&whole) {
            assert!(LayerRecord::mistake(&record.layers, &network).is_none());
            assert!(!layer_numbers(&record.layers[..1]).is_empty());
        }
        for threads in [3, 8] {
            let again = train(&start, &rows, None, &settings(threads), &mut ()).expect("a training").history;
            assert_eq!(again, whole, "{name} on {threads} threads");
        }
        let mut training = Training::new(&start, &rows, None, &settings(1)).expect("a training");
        while (0..79).all(|_| training.advance(&mut ()) == Flow::Continue) {
            let state = training.state().clone();
            training = Training::resume(&network, state, &rows, None, &settings(2)).expect("the same again");
        }
        assert_eq!(training.finish(&mut ()).expect("threads").history, whole, "{name} in pieces");
    }
}

#[test]
fn every_method_looks_and_sees_the_same_on_any_threads_and_in_pieces() {
    histories::<f64>();
    histories::<f32>();
}

#[test]
fn streams_are_looked_at_too() {
    let network = Network::new(&[6, 14, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError);
    let network = network.expect("a valid network");
    let (x, y) = curve::<f32>(2000, 6);
    let supplier = Supplier::new(&x, &y, None).with(Habits { block: 50, ..Habits::default() });
    let start = Params::<f32>::init(&network, Init::Auto, 2);
    let settings = TrainSettings { epochs: Some(40), batch: BatchSize::Rows(32), ..TrainSettings::default() };
    let all = Examples::new(&network, x.view(), y.view(), None).expect("valid rows");
    let held = train(&start, &all, None, &settings, &mut ()).expect("a training").history;
    for window in [450, 2000] {
        let mut rows = supplier.streamed(&network, window);
        let whole = train(&start, &mut rows, None, &settings, &mut ()).expect("a training").history;
        assert!(looks(&whole).len() > 2);
        assert!(window < 2000 || whole == held, "a window of all rows");
        let mut state = None;
        let again = loop {
            let mut rows = supplier.streamed(&network, window);
            let mut training = match state.take() {
                None => Training::new(&start, &mut rows, None, &settings).expect("a training"),
                Some(state) => {
                    Training::resume(&network, state, &mut rows, None, &settings).expect("more of it")
                }
            };
            let ended = (0..133).any(|_| training.advance(&mut ()) == Flow::Stop);
            if ended {
                break training.finish(&mut ()).expect("threads").history;
            }
            state = Some(training.state().clone());
        };
        assert_eq!(again, whole, "a window of {window}, in pieces");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let network = Network::new(&[1, 1, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError);
    let network = network.expect("a valid network");
    let params = Params::<f64>::from_values(&network, vec![1.0, 0.0, 1.0, 0.0]).expect("as many");
    let (x, y) = (array![[1.0], [2.0]], array![[1.0], [1.0]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("valid rows");
    let error = measure(&params, &[0.0], &rows, Regularisation::default()).expect_err("too few derivatives");
    assert!(error.to_string().contains("the gradient"), "{error}");
    let found = measure(&params, &[0.0; 4], &rows, Regularisation::default()).expect("layers");
    assert!(
        LayerRecord::mistake(&found, &network).is_none() && LayerRecord::mistake(&[], &network).is_none()
    );
    assert!(LayerRecord::mistake(&found[..1], &network).is_some());
    let quantiles = |p5, p95| Some(Quantiles { p5, median: 1.0, p95 });
    for (delta, dead) in [
        (quantiles(2.0, 3.0), None),
        (quantiles(-1.0, 3.0), None),
        (quantiles(f64::NAN, 3.0), None),
        (quantiles(1.0, f64::INFINITY), None),
        (None, Some(1.5)),
        (None, Some(f64::NAN)),
    ] {
        let altered = [LayerRecord { delta, dead, ..found[0] }, found[1]];
        assert!(LayerRecord::mistake(&altered, &network).is_some(), "{altered:?}");
    }
}
