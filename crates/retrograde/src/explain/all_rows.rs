//! One weight in all rows: what each pulls, how that becomes ∂J/∂Θ_ij, and its numerical twin.

use super::document::{AllRows, Pull};
use super::nudge::{Differences, Nudge};
use super::{Explainer, nudge};
use crate::error::{Error, Result};
use crate::evaluator::{Evaluator, Visited};
use crate::examples::Examples;
use crate::gradient_check::Verdict;
use crate::gradient_check::verdict_on;
use crate::gradient_check::witness::{Twins, Witness};
use crate::network::{Network, WeightId};
use crate::params::Params;
use crate::real::Sum;
use crate::regularisation::Regularisation;

/// Multiplications that the check's own witnesses may cost, a row at a time; beyond, the differences are taken by blocks.
const BUDGET: f64 = 1e9;

/// Roundings of the costs whose difference is taken, each of ε.
const ROUNDINGS: f64 = 32.0;

impl Explainer<'_> {
    pub(super) fn all_rows(&self, id: WeightId, index: usize) -> Result<AllRows> {
        self.all_rows_within(BUDGET, id, index)
    }

    fn all_rows_within(&self, budget: f64, id: WeightId, index: usize) -> Result<AllRows> {
        let work = 8.0 * self.network().weight_count() as f64 * self.examples.rows() as f64;
        let nudge = (work > budget).then(|| self.nudge(id, index));
        let (pulls, differences) = self.pass_over_all(id, nudge.as_ref())?;
        let (mut least, mut most) = (0, 0);
        for (k, &pull) in pulls.iter().enumerate() {
            least = if pull < pulls[least] { k } else { least };
            most = if pull > pulls[most] { k } else { most };
        }
        let total = self.examples.total_weight();
        let pull = |row: usize| Pull { row, line: None, value: pulls[row] };
        let decay =
            if id.source.is_none() { 0.0 } else { self.regularisation.lambda * self.params.values()[index] };
        let Together { grad_sum, mean, l2, grad } = together(&pulls, decay, total);
        let (numerical, u, verdict) = if let Some(nudge) = nudge {
            self.twin_by_blocks((grad, l2), nudge.step, &differences)
        } else {
            let witness = Witness::new(self.params, &self.examples, self.regularisation, None);
            let twins = Twins::from(&witness.derivative(index));
            (twins.numerical, twins.uncertainty, verdict_on(grad, &twins))
        };
        Ok(AllRows {
            rows: pulls.len(),
            total_weight: total,
            pull_min: pull(least),
            pull_max: pull(most),
            grad_sum,
            mean,
            l2,
            grad,
            numerical,
            u,
            verdict,
        })
    }

    /// The pulls of all rows, and for a nudge what the costs differ by; nothing without one.
    fn pass_over_all(&self, id: WeightId, nudge: Option<&Nudge<'_>>) -> Result<(Vec<f64>, Differences)> {
        let (network, rows) = (self.network(), self.examples.rows());
        let mut evaluator = Evaluator::of_blocks(network, self.regularisation, rows, self.threads)?;
        let mut pulls = Vec::with_capacity(rows);
        let mut differences = Differences::default();
        evaluator.over_blocks(
            self.params.values(),
            &self.examples,
            |at| (pulls_of_block(network, id, at), nudge.map(|nudge| nudge.differences(at))),
            |_, (of_block, more)| {
                pulls.extend(of_block);
                if let Some(more) = more {
                    differences.add(&more);
                }
            },
        );
        Ok((pulls, differences))
    }

    /// The weight with the step of its central difference: ∛ε balances truncation h² against rounding ε/h.
    fn nudge(&self, id: WeightId, index: usize) -> Nudge<'_> {
        let value = self.params.values()[index];
        let step = (value + f64::EPSILON.cbrt() * value.abs().max(1.0) / self.reach(id)) - value;
        let smoothed = self.regularisation.label_smoothing != 0.0;
        let targets = if smoothed { nudge::Targets::Smoothed } else { nudge::Targets::Given };
        Nudge { network: self.network(), id, step, targets }
    }

    /// ∂J/∂Θ_ij by differences, its uncertainty and the verdict.
    fn twin_by_blocks(
        &self,
        (grad, decay): (f64, f64),
        step: f64,
        differences: &Differences,
    ) -> (f64, f64, Verdict) {
        let total = self.examples.total_weight();
        let full = differences.full.value() / (2.0 * step * total);
        let half = differences.half.value() / (step * total);
        // The penalty is a parabola, whose central difference is λΘ/M exactly.
        let numerical = full + decay;
        let size = differences.size.value() / total;
        let u = 4.0 / 3.0 * (full - half).abs() + ROUNDINGS * f64::EPSILON * size / (2.0 * step);
        let verdict = match (numerical - grad).abs() <= u {
            true => Verdict::Agrees,
            false if differences.kink || !grad.is_finite() || !numerical.is_finite() => Verdict::CannotTell,
            false => Verdict::Differs,
        };
        (numerical, u, verdict)
    }

    /// The largest |a_j| that the weight meets, at least 1.
    fn reach(&self, id: WeightId) -> f64 {
        match id.source {
            Some(j) if id.layer == 0 => {
                (0..self.examples.rows()).map(|k| self.examples.row(k).0[j].abs()).fold(1.0, f64::max)
            }
            _ => 1.0,
        }
    }
}

