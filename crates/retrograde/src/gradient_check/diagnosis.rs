//! What went wrong, from the pattern of what differs.
//!
//! Each rule predicts the whole faulty gradient from the true derivatives (by dual numbers) and quantities of the
//! forward pass, and names its bug only if every derivative looked at meets the prediction.

use super::witness::Witness;
use crate::bugs::{Bug, Mutant, transposed_place};
use serde::Serialize;

/// What the pattern of the differences says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The known bug whose pattern it is, if it is one.
    pub bug: Option<Bug>,
    /// The same in a sentence.
    pub text: String,
}

/// A derivative under test beside the true one.
struct Pair {
    index: usize,
    /// D.
    found: f64,
    /// W.
    truth: f64,
    /// U of |D − W|.
    tolerance: f64,
    is_bias: bool,
    layer: usize,
}

impl Pair {
    /// Whether D is the predicted value, to rounding.
    fn meets(&self, predicted: f64) -> bool {
        let scale = self.found.abs().max(predicted.abs()).max(self.truth.abs());
        (self.found - predicted).abs() <= self.tolerance + 1e-8 * scale
    }

    fn differs(&self) -> bool {
        // NaN must count as different.
        !((self.found - self.truth).abs() <= self.tolerance)
    }
}

/// Whether a bug explains every derivative looked at.
type Rule = fn(&Witness<'_>, &[Pair]) -> bool;

/// Names the bug that explains `grad`, or says what is known.
pub(super) fn diagnose(witness: &Witness<'_>, grad: &[f64], indices: &[usize]) -> Diagnosis {
    let pairs: Vec<Pair> = indices.iter().map(|&index| pair(witness, grad, index)).collect();
    let rules: [(Bug, Rule); 9] = [
        (Bug::WrongSign, |_, p| all(p, |p| -p.truth)),
        (Bug::MissingBias, |_, p| all(p, |p| if p.is_bias { 0.0 } else { p.truth })),
        (Bug::RegularisedBias, |w, p| {
            all(p, |p| if p.is_bias { p.truth + w.lambda * w.theta[p.index] / w.total } else { p.truth })
        }),
        (Bug::MissingLambda, |w, p| all(p, |p| p.truth - w.decay(p.index))),
        (Bug::LastRowOnly, |w, p| all(p, |p| last_row_only(w, p.index))),
        (Bug::NotAveraged, |w, p| all(p, |p| p.truth * w.total)),
        (Bug::Transposed, transposed),
        (Bug::LastLayerSlope, |w, p| mutated(Bug::LastLayerSlope, w, p)),
        (Bug::MissingSlope, |w, p| mutated(Bug::MissingSlope, w, p)),
    ];
    match rules.into_iter().find(|(_, explains)| explains(witness, &pairs)) {
        Some((bug, _)) => Diagnosis { bug: Some(bug), text: bug.describe().to_owned() },
        None => Diagnosis { bug: None, text: describe(witness, &pairs) },
    }
}

fn pair(witness: &Witness<'_>, grad: &[f64], index: usize) -> Pair {
    let derivative = witness.derivative(index);
    Pair {
        index,
        found: grad[index],
        truth: derivative.dual,
        tolerance: derivative.dual_uncertainty,
        is_bias: derivative.id.source.is_none(),
        layer: derivative.id.layer,
    }
}

fn all(pairs: &[Pair], predict: impl Fn(&Pair) -> f64) -> bool {
    pairs.iter().all(|p| p.meets(predict(p)))
}

/// D is what backpropagation with this mistake in its error terms gives.
fn mutated(bug: Bug, witness: &Witness<'_>, pairs: &[Pair]) -> bool {
    let mutant = Mutant::new(bug, witness);
    all(pairs, |p| mutant.derivative(witness, p.index))
}

/// Δ of the last row alone, over M, with λ.
fn last_row_only(witness: &Witness<'_>, index: usize) -> f64 {
    let last = &witness.rows[witness.rows.len() - 1];
    let derivative = witness.row_derivative(last, witness.network.weight_at(index));
    last.weight * derivative / witness.total + witness.decay(index)
}

/// Everything agrees but one layer's weights, and they do after transposition.
fn transposed(witness: &Witness<'_>, pairs: &[Pair]) -> bool {
    let wrong: Vec<&Pair> = pairs.iter().filter(|p| p.differs()).collect();
    let Some(first) = wrong.first() else { return false };
    let layer = witness.network.layer(first.layer);
    wrong.iter().all(|p| {
        p.layer == first.layer
            && !p.is_bias
            && p.meets(witness.derivative(transposed_place(&layer, p.index)).dual)
    })
}

/// In words, when no known bug explains it.
fn describe(witness: &Witness<'_>, pairs: &[Pair]) -> String {
    let wrong: Vec<&Pair> = pairs.iter().filter(|p| p.differs()).collect();
    let square: f64 = pairs.iter().map(|p| p.truth * p.truth).sum();
    let factor = pairs.iter().map(|p| p.found * p.truth).sum::<f64>() / square;
    if factor.is_finite() && all(pairs, |p| factor * p.truth) {
        return format!("every derivative is {factor:.6} times what it should be");
    }
    let last = witness.network.depth() - 1;
    if wrong.is_empty() {
        return "the derivatives looked at agree, but the whole vector does not: single weights differ"
            .to_owned();
    }
    let place = if wrong.iter().all(|p| p.is_bias) {
        "only biases differ"
    } else if wrong.iter().all(|p| !p.is_bias) {
        "only weights that are not biases differ"
    } else if wrong.iter().all(|p| p.layer < last) {
        "the last layer agrees and the layers below it differ: look at the recurrence of delta"
    } else {
        "the last layer differs already: look at its error term"
    };
    format!("{} of the {} derivatives looked at differ; {place}", wrong.len(), pairs.len())
}
