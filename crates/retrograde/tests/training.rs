//! The training loop: which weights are kept, when it diverges, and the first-order methods' steps by hand.

use ndarray::{Array2, array};
use retrograde::{
    Activation, BatchSize, EpochRecord, Examples, Flow, Init, Loss, Network, Observer, Optimizer, Output,
    Params, Regularisation, Schedule, Shape, StepRules, StopReason, TrainSettings, Training, train,
};

/// a = w x + b with ½(a − y)².
fn line() -> Network {
    Network::new(&[1, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError).expect("a network")
}

fn settings(optimizer: Optimizer, learning_rate: f64, batch: BatchSize, epochs: usize) -> TrainSettings {
    TrainSettings {
        optimizer,
        learning_rate: Some(learning_rate),
        batch,
        epochs: Some(epochs),
        regularisation: Regularisation::default(),
        ..TrainSettings::default()
    }
}

/// J of one weight and bias on rows (x, y).
fn cost(theta: &[f64], x: &Array2<f64>, y: &Array2<f64>) -> f64 {
    let squares = x.iter().zip(y).map(|(x, y)| (theta[0] * x + theta[1] - y).powi(2) / 2.0);
    squares.sum::<f64>() / x.len() as f64
}

#[test]
fn steps_that_only_make_it_worse_give_back_the_start() {
    let network = line();
    let (x, y) = (array![[1.0], [-1.0], [2.0], [0.5]], array![[1.0], [-1.0], [2.0], [0.5]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    for batch in [BatchSize::Full, BatchSize::Rows(2)] {
        let start = Params::from_values(&network, vec![0.9, 0.05]).unwrap();
        let settings = settings(Optimizer::Sgd { momentum: 0.0, nesterov: false }, 2.5, batch, 5);
        let fit = train(&start, &rows, None, &settings, &mut ()).unwrap();
        assert_eq!(fit.best_epoch, 0, "{batch:?}");
        assert_eq!(fit.params.values(), start.values(), "{batch:?}");
    }
}

#[test]
fn the_cost_of_a_full_batch_is_that_of_the_weights_kept() {
    let network = line();
    let (x, y) = (array![[1.0], [-1.0], [2.0]], array![[0.5], [-1.5], [2.0]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let start = Params::<f64>::init(&network, Init::Auto, 1);
    let settings = settings(Optimizer::Sgd { momentum: 0.9, nesterov: false }, 0.9, BatchSize::Full, 9);
    let settings = TrainSettings { regularisation: Regularisation::l2(0.0), ..settings };
    let fit = train(&start, &rows, None, &settings, &mut ()).unwrap();
    let lowest = fit.history.iter().map(|r| r.train_cost).fold(cost(start.values(), &x, &y), f64::min);
    let found = cost(fit.params.values(), &x, &y);
    assert!((found - lowest).abs() <= 1e-12 * lowest, "{found} {lowest}");
}

#[test]
fn the_last_step_may_diverge_too() {
    let network = line();
    let (x, y) = (array![[1.0_f32], [-1.0], [2.0]], array![[0.5_f32], [-1.5], [2.0]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    for batch in [BatchSize::Full, BatchSize::Rows(3), BatchSize::Rows(2)] {
        let start = Params::<f32>::init(&network, Init::Auto, 1);
        let settings = settings(Optimizer::SGD, 1e39, batch, 1);
        let fit = train(&start, &rows, None, &settings, &mut ()).unwrap();
        assert!(matches!(fit.stop, StopReason::Diverged(_)), "{batch:?}: {:?}", fit.stop);
        assert_eq!(fit.params.values(), start.values());
    }
}

#[test]
fn the_cost_of_an_epoch_counts_every_row_once() {
    let network = line();
    // 17 rows in batches of 16: the last one alone must not weigh as much as the others together.
    let x = Array2::from_shape_fn((17, 1), |(k, _)| k as f64 - 8.0);
    let y = x.mapv(|x| x * x);
    let weights: Vec<f64> = (0..17).map(|k| 1.0 + f64::from(k % 3)).collect();
    let rows = Examples::new(&network, x.view(), y.view(), Some(&weights)).unwrap();
    let start = Params::from_values(&network, vec![0.5, 0.25]).unwrap();
    let settings = settings(Optimizer::SGD, 1e-300, BatchSize::Rows(16), 2);
    let settings = TrainSettings { regularisation: Regularisation::l2(3.0), ..settings };
    let fit = train(&start, &rows, None, &settings, &mut ()).unwrap();
    let mut evaluator = retrograde::Evaluator::new(&network, settings.regularisation, 17, 1).unwrap();
    let cost = evaluator.cost(start.values(), &rows, retrograde::CostPart::WithPenalty);
    for record in &fit.history {
        assert!((record.train_cost - cost).abs() < 1e-12 * cost, "{} {cost}", record.train_cost);
    }
}

#[test]
fn examples_of_another_network_are_refused() {
    let (x, y) = (array![[1.0, 2.0]], array![[7.0]]);
    let wide = Network::new(&[2, 1], &[], Output::Identity, Loss::SquaredError).unwrap();
    let classes = Network::new(&[2, 1], &[], Output::Sigmoid, Loss::CrossEntropy).unwrap();
    let rows = Examples::new(&wide, x.view(), y.view(), None).unwrap();
    let settings = TrainSettings::default();
    for network in [line(), classes] {
        let start = Params::<f64>::init(&network, Init::Auto, 1);
        let refused = train(&start, &rows, None, &settings, &mut ()).unwrap_err().to_string();
        assert!(refused.contains("set of examples"), "{refused}");
        assert!(retrograde::check(&start, &rows, &retrograde::CheckSettings::default()).is_err());
        assert!(retrograde::Trace::of(&start, &rows, Regularisation::default()).is_err());
    }
}

#[test]
fn a_validation_row_that_overflows_is_said_to() {
    let network = Network::new(&[1, 1], &[], Output::Exp, Loss::Poisson).unwrap();
    let (x, y) = (array![[0.1], [0.2]], array![[1.0], [2.0]]);
    let held = array![[1e5]];
    let one = array![[1.0]];
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let judge = Examples::new(&network, held.view(), one.view(), None).unwrap();
    let start = Params::from_values(&network, vec![1.0, 0.0]).unwrap();
    let settings = settings(Optimizer::SGD, 0.01, BatchSize::Full, 3);
    let fit = train(&start, &rows, Some(&judge), &settings, &mut ()).unwrap();
    let StopReason::Diverged(found) = fit.stop else { panic!("{:?}", fit.stop) };
    let at = found.at.expect("a place");
    assert_eq!((at.layer, at.unit, at.row), (2, 1, None));
}

/// Stops after its first batch of the second epoch.
struct Impatient;

impl Observer for Impatient {
    fn batch(&mut self, epoch: usize, _: usize, _: usize) -> Flow {
        if epoch == 2 { Flow::Stop } else { Flow::Continue }
    }

    fn epoch(&mut self, record: &EpochRecord, best: bool) -> Flow {
        assert!(record.epoch == 1 || !best, "a part of an epoch was called the best");
        Flow::Continue
    }
}

#[test]
fn a_part_of_an_epoch_is_not_compared_with_whole_ones() {
    let network = line();
    let x = Array2::from_shape_fn((64, 1), |(k, _)| f64::from(k as u32) / 32.0 - 1.0);
    let y = x.mapv(|x| 3.0 * x);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let start = Params::<f64>::init(&network, Init::Auto, 1);
    let settings = settings(Optimizer::SGD, 0.05, BatchSize::Rows(4), 9);
    let fit = train(&start, &rows, None, &settings, &mut Impatient).unwrap();
    assert_eq!(fit.stop, StopReason::Asked);
    assert_eq!(fit.history.len(), 2);
}

/// Two steps on ½(w x + b − y)² with one row x = 2, y = 1 from w = 1, b = 0: ∇J = (a − y)·(x, 1).
fn two_steps(optimizer: Optimizer, rate: f64) -> Vec<f64> {
    let network = line();
    let (x, y) = (array![[2.0], [2.0]], array![[1.0], [1.0]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("rows");
    let start = Params::from_values(&network, vec![1.0, 0.0]).expect("two values");
    let settings = settings(optimizer, rate, BatchSize::Full, 2);
    let settings = TrainSettings { regularisation: Regularisation::l2(0.0), ..settings };
    let fit = train(&start, &rows, None, &settings, &mut ()).expect("a training");
    assert_eq!(fit.best_epoch, 2);
    fit.params.values().to_vec()
}

fn close(found: &[f64], expected: [f64; 2]) {
    for (found, expected) in found.iter().zip(expected) {
        // Adam's ε, left out by hand, moves the ninth digit.
        assert!((found - expected).abs() <= 1e-8, "{found} {expected}");
    }
}

#[test]
fn steps_by_hand() {
    // Step 1: a − y = 1, ∇J = (2, 1).
    // Plain, η = 0.1: Θ = (0.8, −0.1), a − y = 0.5, ∇J = (1, 0.5).
    close(&two_steps(Optimizer::GradientDescent, 0.1), [0.7, -0.15]);
    // Momentum 0.5: v₂ = 0.5·(2, 1) + (1, 0.5) = (2, 1).
    close(&two_steps(Optimizer::Sgd { momentum: 0.5, nesterov: false }, 0.1), [0.6, -0.2]);
    // Nesterov 0.5: the first step is (2, 1) + 0.5·(2, 1) = (3, 1.5): Θ = (0.7, −0.15), a − y = 0.25, ∇J = (0.5, 0.25);
    // v₂ = 0.5·(2, 1) + (0.5, 0.25) = (1.5, 0.75), the step (0.5, 0.25) + 0.5·v₂ = (1.25, 0.625).
    close(&two_steps(Optimizer::Sgd { momentum: 0.5, nesterov: true }, 0.1), [0.575, -0.2125]);
    // Adam, η = 0.1: the first corrected step is η·sign(∇J): Θ = (0.9, −0.1), a − y = 0.7, ∇J = (1.4, 0.7).
    // m₂/(1 − 0.81) = (0.9·0.1·2 + 0.1·1.4)/0.19 = 0.32/0.19; v₂/(1 − 0.998001) =
    // (0.999·0.001·4 + 0.001·1.96)/0.001999 = 0.005956/0.001999. Both entries have one ratio.
    let step = 0.1 * (0.32 / 0.19) / (0.005_956_f64 / 0.001_999).sqrt();
    close(&two_steps(Optimizer::ADAM, 0.1), [0.9 - step, -0.1 - step]);
}

/// Row k costs 2ᵏ at the start: a mean over an epoch tells whether each row was in it once.
#[test]
fn every_epoch_deals_out_every_row_once_and_in_an_order_of_its_own() {
    struct Costs(Vec<f64>);
    impl Observer for Costs {
        fn epoch(&mut self, record: &EpochRecord, _: bool) -> Flow {
            self.0.push(record.train_cost);
            Flow::Continue
        }
    }
    let network = line();
    let x = Array2::zeros((12, 1));
    let y = Array2::from_shape_fn((12, 1), |(k, _)| (2.0 * f64::from(1u32 << k)).sqrt());
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let start = Params::from_values(&network, vec![0.0_f64, 0.0]).unwrap();
    let mut costs = Costs(Vec::new());
    let plain = settings(Optimizer::Sgd { momentum: 0.0, nesterov: false }, 1e-300, BatchSize::Rows(5), 6);
    train(&start, &rows, None, &plain, &mut costs).unwrap();
    let mean = f64::from((1 << 12) - 1) / 12.0;
    assert!(costs.0.iter().all(|c| (c - mean).abs() < 1e-9 * mean), "{:?}", costs.0);
    // One row per step at a rate that is felt: where it ends depends on the order, so seeds and epochs show theirs.
    let end = |seed, epochs| {
        let one =
            settings(Optimizer::Sgd { momentum: 0.0, nesterov: false }, 0.3, BatchSize::Rows(1), epochs);
        let one = TrainSettings { seed, patience: 1000, ..one };
        let fit = train(&start, &rows, None, &one, &mut ()).unwrap();
        fit.history.iter().map(|record| record.train_cost.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(end(1, 2), end(1, 2));
    assert_ne!(end(1, 1), end(2, 1), "two seeds, one order");
    assert_eq!(end(1, 1)[0], end(1, 2)[0]);
}

#[test]
fn patience_counts_epochs_and_the_validation_rows_choose_the_weights() {
    let network = line();
    // The training rows pull w from 0 to 10; the validation rows like w = 1 best and everything beyond it less.
    let (x, y) = (array![[1.0], [-1.0]], array![[10.0], [-10.0]]);
    let (held, wanted) = (array![[1.0], [-1.0]], array![[1.0], [-1.0]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let judge = Examples::new(&network, held.view(), wanted.view(), None).unwrap();
    let start = Params::from_values(&network, vec![0.0_f64, 0.0]).unwrap();
    for patience in [1, 3, 7] {
        let settings = settings(Optimizer::GradientDescent, 0.05, BatchSize::Full, 100);
        let settings = TrainSettings { patience, tolerance: Some(0.0), ..settings };
        let fit = train(&start, &rows, Some(&judge), &settings, &mut ()).unwrap();
        // w = 10 (1 − 0.95ᵗ): 0.5, 0.975, 1.426, so the second epoch is the best.
        assert_eq!((fit.best_epoch, fit.history.len()), (2, 2 + patience));
        assert_eq!(fit.stop, StopReason::Patience);
        assert!((fit.params.values()[0] - 0.975).abs() < 1e-12);
    }
}

#[test]
fn a_weighted_score_counts_weights() {
    let network = Network::new(&[1, 1], &[], Output::Sigmoid, Loss::CrossEntropy).unwrap();
    let (x, y) = (array![[1.0], [2.0], [-1.0]], array![[1.0], [0.0], [0.0]]);
    let weights = [1.0, 5.0, 2.0];
    let rows = Examples::new(&network, x.view(), y.view(), Some(&weights)).unwrap();
    let mut evaluator = retrograde::Evaluator::new(&network, Regularisation::default(), 3, 1).unwrap();
    // The second row, of weight 5, is wrong.
    assert_eq!(evaluator.score(&[1.0, 0.0], &rows).accuracy, Some(3.0 / 8.0));
}

/// Where it would have stopped, the rate is divided by 5 instead, until it is 10⁻⁶ or less: scikit-learn's `adaptive`.
#[test]
fn the_adaptive_rate_falls_where_nothing_improves() {
    let network = line();
    let (x, y) = (array![[1.0], [-1.0]], array![[1.0], [-1.0]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    // At the minimum: no step improves anything.
    let start = Params::from_values(&network, vec![1.0, 0.0]).unwrap();
    let plain = Optimizer::Sgd { momentum: 0.0, nesterov: false };
    let schedule = Schedule { shape: Shape::Adaptive, warm_up: 0.0 };
    let settings = TrainSettings { schedule, patience: 3, ..settings(plain, 0.1, BatchSize::Full, 1_000) };
    let fit = train(&start, &rows, None, &settings, &mut ()).unwrap();
    let rates: Vec<f64> = fit.history.iter().map(|r| r.learning_rate.unwrap()).collect();
    // The first epoch is the first milestone; 0.1/5⁸ is 2.6e-7.
    let expected: Vec<f64> =
        (0..=8).flat_map(|k| vec![0.1 / 5f64.powi(k); if k == 0 { 4 } else { 3 }]).collect();
    assert_eq!(rates.len(), expected.len());
    assert!(rates.iter().zip(&expected).all(|(r, e)| (r - e).abs() < 1e-15), "{rates:?}");
    assert_eq!(fit.stop, StopReason::Converged);
}

/// Without a clock or a file: a training put down and taken up between any two batches is the same training.
#[test]
fn any_pause_leaves_the_bits_alone() {
    let network =
        Network::new(&[2, 3, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError).unwrap();
    let x = Array2::from_shape_fn((30, 2), |(k, j)| ((k * 7 + j * 3) % 11) as f64 / 5.0 - 1.0);
    let y = Array2::from_shape_fn((30, 1), |(k, _)| (x[[k, 0]] * 2.0).sin() + x[[k, 1]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let judge =
        Examples::new(&network, x.slice(ndarray::s![..9, ..]), y.slice(ndarray::s![..9, ..]), None).unwrap();
    let start = Params::<f64>::init(&network, Init::Course, 3);
    let cosine = Schedule { shape: Shape::Cosine { period: Some(2), growth: 2, floor: 0.1 }, warm_up: 1.5 };
    for (_, optimizer) in Optimizer::NAMED {
        for (batch, validation) in
            [(BatchSize::Full, None), (BatchSize::Rows(7), None), (BatchSize::Rows(7), Some(&judge))]
        {
            if matches!(batch, BatchSize::Rows(_))
                && (optimizer.wants_all_rows() || optimizer == Optimizer::Auto)
            {
                continue;
            }
            let mut settings =
                TrainSettings { optimizer, batch, epochs: Some(6), ..TrainSettings::default() };
            if !optimizer.wants_all_rows() && optimizer != Optimizer::Auto {
                settings.schedule = cosine;
                settings.dropout = vec![0.1, 0.4];
                settings.rules = StepRules { l1: 0.1, max_norm: Some(2.0), ..StepRules::default() };
            }
            let whole = train(&start, &rows, validation, &settings, &mut ()).unwrap();
            let mut training = Training::new(&start, &rows, validation, &settings).unwrap();
            while training.advance(&mut ()) == Flow::Continue {
                let state = training.state().clone();
                let threads = 1 + training.state().place().1 % 3;
                let settings = TrainSettings { threads, ..settings.clone() };
                training = Training::resume(&network, state, &rows, validation, &settings).unwrap();
            }
            let paused = training.finish(&mut ()).unwrap();
            let what = format!("{} {batch:?}", optimizer.name());
            assert_eq!(paused.params.values(), whole.params.values(), "{what}");
            assert_eq!(
                (paused.history, paused.stop, paused.best_epoch),
                (whole.history, whole.stop, whole.best_epoch)
            );
        }
    }
}

/// A training that diverged at the end of an epoch, on its validation rows, is over wherever it is taken up.
#[test]
fn a_diverged_training_stays_diverged() {
    let network = line();
    let (x, y) = (array![[1.0], [-1.0], [2.0], [0.5]], array![[1.0], [-1.0], [2.0], [0.5]]);
    let (far, zero) = (array![[1e200]], array![[0.0]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let judge = Examples::new(&network, far.view(), zero.view(), None).unwrap();
    let start = Params::from_values(&network, vec![0.9, 0.05]).unwrap();
    for batch in [BatchSize::Full, BatchSize::Rows(1)] {
        let settings = settings(Optimizer::SGD, 0.01, batch, 5);
        let mut training = Training::new(&start, &rows, Some(&judge), &settings).unwrap();
        while training.advance(&mut ()) == Flow::Continue {}
        let state = training.state().clone();
        assert!(state.has_ended());
        let resumed = Training::resume(&network, state, &rows, Some(&judge), &settings).unwrap();
        let (whole, again) = (training.finish(&mut ()).unwrap(), resumed.finish(&mut ()).unwrap());
        assert!(matches!(whole.stop, StopReason::Diverged(_)), "{batch:?}: {:?}", whole.stop);
        assert_eq!((whole.stop, whole.params), (again.stop, again.params));
    }
}