/// What the pulls of all rows come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Together {
    /// Δ_ij.
    pub grad_sum: f64,
    /// Δ_ij/M.
    pub mean: f64,
    /// λΘ_ij/M.
    pub l2: f64,
    /// D_ij = ∂J/∂Θ_ij.
    pub grad: f64,
}

/// Δ_ij = Σ w_k a_j δ_i, keeping what cancels, and D_ij = (Δ_ij + λΘ_ij)/M; `decay` is λΘ_ij, and 0 for a bias.
pub fn together(pulls: &[f64], decay: f64, total_weight: f64) -> Together {
    let mut sum = Sum::default();
    for &pull in pulls {
        sum.add(pull);
    }
    let grad_sum = sum.value();
    Together {
        grad_sum,
        mean: grad_sum / total_weight,
        l2: decay / total_weight,
        grad: (grad_sum + decay) / total_weight,
    }
}

/// w_k a_j δ_i of every row k: what each adds to Δ_ij. At most `threads` threads work, 0 for all there are; the numbers do not
/// depend on it.
///
/// # Errors
/// [`Error::Shape`] for a weight that the network does not have; regularisation (its label smoothing counts here) out of range.
pub fn pulls(
    params: &Params<f64>,
    examples: &Examples<'_, f64>,
    regularisation: Regularisation,
    id: WeightId,
    threads: usize,
) -> Result<Vec<f64>> {
    let network = params.network();
    examples.expect_for(network)?;
    if network.index_of(id).is_none() {
        let expected = format!("a weight of {}", network.describe());
        return Err(Error::Shape { what: "the weight", found: id.to_string(), expected });
    }
    let mut evaluator = Evaluator::of_blocks(network, regularisation, examples.rows(), threads)?;
    let mut pulls = Vec::with_capacity(examples.rows());
    let find = |at: &Visited<'_, f64>| pulls_of_block(network, id, at);
    evaluator.over_blocks(params.values(), examples, find, |_, of_block| pulls.extend(of_block));
    Ok(pulls)
}

