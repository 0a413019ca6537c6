//! One weight: the product of one row, then the pulls of all rows, and how they become ∂J/∂Θ_ij.

use super::document::{AllRows, Pull, WeightTrace};
use super::{Explainer, compared, sums};
use crate::error::{Error, Result};
use crate::evaluator::{CostPart, Evaluator};
use crate::examples::Examples;
use crate::forward::BLOCK_ROWS;
use crate::gradient_check::Verdict;
use crate::gradient_check::verdict_on;
use crate::gradient_check::witness::{Twins, Witness};
use crate::network::WeightId;
use crate::params::Params;
use crate::real::Sum;
use crate::reference;
use crate::regularisation::Regularisation;

/// Multiplications that the row-by-row witnesses may cost; beyond, J of all rows is evaluated as a whole.
const BUDGET: f64 = 1e9;

impl Explainer<'_> {
    /// The weight `id` in row `k`, and in all rows.
    ///
    /// # Errors
    /// [`Error::Shape`] for a row or weight that is not there.
    pub fn weight(&self, k: usize, id: WeightId) -> Result<WeightTrace> {
        let index = self.index_of(id)?;
        let at = self.explained(k)?;
        let a = id.source.map_or(1.0, |j| at.pass().a[id.layer][j]);
        let delta = at.pass().delta[id.layer][id.unit];
        let hidden = at.network.hidden().get(id.layer);
        let row = compared(a * delta, &Twins::from(&at.witness.derivative(index)));
        Ok(WeightTrace {
            name: self.name(id),
            value: at.theta[index],
            a,
            delta,
            blame: hidden
                .map(|_| sums::terms(&at.blame(id.layer + 1, id.unit), |i| self.unit_name(id.layer + 1, i))),
            gprime: hidden.map(|&g| reference::slope(g, at.pass().z[id.layer][id.unit])),
            product: row.value,
            numerical: row.numerical,
            u: row.u,
            verdict: row.verdict,
            all: self.all_rows(id, index)?,
        })
    }

    fn index_of(&self, id: WeightId) -> Result<usize> {
        self.network().index_of(id).ok_or_else(|| {
            let expected = format!("a weight of {}", self.network().describe());
            Error::Shape { what: "the weight", found: id.to_string(), expected }
        })
    }

    fn all_rows(&self, id: WeightId, index: usize) -> Result<AllRows> {
        let pulls = pulls(self.params, &self.examples, self.regularisation, id)?;
        let mut grad_sum = Sum::default();
        let (mut least, mut most) = (0, 0);
        for (k, &pull) in pulls.iter().enumerate() {
            grad_sum.add(pull);
            least = if pull < pulls[least] { k } else { least };
            most = if pull > pulls[most] { k } else { most };
        }
        let (grad_sum, total) = (grad_sum.value(), self.examples.total_weight());
        let pull = |row: usize| Pull { row, line: None, value: pulls[row] };
        let decay =
            if id.source.is_none() { 0.0 } else { self.regularisation.lambda * self.params.values()[index] };
        let grad = (grad_sum + decay) / total;
        let (numerical, u, verdict) = self.twin_of_all(id, index, (grad, decay / total))?;
        Ok(AllRows {
            rows: pulls.len(),
            total_weight: total,
            pull_min: pull(least),
            pull_max: pull(most),
            grad_sum,
            mean: grad_sum / total,
            l2: decay / total,
            grad,
            numerical,
            u,
            verdict,
        })
    }

    /// ∂J/∂Θ_ij by differences, its uncertainty and the verdict: row by row where that is affordable, as in a check.
    fn twin_of_all(
        &self,
        id: WeightId,
        index: usize,
        (grad, decay): (f64, f64),
    ) -> Result<(f64, f64, Verdict)> {
        let work = 8.0 * self.network().weight_count() as f64 * self.examples.rows() as f64;
        if work <= BUDGET {
            let witness = Witness::new(self.params, &self.examples, self.regularisation, None);
            let twins = Twins::from(&witness.derivative(index));
            return Ok((twins.numerical, twins.uncertainty, verdict_on(grad, &twins)));
        }
        let reach = self.reach(id);
        let value = self.params.values()[index];
        let step = (value + f64::EPSILON.cbrt() * value.abs().max(1.0) / reach) - value;
        let mut evaluator =
            Evaluator::new(self.network(), self.regularisation, self.examples.rows(), self.threads)?;
        let mut theta = self.params.values().to_vec();
        let mut cost_at = |shift: f64| {
            theta[index] = value + shift;
            evaluator.cost(&theta, &self.examples, CostPart::Loss)
        };
        let mut by = |h: f64| {
            let (above, below) = (cost_at(h), cost_at(-h));
            ((above - below) / (2.0 * h), above.abs() + below.abs())
        };
        let ((full, size), (half, _)) = (by(step), by(0.5 * step));
        // The penalty is a parabola, whose central difference is λΘ/M exactly.
        let numerical = full + decay;
        let u = 4.0 / 3.0 * (full - half).abs() + ROUNDINGS * f64::EPSILON * size / (2.0 * step);
        let kinks = self.network().hidden().iter().any(|g| g.has_kink());
        let verdict = match (numerical - grad).abs() <= u {
            true => Verdict::Agrees,
            // Among many rows some unit passes its kink between the evaluations.
            false if kinks || !grad.is_finite() => Verdict::CannotTell,
            false => Verdict::Differs,
        };
        Ok((numerical, u, verdict))
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

/// Roundings of a cost that is summed over many rows, each of ε.
const ROUNDINGS: f64 = 32.0;

/// w_k a_j δ_i of every row k: what each adds to Δ_ij.
///
/// # Errors
/// [`Error::Shape`] for a weight that the network does not have; regularisation (its label smoothing counts here) out of range.
pub fn pulls(
    params: &Params<f64>,
    examples: &Examples<'_, f64>,
    regularisation: Regularisation,
    id: WeightId,
) -> Result<Vec<f64>> {
    let network = params.network();
    examples.expect_for(network)?;
    if network.index_of(id).is_none() {
        let expected = format!("a weight of {}", network.describe());
        return Err(Error::Shape { what: "the weight", found: id.to_string(), expected });
    }
    let mut evaluator = Evaluator::new(network, regularisation, examples.rows().min(BLOCK_ROWS), 1)?;
    let mut pulls = vec![0.0; examples.rows()];
    let (units, inputs) = (network.sizes()[id.layer + 1], network.sizes()[id.layer]);
    evaluator.visit_blocks(params.values(), examples, |first, block, workspace| {
        for k in 0..block.rows {
            let delta = workspace.delta[id.layer][k * units + id.unit]; // w_k travels with δ
            let a = match (id.source, id.layer) {
                (None, _) => 1.0,
                (Some(j), 0) => block.x.row(k)[j],
                (Some(j), l) => workspace.a[l - 1][k * inputs + j],
            };
            pulls[first + k] = a * delta;
        }
    });
    Ok(pulls)
}
