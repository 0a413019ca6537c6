//! The known ways to get backpropagation wrong: one list for the check's tests, the command's teaching mode and
//! every explanation.

use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::gradient_check::witness::{Row, Witness};
use crate::loss::{Loss, Output};
use crate::network::{LayerShape, Network, WeightId};
use crate::params::Params;
use crate::reference;
use crate::regularisation::Regularisation;
use serde::{Deserialize, Serialize};

/// A mistake in the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Bug {
    /// δ⁽ˡ⁾ = δ⁽ˡ⁺¹⁾W⁽ˡ⁾ without ∘ g′(z⁽ˡ⁾).
    MissingSlope,
    /// δ⁽ᴸ⁾ with a factor g′(z⁽ᴸ⁾) too many (or, where one belongs there, without it).
    LastLayerSlope,
    /// λ applied to the biases too.
    RegularisedBias,
    /// D without λΘ/M.
    MissingLambda,
    /// D not divided by M.
    NotAveraged,
    /// −D.
    WrongSign,
    /// One layer's D transposed when it is unrolled.
    Transposed,
    /// The bias's part of D left at 0.
    MissingBias,
    /// Δ overwritten by each row instead of added to.
    LastRowOnly,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::MissingSlope,
        Self::LastLayerSlope,
        Self::RegularisedBias,
        Self::MissingLambda,
        Self::NotAveraged,
        Self::WrongSign,
        Self::Transposed,
        Self::MissingBias,
        Self::LastRowOnly,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingSlope => "missing-slope",
            Self::LastLayerSlope => "last-layer-slope",
            Self::RegularisedBias => "regularised-bias",
            Self::MissingLambda => "missing-lambda",
            Self::NotAveraged => "not-averaged",
            Self::WrongSign => "wrong-sign",
            Self::Transposed => "transposed",
            Self::MissingBias => "missing-bias",
            Self::LastRowOnly => "last-row-only",
        }
    }

    /// What was done wrong, in a sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::MissingSlope => "the hidden layers' error terms lack the factor g'(z)",
            Self::LastLayerSlope => "the last layer's error term has a wrong factor g'(z)",
            Self::RegularisedBias => "the biases are regularised",
            Self::MissingLambda => "the term lambda * Theta / m is missing",
            Self::NotAveraged => "the sum over the rows is not divided by m",
            Self::WrongSign => "the sign is reversed",
            Self::Transposed => "one layer's matrix is transposed",
            Self::MissingBias => "the derivatives of the biases are missing",
            Self::LastRowOnly => "only the last row counts: the sum over the rows is overwritten",
        }
    }

    /// The bug of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the list of names.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name).ok_or_else(|| Error::Unknown {
            what: "bug",
            found: name.to_owned(),
            expected: Self::ALL.map(Self::name).join(", "),
        })
    }
}

impl Bug {
    /// ∇J with this bug in it.
    ///
    /// # Errors
    /// [`Error::BugWithoutEffect`] when it changes nothing on this network and these rows.
    pub fn faulty_gradient(
        self,
        params: &Params<f64>,
        rows: &Examples<'_, f64>,
        regularisation: Regularisation,
    ) -> Result<Vec<f64>> {
        let network = params.network();
        let mut evaluator = Evaluator::new(network, regularisation, rows.rows(), 1)?;
        let mut right = vec![0.0; network.weight_count()];
        evaluator.cost_and_grad(params.values(), rows, &mut right);
        let mut wrong = right.clone();
        let total = rows.total_weight();
        let witness = || Witness::new(params, rows, regularisation, None);
        match self {
            Self::MissingSlope | Self::LastLayerSlope => {
                let witness = witness();
                let mutant = Mutant::new(self, &witness);
                wrong = (0..wrong.len()).map(|p| mutant.derivative(&witness, p)).collect();
            }
            Self::RegularisedBias => {
                for p in network.layers().flat_map(|layer| layer.bias) {
                    wrong[p] += regularisation.lambda * params.values()[p] / total;
                }
            }
            Self::MissingLambda => {
                for p in network.layers().flat_map(|layer| layer.weights) {
                    wrong[p] -= regularisation.lambda * params.values()[p] / total;
                }
            }
            Self::NotAveraged => wrong.iter_mut().for_each(|d| *d *= total),
            Self::WrongSign => wrong.iter_mut().for_each(|d| *d = -*d),
            Self::MissingBias => network.layers().for_each(|layer| wrong[layer.bias].fill(0.0)),
            Self::Transposed => transpose(network, &right, &mut wrong),
            Self::LastRowOnly => {
                let witness = witness();
                let last = &witness.rows[witness.rows.len() - 1];
                for (p, wrong) in wrong.iter_mut().enumerate() {
                    let WeightId { layer, unit, .. } = network.weight_at(p);
                    let product = last.input(network.weight_at(p)) * last.pass.delta[layer][unit];
                    *wrong = last.weight * product / total + witness.decay(p);
                }
            }
        }
        self.require_effect(&right, &wrong)?;
        Ok(wrong)
    }

