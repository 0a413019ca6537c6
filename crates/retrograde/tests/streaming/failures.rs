//! What cannot be read, computed with or asked for.

use crate::case::{Case, bits, settings};
use crate::common::supplier::Gone;
use crate::common::{Habits, Supplier};
use ndarray::Array2;
use retrograde::stream::{Failure, Order, RowStream};
use retrograde::{
    Activation, BatchSize, Error, Fit, Flow, Loss, Network, Optimizer, Output, Params, StopReason,
    StreamFailure, Streamed, TrainSettings, Training, train,
};

fn failure(fit: &Fit<f64>) -> &StreamFailure {
    match &fit.stop {
        StopReason::Stream(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn breaking(case: &Case<f64>, breaks_off: Option<(usize, usize)>, window: usize) -> Streamed<f64> {
    case.supplier(Habits { block: 6, breaks_off, ..Habits::default() }).streamed(&case.network, window)
}

#[test]
fn a_supplier_that_fails_ends_the_training_which_goes_on_when_it_is_mended() {
    let case = Case::<f64>::narrow(53);
    let settings = settings(Optimizer::ADAM, 4);
    let whole = case.bits(&mut breaking(&case, None, 13), None, &settings);
    // In a window of 12 rows that is read ahead, in the first, at an epoch's beginning.
    for (pass, place, epoch, batch) in [(2, 30, 2, 7), (1, 3, 1, 1), (3, 0, 3, 1), (1, 52, 1, 13)] {
        let mut rows = breaking(&case, Some((pass, place)), 13);
        let mut training = Training::new(&case.start(), &mut rows, None, &settings).unwrap();
        while training.advance(&mut ()) == Flow::Continue {}
        let state = training.state().clone();
        assert!(!state.has_ended());
        let kept = training.theta().to_vec();
        let fit = training.finish(&mut ()).unwrap();
        let found = failure(&fit);
        assert_eq!((found.epoch, found.batch), (epoch, batch));
        let after = place / 12 * 12;
        assert!(found.to_string().starts_with("the stream of rows broke off after "), "{found}");
        assert!(found.to_string().contains("the disk is gone, at epoch"), "{found}");
        assert!(
            fit.params.values() == if epoch == 1 { &kept } else { fit.params.values() },
            "after {after} rows"
        );
        let Some(Error::Stream { rows: read, cause }) = rows.failure() else {
            panic!("{:?}", rows.failure())
        };
        assert!((after..=place).contains(read) && cause.get().downcast_ref() == Some(&Gone));
        let mut mended = breaking(&case, None, 13);
        let mut training = Training::resume(&case.network, state, &mut mended, None, &settings).unwrap();
        while training.advance(&mut ()) == Flow::Continue {}
        let last = training.theta().to_vec();
        assert!(bits(&last, &training.finish(&mut ()).unwrap()) == whole, "{pass} {place}");
    }
}

/// Breaks off while J of all rows is computed: the mean costs of the epochs chose the weights.
#[test]
fn a_failure_at_the_very_end_keeps_the_best_weights_so_far() {
    let case = Case::<f64>::narrow(53);
    let settings = settings(Optimizer::ADAM, 4);
    let fit =
        train(&case.start(), &mut breaking(&case, Some((4, 20)), 13), None, &settings, &mut ()).unwrap();
    assert_eq!((failure(&fit).epoch, fit.history.len()), (3, 3));
    assert!(fit.best_epoch > 0 && fit.params.values() != case.start().values());
}

/// The epoch ends as soon as its validation rows can be read.
#[test]
fn validation_rows_that_cannot_be_read() {
    let (case, held) = (Case::<f64>::narrow(53), Case::<f64>::narrow(40));
    for optimizer in [Optimizer::ADAM, Optimizer::LBFGS] {
        let settings = settings(optimizer, 4);
        let rows = case.examples();
        let whole = case.bits(&rows, &mut breaking(&held, None, 9), &settings);
        let mut judges = breaking(&held, Some((2, 20)), 9);
        let mut training = Training::new(&case.start(), &rows, &mut judges, &settings).unwrap();
        while training.advance(&mut ()) == Flow::Continue {}
        let state = training.state().clone();
        let again = Training::resume(&case.network, state.clone(), &rows, None, &settings);
        assert!(again.is_err(), "an epoch that has not ended, with nothing to wait for");
        let fit = training.finish(&mut ()).unwrap();
        assert_eq!(fit.history.len(), if optimizer == Optimizer::ADAM { 2 } else { 1 });
        assert!(optimizer == Optimizer::ADAM || failure(&fit).epoch == 2);
        let mut mended = breaking(&held, None, 9);
        let mut training = Training::resume(&case.network, state, &rows, &mut mended, &settings).unwrap();
        while training.advance(&mut ()) == Flow::Continue {}
        let last = training.theta().to_vec();
        assert!(bits(&last, &training.finish(&mut ()).unwrap()) == whole, "{}", optimizer.name());
    }
}

#[test]
fn a_value_that_cannot_be_computed_with_is_named_by_its_row() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for window in [13, 53] {
            let mut case = Case::<f64>::narrow(53);
            case.x[[37, 3]] = bad;
            let mut rows = breaking(&case, None, window);
            let settings = settings(Optimizer::ADAM, 4);
            let said = format!("the input of row 37, column 3 is {bad}; expected a finite number");
            match train(&case.start(), &mut rows, None, &settings, &mut ()) {
                Ok(fit) => assert_eq!(failure(&fit).message, said),
                Err(error) => assert_eq!((window, error.to_string()), (53, said)),
            }
            assert!(matches!(rows.failure(), Some(Error::Value { row: 37, column: 3, .. })));
        }
    }
    let mut case = Case::<f64>::narrow(53);
    case.y[[5, 1]] = 1.5;
    let fit =
        train(&case.start(), &mut case.streamed(9), None, &settings(Optimizer::ADAM, 4), &mut ()).unwrap();
    assert!(failure(&fit).message.starts_with("the target of row 5, column 1 is 1.5"), "{:?}", fit.stop);
    let mut case = Case::<f64>::narrow(53);
    case.weights[50] = -1.0;
    let fit =
        train(&case.start(), &mut case.streamed(9), None, &settings(Optimizer::ADAM, 4), &mut ()).unwrap();
    assert!(failure(&fit).message.starts_with("the weight of row 50"), "{:?}", fit.stop);
}

/// A supplier that does not do as it says.
struct Liar {
    rows: usize,
    delivers: usize,
    weight: f64,
    next: usize,
}

impl RowStream<f64> for Liar {
    fn rows(&self) -> usize {
        self.rows
    }
    fn widths(&self) -> (usize, usize) {
        (1, 1)
    }
    fn total_weight(&self) -> Option<f64> {
        Some(self.weight)
    }
    fn rewind(&mut self, _: Order) -> Result<(), Failure> {
        self.next = 0;
        Ok(())
    }
    fn fill(&mut self, x: &mut [f64], y: &mut [f64], weights: Option<&mut [f64]>) -> Result<usize, Failure> {
        x.fill(0.5);
        y.fill(0.5);
        weights.expect("weights").fill(1.0);
        let rows = x.len().min(self.delivers.saturating_sub(self.next));
        self.next += rows;
        Ok(if self.delivers > 1000 { x.len() + 1 } else { rows })
    }
}

#[test]
fn a_supplier_that_does_not_do_as_it_says() {
    let network = Network::new(&[1, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError).unwrap();
    let start = Params::from_values(&network, vec![0.0, 0.0]).unwrap();
    let plain = settings(Optimizer::ADAM, 2);
    let message = |rows, delivers, weight, window| {
        let liar = Liar { rows, delivers, weight, next: 0 };
        let mut rows = Streamed::new(&network, liar, window).unwrap();
        match train(&start, &mut rows, None, &plain, &mut ()) {
            Ok(fit) => failure(&fit).message.clone(),
            Err(error) => error.to_string(),
        }
    };
    for window in [4, 20] {
        assert_eq!(
            message(20, 9, 20.0, window),
            "the stream of rows is 9 rows long; expected 20 rows, as its supplier said"
        );
        assert_eq!(
            message(20, 20, 30.0, window),
            "the sum of the stream's row weights is 20; expected 30, as its supplier said"
        );
        let said = message(20, 2000, 20.0, window);
        assert!(said.starts_with("the stream of rows is delivered by "), "{said}");
    }
}

#[test]
fn what_a_stream_cannot_be() {
    let case = Case::<f64>::narrow(10);
    let supplier = |rows: usize, weights: Option<&[f64]>| {
        Supplier::new(&Array2::<f64>::zeros((rows, 5)), &Array2::zeros((rows, 2)), weights)
    };
    let refused = |supplier, network: &Network, window| {
        Streamed::<f64>::new(network, supplier, window).unwrap_err().to_string()
    };
    assert!(refused(supplier(0, None), &case.network, 5).contains("at least one row"));
    assert!(refused(supplier(3, None), &case.network, 0).contains("at least 1 row"));
    assert!(refused(supplier(2, Some(&[0.0, 0.0])), &case.network, 5).contains("sum"));
    let other = Case::<f64>::wide(10);
    assert!(refused(supplier(2, None), &other.network, 5).contains("2 rows of 5 inputs and 2 targets"));
    let error = train(&other.start(), &mut case.streamed(5), None, &settings(Optimizer::ADAM, 2), &mut ());
    assert!(error.unwrap_err().to_string().contains("set of examples"));
}

#[test]
fn what_needs_all_rows_needs_a_window_for_them() {
    let case = Case::<f64>::narrow(53);
    let refused = |settings: &TrainSettings| {
        train(&case.start(), &mut case.streamed(20), None, settings, &mut ()).unwrap_err().to_string()
    };
    for (_, optimizer) in Optimizer::NAMED {
        let automatic = TrainSettings { optimizer, threads: 1, ..TrainSettings::default() };
        if optimizer == Optimizer::Auto {
            let mut rows = case.streamed(20);
            let training = Training::new(&case.start(), &mut rows, None, &automatic).unwrap();
            assert_eq!(training.settings().optimizer, Optimizer::ADAM);
        } else if optimizer == Optimizer::GradientDescent {
            assert!(refused(&automatic).starts_with("the batch is 53 of 53 rows, with a window of 20"));
        } else if optimizer.wants_all_rows() {
            let said = refused(&automatic);
            assert!(said.contains(optimizer.name()) || said.contains("minimi"), "{said}");
        }
    }
    for batch in [BatchSize::Full, BatchSize::Rows(21)] {
        let settings = TrainSettings { batch, threads: 1, ..TrainSettings::default() };
        assert!(refused(&settings).contains("no larger than the window of the stream"));
    }
}

#[test]
fn a_divergence_names_the_row_of_the_stream() {
    let network = Network::new(&[1, 1], &[] as &[Activation], Output::Exp, Loss::Poisson).unwrap();
    let mut x = Array2::from_shape_fn((30, 1), |(k, _)| k as f64 / 100.0);
    x[[17, 0]] = 1e5;
    let y = Array2::from_elem((30, 1), 1.0);
    let start = Params::from_values(&network, vec![1.0, 0.0]).unwrap();
    for (block, window) in [(0, 10), (4, 10), (4, 30)] {
        let habits = Habits { block, ..Habits::default() };
        let mut rows = Supplier::new(&x, &y, None).with(habits).streamed(&network, window);
        let settings = TrainSettings { learning_rate: Some(1e-6), ..settings(Optimizer::SGD, 5) };
        let fit = train(&start, &mut rows, None, &settings, &mut ()).unwrap();
        let StopReason::Diverged(found) = fit.stop else { panic!("{:?}", fit.stop) };
        assert_eq!(found.at.and_then(|at| at.row), Some(17), "blocks of {block}, a window of {window}");
    }
}

#[test]
fn a_panic_of_the_supplier_comes_out() {
    let case = Case::<f64>::narrow(53);
    let habits = Habits { breaks_off: Some((1, 30)), panics: true, ..Habits::default() };
    let mut rows = case.supplier(habits).streamed(&case.network, 13);
    let settings = settings(Optimizer::ADAM, 4);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        train(&case.start(), &mut rows, None, &settings, &mut ())
    }));
    assert!(panic.is_err());
    let fit = train(&case.start(), &mut rows, None, &settings, &mut ()).unwrap();
    assert!(failure(&fit).message.contains("panicked"));
}
