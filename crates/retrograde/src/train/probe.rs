//! When a training looks at its layers, and on which rows.

use super::EpochRecord;
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::forward::BLOCK_ROWS;
use crate::layers::{LayerRecord, Survey};
use crate::network::Network;
use crate::objective::Point;
use crate::real::Scalar;

/// The work of a training, for that of one look at its layers: a look is 2 % of it at most.
const WORTH: f64 = 50.0;
/// Epochs after which there is a look only when they have become more by one in as many.
const OFTEN: usize = 16;
/// Rows of a look: one in so many of all, but between these numbers.
const SHARE: usize = 16;
const ROWS: (usize, usize) = (32, 256);

/// Decides by counted work, never by a clock, so that a training comes to the same history everywhere.
///
/// What it goes by is in the history: a training taken up again looks when it would have looked.
#[derive(Debug)]
pub(super) struct Probe {
    /// Rows of a look at most.
    rows: usize,
    /// Work of a look, and of a gradient of all rows.
    look: f64,
    gradient: f64,
    /// Epoch and gradients of all rows at the last look.
    last: (usize, f64),
}

impl Probe {
    /// For a training of `rows` rows that has come so far.
    pub fn new(network: &Network, rows: usize, history: &[EpochRecord]) -> Self {
        let taken = (rows / SHARE).clamp(ROWS.0, ROWS.1).min(rows);
        let last = history.iter().rev().find(|record| !record.layers.is_empty());
        Self {
            rows: taken,
            look: Survey::work(network, taken),
            gradient: rows as f64 * network.weight_count() as f64,
            last: last.map_or((0, 0.0), |record| (record.epoch, record.evaluations)),
        }
    }

    /// Whether it is time to look at the end of this epoch.
    pub fn is_due(&self, epoch: usize, evaluations: f64) -> bool {
        let (last, before) = self.last;
        let later = epoch.saturating_sub(last) > last / OFTEN;
        later && (evaluations - before) * self.gradient >= WORTH * self.look
    }

    pub fn have_looked(&mut self, epoch: usize, evaluations: f64) {
        self.last = (epoch, evaluations);
    }

    /// Every layer, on some of these rows that weigh something, evenly spread.
    pub fn look<T: Scalar>(
        &self,
        (network, point): (&Network, &Point<T>),
        evaluator: &mut Evaluator<T>,
        rows: &Examples<'_, T>,
    ) -> Vec<LayerRecord> {
        let (all, outputs) = (rows.rows(), network.outputs());
        let count = self.rows.min(all);
        let weighs = |row: &usize| rows.weights.is_none_or(|weights| weights[*row].value() != 0.0);
        let taken: Vec<usize> = (0..count).map(|i| i * all / count).filter(weighs).collect();
        let y: Vec<T> = taken.iter().flat_map(|row| &rows.y[row * outputs..][..outputs]).copied().collect();
        let order: Vec<u32> = taken.iter().map(|&row| row as u32).collect();
        let mut survey = Survey::new(network, taken.len());
        // An evaluator for fewer rows than a block has room for no more of them.
        let part = if evaluator.rows() < BLOCK_ROWS { evaluator.rows() } else { order.len().max(1) };
        for (order, y) in order.chunks(part).zip(y.chunks(part * outputs)) {
            survey.visit(evaluator, &point.theta, &rows.batch(order, y, None));
        }
        survey.records(&point.theta, &point.grad)
    }
}

#[cfg(test)]
impl Probe {
    pub fn never(&mut self) {
        self.look = f64::INFINITY;
    }

    pub fn always(&mut self) {
        self.look = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Loss, Output};

    /// The epochs of a look, where each epoch is so many gradients.
    fn looks(sizes: &[usize], rows: usize, (epochs, gradients): (usize, f64)) -> (Vec<usize>, f64) {
        let network = Network::new(sizes, &[Activation::Tanh], Output::Identity, Loss::SquaredError).unwrap();
        let mut probe = Probe::new(&network, rows, &[]);
        let mut found = Vec::new();
        for epoch in 1..=epochs {
            let evaluations = gradients * epoch as f64;
            if probe.is_due(epoch, evaluations) {
                probe.have_looked(epoch, evaluations);
                found.push(epoch);
            }
        }
        (found, probe.look / (gradients * probe.gradient))
    }

    #[test]
    fn looks_are_a_fiftieth_of_the_work_at_most() {
        for sizes in [&[2, 2, 1][..], &[4, 16, 3], &[64, 32, 10], &[784, 100, 10], &[20, 512, 512, 1]] {
            for rows in [4, 40, 150, 1500, 60_000] {
                for training in [(30, 1.0), (200, 1.0), (500, 1.3), (5000, 1.0), (5000, 40.0)] {
                    let (found, work) = looks(sizes, rows, training);
                    let share = found.len() as f64 * work / training.0 as f64;
                    assert!(share <= 0.02, "{sizes:?}, {rows} rows, {training:?}: {share}");
                    assert!(found.len() <= 120, "{} looks", found.len());
                }
            }
        }
    }

    #[test]
    fn large_epochs_are_looked_at_often_and_late_ones_rarely() {
        let (found, _) = looks(&[784, 100, 10], 60_000, (200, 1.0));
        assert_eq!(found[..16], std::array::from_fn::<usize, 16, _>(|i| i + 1));
        assert!(found[found.len() - 1] > 185 && found.len() >= 50, "{found:?}");
        assert!(looks(&[2, 2, 1], 4, (100, 1.0)).0.is_empty());
    }
}