fn pulls_of_block(network: &Network, id: WeightId, at: &Visited<'_, f64>) -> Vec<f64> {
    let units = network.sizes()[id.layer + 1];
    // w_k travels with δ
    let delta = |k: usize| at.workspace.delta[id.layer][k * units + id.unit];
    (0..at.block.rows).map(|k| nudge::input(network, id, at, k) * delta(k)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation;
    use crate::explain::Names;
    use crate::loss::{Loss, Output};
    use ndarray::Array2;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const ROWS: usize = 300;

    /// A network of up to four layers of weights, and what it is explained on.
    struct Case {
        params: Params<f64>,
        x: Array2<f64>,
        y: Array2<f64>,
        weights: Option<Vec<f64>>,
        regularisation: Regularisation,
    }

    impl Case {
        fn of(seed: u64) -> Self {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let g = [Activation::Sigmoid, Activation::Tanh, Activation::Gelu, Activation::Relu];
            let losses = [
                (Output::Softmax, Loss::CrossEntropy),
                (Output::Sigmoid, Loss::CrossEntropy),
                (Output::Identity, Loss::SquaredError),
                (Output::Identity, Loss::Huber { delta: 0.7 }),
                (Output::Exp, Loss::Poisson),
            ];
            let (output, loss) = losses[rng.random_range(0..losses.len())].clone();
            let hidden: Vec<usize> = (0..rng.random_range(0..4)).map(|_| rng.random_range(1..12)).collect();
            let g: Vec<Activation> = hidden.iter().map(|_| g[rng.random_range(0..g.len())]).collect();
            let sizes: Vec<usize> = [5].into_iter().chain(hidden).chain([3]).collect();
            let network = Network::new(&sizes, &g, output, loss).unwrap();
            let theta = (0..network.weight_count()).map(|_| rng.random_range(-1.0..1.0)).collect();
            let weights = seed.is_multiple_of(3).then(|| (0..ROWS).map(|k| (k % 4) as f64).collect());
            let classes = matches!(output, Output::Softmax | Output::Sigmoid);
            let label_smoothing = if classes && seed.is_multiple_of(2) { 0.1 } else { 0.0 };
            Self {
                params: Params::from_values(&network, theta).unwrap(),
                x: Array2::from_shape_simple_fn((ROWS, 5), || rng.random_range(-2.0..2.0)),
                y: Array2::from_shape_fn((ROWS, 3), |(k, c)| f64::from(u8::from(k % 3 == c))),
                weights,
                regularisation: Regularisation { lambda: 0.3, label_smoothing },
            }
        }

        fn all_rows(&self, budget: f64, id: WeightId, threads: usize) -> AllRows {
            let network = self.params.network();
            let examples =
                Examples::new(network, self.x.view(), self.y.view(), self.weights.as_deref()).unwrap();
            let explainer =
                Explainer::new(&self.params, examples, self.regularisation, Names::default(), threads);
            explainer.unwrap().all_rows_within(budget, id, network.index_of(id).unwrap()).unwrap()
        }
    }

    /// The twin by blocks is that of the check's own witnesses, never differs, and the same for any number of threads.
    #[test]
    fn the_twin_by_blocks_is_that_of_the_rows() {
        let mut agreed = 0;
        for seed in 0..150 {
            let case = Case::of(seed);
            let network = case.params.network();
            let id = network.weight_at(seed as usize * 31 % network.weight_count());
            let by_rows = case.all_rows(f64::INFINITY, id, 1);
            let by_blocks = case.all_rows(0.0, id, 1);
            let what = format!("seed {seed}: {id} of {}, {by_rows:?} {by_blocks:?}", network.describe());
            let with_three = case.all_rows(0.0, id, 3);
            assert_eq!(format!("{by_blocks:?}"), format!("{with_three:?}"), "threads, {what}");
            assert_eq!(by_blocks.grad.to_bits(), by_rows.grad.to_bits(), "{what}");
            assert_ne!(by_blocks.verdict, Verdict::Differs, "{what}");
            let apart = (by_blocks.numerical - by_rows.numerical).abs();
            assert!(apart <= 1e-9 * (1.0 + by_rows.numerical.abs()), "{apart:e} apart, {what}");
            agreed += usize::from(by_blocks.verdict == Verdict::Agrees);
        }
        assert!(agreed > 140, "{agreed} of 150 could be told");
    }

    /// A derivative that is wrong by a millionth is seen.
    #[test]
    fn a_wrong_derivative_differs() {
        let smooth = |case: &Case| {
            let network = case.params.network();
            *network.loss() == Loss::CrossEntropy && !network.hidden().iter().any(|g| g.has_kink())
        };
        let case = (1..100).map(Case::of).find(smooth).unwrap();
        let network = case.params.network();
        let examples = Examples::new(network, case.x.view(), case.y.view(), None).unwrap();
        let explainer = Explainer::new(&case.params, examples, case.regularisation, Names::default(), 1);
        let (explainer, id) = (explainer.unwrap(), network.weight_at(2));
        let right = explainer.all_rows_within(0.0, id, 2).unwrap();
        let nudge = explainer.nudge(id, 2);
        let (_, differences) = explainer.pass_over_all(id, Some(&nudge)).unwrap();
        let verdict = |grad: f64| explainer.twin_by_blocks((grad, right.l2), nudge.step, &differences).2;
        assert_eq!(verdict(right.grad), Verdict::Agrees);
        assert_eq!(verdict(right.grad + 1e-6), Verdict::Differs);
        assert_eq!(verdict(f64::NAN), Verdict::CannotTell);
    }
}