    /// A bug nobody can see is refused, with the reason.
    fn require_effect(self, right: &[f64], wrong: &[f64]) -> Result<()> {
        let scale = right.iter().chain(wrong).fold(0.0f64, |m, d| m.max(d.abs()));
        let gap = right.iter().zip(wrong).fold(0.0f64, |m, (r, w)| m.max((r - w).abs()));
        if gap > 1e-9 * scale {
            return Ok(());
        }
        let reason = match self {
            Self::MissingSlope => "it has no hidden layer, or g'(z) is 1 (or delta 0) on every row",
            Self::LastLayerSlope => "g'(z) of the last layer is 1 on every row",
            Self::RegularisedBias => "lambda or every bias is 0",
            Self::MissingLambda => "lambda or every weight is 0",
            Self::NotAveraged => "the weights of the rows sum to 1",
            Self::WrongSign => "every derivative is 0",
            Self::Transposed => "no layer has several inputs and several units",
            Self::MissingBias => "the derivatives of all biases are 0",
            Self::LastRowOnly => "there is one row only, or all rows are alike",
        };
        Err(Error::BugWithoutEffect { bug: self.name(), reason })
    }
}

/// Backpropagation with a mistake in its error terms, row by row as in [`reference`].
pub(crate) struct Mutant {
    /// δ of layers 2…L of every row, with the mistake.
    deltas: Vec<Vec<Vec<f64>>>,
}

impl Mutant {
    /// The error terms with `bug`, which is [`Bug::MissingSlope`] or [`Bug::LastLayerSlope`].
    pub fn new(bug: Bug, witness: &Witness<'_>) -> Self {
        let deltas = witness.rows.iter().map(|row| faulty_deltas(bug, witness, row)).collect();
        Self { deltas }
    }

    /// (Σ_k w_k a_j δ_i + λΘ_ij)/M with the faulty δ.
    pub fn derivative(&self, witness: &Witness<'_>, index: usize) -> f64 {
        let id = witness.network.weight_at(index);
        let rows = witness.rows.iter().zip(&self.deltas);
        let sum: f64 = rows.map(|(row, delta)| row.weight * row.input(id) * delta[id.layer][id.unit]).sum();
        sum / witness.total + witness.decay(index)
    }
}

fn faulty_deltas(bug: Bug, witness: &Witness<'_>, row: &Row) -> Vec<Vec<f64>> {
    let network = witness.network;
    let last = network.depth() - 1;
    let mut delta = row.pass.delta.clone();
    if bug == Bug::LastLayerSlope {
        let (z, output) = (&row.pass.z[last], network.output());
        if network.loss().matches(output) {
            // δ = a − y has the factor in it already: one more.
            let slopes = output_slopes(output, z);
            delta[last].iter_mut().zip(slopes).for_each(|(delta, slope)| *delta *= slope);
        } else if *network.loss() == Loss::Gamma {
            // ∂ℓ/∂a = δ/a.
            let slopes = output_slopes(output, z);
            delta[last].iter_mut().zip(slopes).for_each(|(delta, slope)| *delta /= slope);
        } else {
            // ∂ℓ/∂a, without the Jacobian of the output.
            delta[last] = reference::residual_slope(network, z, &row.y);
        }
    }
    for l in (0..last).rev() {
        let above = network.layer(l + 1);
        delta[l] = (0..above.inputs)
            .map(|j| {
                let weight = |i: usize| witness.theta[above.weights.start + i * above.inputs + j];
                let blame: f64 = (0..above.units).map(|i| delta[l + 1][i] * weight(i)).sum();
                let keeps_slope = bug != Bug::MissingSlope;
                if keeps_slope {
                    blame * reference::slope(network.hidden()[l], row.pass.z[l][j])
                } else {
                    blame
                }
            })
            .collect();
    }
    delta
}

/// ∂a_i/∂z_i of the last layer; a saturated unit's smallest positive number instead of 0, to divide by.
fn output_slopes(output: Output, z: &[f64]) -> Vec<f64> {
    let a = reference::predict(output, z);
    let slope = |i: usize| match output {
        Output::Identity => 1.0,
        Output::Sigmoid => reference::slope(Activation::Sigmoid, z[i]),
        Output::Softmax => a[i] * (1.0 - a[i]),
        Output::Exp => a[i],
    };
    (0..z.len()).map(|i| slope(i).max(f64::MIN_POSITIVE)).collect()
}

/// D of the largest matrix with several rows and columns, written out column by column.
fn transpose(network: &Network, right: &[f64], wrong: &mut [f64]) {
    let matrices = network.layers().filter(|layer| layer.inputs > 1 && layer.units > 1);
    if let Some(layer) = matrices.max_by_key(|layer| layer.weights.len()) {
        for p in layer.weights.clone() {
            wrong[p] = right[transposed_place(&layer, p)];
        }
    }
}

/// Whose derivative stands at `index` when W is unrolled column by column instead of row by row.
pub(crate) fn transposed_place(layer: &LayerShape, index: usize) -> usize {
    let within = index - layer.weights.start;
    let (unit, source) = (within % layer.units, within / layer.units);
    layer.weights.start + unit * layer.inputs + source
}
