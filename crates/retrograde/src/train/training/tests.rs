//! Looking at the layers changes nothing.

use super::Training;
use crate::stream::{Failure, Order, RowStream};
use crate::train::probe::Probe;
use crate::train::{Rows, TrainSettings};
use crate::{
    Activation, BatchSize, Examples, Flow, Init, Loss, Network, Optimizer, Output, Params, Scalar, Streamed,
};
use ndarray::Array2;

const ROWS: usize = 90;

fn network() -> Network {
    let hidden = [Activation::Relu, Activation::Sigmoid];
    Network::new(&[3, 7, 5, 1], &hidden, Output::Identity, Loss::SquaredError).unwrap()
}

fn number<T: Scalar>((k, j): (usize, usize)) -> T {
    T::constant(((k * 31 + j) as f64 * 0.7).sin())
}

/// The rows that memory holds, one after the other.
struct Waves(usize);

impl<T: Scalar> RowStream<T> for Waves {
    fn rows(&self) -> usize {
        ROWS
    }

    fn widths(&self) -> (usize, usize) {
        (3, 1)
    }

    fn rewind(&mut self, _: Order) -> Result<(), Failure> {
        self.0 = 0;
        Ok(())
    }

    fn fill(&mut self, x: &mut [T], y: &mut [T], _: Option<&mut [T]>) -> Result<usize, Failure> {
        let rows = y.len().min(ROWS - self.0);
        for k in 0..rows {
            (0..3).for_each(|j| x[k * 3 + j] = number((self.0 + k, j)));
            y[k] = number((self.0 + k, 5));
        }
        self.0 += rows;
        Ok(rows)
    }
}

/// All that a training comes to beside its looks, and how many there were.
fn outcome<'a, T: Scalar>(
    rows: impl Into<Rows<'a, T>>,
    settings: &TrainSettings,
    change: impl FnOnce(&mut Probe),
) -> (Vec<u64>, usize) {
    let start = Params::init(&network(), Init::Auto, 3);
    let mut training = Training::new(&start, rows, None, settings).unwrap();
    change(&mut training.probe);
    while training.advance(&mut ()) == Flow::Continue {}
    let last = training.theta().to_vec();
    let fit = training.finish(&mut ()).unwrap();
    let theta = last.iter().chain(fit.params.values()).map(|w| w.value());
    let history = fit.history.iter().flat_map(|r| [r.train_cost, r.grad_norm, r.evaluations]);
    let bits = theta.chain(history).map(f64::to_bits).collect();
    (bits, fit.history.iter().filter(|record| !record.layers.is_empty()).count())
}

fn nothing_changes<T: Scalar>() {
    let (x, y) =
        (Array2::from_shape_fn((ROWS, 3), number), Array2::from_shape_fn((ROWS, 1), |(k, _)| number((k, 5))));
    let rows = Examples::<T>::new(&network(), x.view(), y.view(), None).unwrap();
    for (name, optimizer) in Optimizer::NAMED {
        let sizes = if optimizer.wants_all_rows() || optimizer == Optimizer::Auto {
            vec![BatchSize::Auto]
        } else {
            vec![BatchSize::Full, BatchSize::Rows(40), BatchSize::Rows(7)]
        };
        for batch in sizes {
            for dropout in [vec![], vec![0.3]] {
                if !dropout.is_empty() && (optimizer.wants_all_rows() || optimizer == Optimizer::Auto) {
                    continue;
                }
                let settings =
                    TrainSettings { optimizer, batch, dropout, epochs: Some(8), ..TrainSettings::default() };
                let (without, none) = outcome(&rows, &settings, Probe::never);
                let (with, looks) = outcome(&rows, &settings, Probe::always);
                assert_eq!(none, 0);
                assert!(looks > 1, "{name} {batch:?}: {looks}");
                assert_eq!(with, without, "{name} {batch:?}");
                if matches!(batch, BatchSize::Rows(_)) {
                    let streamed = || Streamed::<T>::new(&network(), Waves(0), 43).unwrap();
                    let (without, _) = outcome(&mut streamed(), &settings, Probe::never);
                    let (with, looks) = outcome(&mut streamed(), &settings, Probe::always);
                    assert!(with == without && looks == 8, "{name} {batch:?}, streamed: {looks}");
                }
            }
        }
    }
}

#[test]
fn a_training_is_the_same_whether_its_layers_are_looked_at_or_not() {
    nothing_changes::<f64>();
    nothing_changes::<f32>();
}
