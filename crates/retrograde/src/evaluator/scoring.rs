//! Scores of rows that come in parts.

use super::{CostPart, Evaluator, RowSums};
use crate::error::Result;
use crate::examples::Examples;
use crate::params::Params;
use crate::real::Scalar;
use crate::regularisation::Regularisation;
use crate::score::Score;

/// The score of rows that are not all in memory: shown part by part, as they come from a file for instance.
///
/// Where each part but the last has a multiple of 256 rows, the sums have the bits that they have over all rows at once.
///
/// ```
/// use ndarray::array;
/// use retrograde::{Activation, CostPart, Examples, Init, Loss, Network, Output, Params, Regularisation, Scoring};
///
/// let network = Network::new(&[1, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError)?;
/// let params = Params::<f64>::from_values(&network, vec![2.0, 0.0])?;
/// let mut scoring = Scoring::new(&params, Regularisation::l2(0.0), 2, 1)?;
/// for (x, y) in [(array![[1.0], [2.0]], array![[2.0], [4.0]]), (array![[3.0], [4.0]], array![[6.0], [7.0]])] {
///     scoring.add(&Examples::new(&network, x.view(), y.view(), None)?);
/// }
/// assert_eq!(scoring.cost(CostPart::Loss), 0.5 / 4.0);
/// # Ok::<(), retrograde::Error>(())
/// ```
#[derive(Debug)]
pub struct Scoring<'a, T: Scalar> {
    params: &'a Params<T>,
    evaluator: Evaluator<T>,
    sums: Option<RowSums>,
    /// M = Σ w_k of the rows so far.
    total: f64,
}

impl<'a, T: Scalar> Scoring<'a, T> {
    /// No rows yet. Parts have at most `rows` rows; `threads` as in [`Evaluator::new`].
    ///
    /// # Errors
    /// As [`Evaluator::new`].
    pub fn new(
        params: &'a Params<T>,
        regularisation: Regularisation,
        rows: usize,
        threads: usize,
    ) -> Result<Self> {
        let evaluator = Evaluator::new(params.network(), regularisation, rows, threads)?;
        Ok(Self { params, evaluator, sums: None, total: 0.0 })
    }

    /// The next rows.
    ///
    /// # Panics
    /// For more rows than a part has, or examples of other widths.
    pub fn add(&mut self, rows: &Examples<'_, T>) {
        self.sums = Some(self.evaluator.sums(self.params.values(), rows, self.sums));
        self.total += rows.total_weight();
    }

    /// The score of all rows so far; of none it is not a number.
    pub fn score(&self) -> Score {
        let (cost, tally) = self.sums.unwrap_or_default();
        Score::of(self.params.network(), cost, &tally, self.total)
    }

    /// J of all rows so far, with the penalty or without it.
    pub fn cost(&self, part: CostPart) -> f64 {
        let sums = self.sums.unwrap_or_default();
        match part {
            CostPart::Loss => sums.0 / self.total,
            CostPart::WithPenalty => self.evaluator.cost_of(self.params.values(), &sums, self.total),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scoring;
    use crate::{
        Activation, CostPart, Evaluator, Examples, Init, Loss, Network, Output, Params, Regularisation,
    };
    use ndarray::{Array2, s};

    #[test]
    fn parts_come_to_the_bits_of_the_whole() {
        let network = Network::new(&[3, 5, 4], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy)
            .expect("a network");
        let params = Params::<f32>::init(&network, Init::Auto, 3);
        let x = Array2::from_shape_fn((1000, 3), |(i, j)| ((i * 7 + j * 3) % 11) as f32 / 5.0 - 1.0);
        let y = Array2::from_shape_fn((1000, 4), |(i, j)| f32::from(u8::from(i % 4 == j)));
        let w: Vec<f32> = (0..1000).map(|k| (k % 3) as f32).collect();
        let part = |from, to| {
            Examples::new(&network, x.slice(s![from..to, ..]), y.slice(s![from..to, ..]), Some(&w[from..to]))
                .expect("rows")
        };
        let whole = part(0, 1000);
        let mut evaluator = Evaluator::new(&network, Regularisation::l2(0.7), 1000, 1).expect("an evaluator");
        let mut scoring = Scoring::new(&params, Regularisation::l2(0.7), 512, 2).expect("a scoring");
        for (from, to) in [(0, 512), (512, 768), (768, 1000)] {
            scoring.add(&part(from, to));
        }
        assert_eq!(scoring.score(), evaluator.score(params.values(), &whole));
        for kind in [CostPart::Loss, CostPart::WithPenalty] {
            assert_eq!(scoring.cost(kind), evaluator.cost(params.values(), &whole, kind));
        }
    }
}
