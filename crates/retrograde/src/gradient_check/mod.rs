//! The gradient check: every derivative beside a numerical one with its uncertainty, and a verdict.
//!
//! D is backpropagation's derivative, N(h) = (J(Θ + h e) − J(Θ − h e))/2h the central difference, and
//! U = 4/3 |N(h) − N(h/2)| + rounding its uncertainty. W is the same derivative by dual numbers, exact to
//! rounding. The textbook rule "relative error below 1e-7" would reject correct derivatives of a trained
//! network, whose D is smaller than the rounding of N; here each derivative is judged by its own uncertainty.
//!
//! * agrees: D meets W within D's own rounding, and N within U, or N cannot say (a kink, or U > |D|);
//! * differs: D misses W, and N does not side with D;
//! * cannot tell: the derivative does not exist here (a unit at its kink to within rounding, a cost
//!   that is not finite), or the witnesses disagree.
//!
//! What is checked is ∇J. L1, decay, max-norm and clipping act on the steps and are no part of it. Dropout is: with
//! its units held fixed, J is a function like any other.
//!
//! Everything is evaluated in f64; weights of an f32 network are widened exactly.

mod diagnosis;
mod sample;
pub(crate) mod witness;

pub use diagnosis::Diagnosis;

use crate::bugs::Bug;
use crate::dropout::{self, Draw};
use crate::error::{Error, Result};
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::network::WeightId;
use crate::params::Params;
use crate::regularisation::Regularisation;
use serde::Serialize;
use witness::{Derivative, Twins, Witness};

/// What the comparison of a derivative with its witnesses came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within its uncertainty.
    #[serde(rename = "agrees")]
    Agrees,
    /// Beyond its uncertainty.
    #[serde(rename = "differs")]
    Differs,
    /// No witness can say.
    #[serde(rename = "cannot tell")]
    CannotTell,
}

/// How to check.
#[derive(Debug, Clone)]
pub struct CheckSettings {
    /// How many weights, spread over the layers and their biases; None means all.
    pub weights: Option<usize>,
    /// How many rows at most.
    pub rows: usize,
    /// Chooses the weights, rows and direction.
    pub seed: u64,
    /// λ and label smoothing of the cost.
    pub regularisation: Regularisation,
    /// A bug to plant in the gradient under test.
    pub inject: Option<Bug>,
    /// Units to drop: J with these held fixed is what is checked.
    pub dropout: Option<Draw>,
}

/// One derivative beside its witnesses.
#[derive(Debug, Clone, Serialize)]
pub struct WeightCheck {
    /// Place in the flat vector.
    pub index: usize,
    /// Which weight.
    pub id: WeightId,
    /// Θ_ij.
    pub value: f64,
    /// D, by backpropagation.
    pub backpropagation: f64,
    /// N, the central difference.
    pub numerical: f64,
    /// U, the uncertainty of |D − N|.
    pub uncertainty: f64,
    /// h.
    pub step: f64,
    /// The derivative by dual numbers.
    pub dual: f64,
    /// Whether a kink lies between the two evaluations of N.
    pub kink: bool,
    /// The verdict.
    pub verdict: Verdict,
}

/// The whole vector along one random direction.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct DirectionCheck {
    /// ∇J·v by backpropagation.
    pub backpropagation: f64,
    /// The same by dual numbers.
    pub dual: f64,
    /// U of their difference.
    pub uncertainty: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// The result of a check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Differs if any derivative or the direction does; else cannot tell if none could be told; else agrees.
    pub verdict: Verdict,
    /// Every weight checked.
    pub results: Vec<WeightCheck>,
    /// Of so many weights.
    pub weights: usize,
    /// The rows used, as indices of the examples given.
    pub rows: Vec<usize>,
    /// The random direction.
    pub direction: DirectionCheck,
    /// The rates at which units were dropped, in J and its derivatives alike; empty: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropout: Vec<f64>,
    /// When it differs.
    pub diagnosis: Option<Diagnosis>,
}

/// Compares backpropagation's gradient of J on a sample of rows with numerical and dual derivatives.
///
/// # Errors
/// Regularisation out of range; an injected bug that would change nothing on this network and these rows.
pub fn check(
    params: &Params<f64>,
    examples: &Examples<'_, f64>,
    settings: &CheckSettings,
) -> Result<CheckReport> {
    check_gradient(params, examples, settings, |rows| gradient_under_test(params, rows, settings))
}

/// As [`check`], for a gradient from elsewhere: `gradient` is asked once for ∇J of `params` on the rows it is given,
/// in flat order. `settings.inject` has no effect on it.
///
/// # Errors
/// As [`check`]; [`Error::Shape`] for a gradient of another length, and whatever `gradient` fails with.
pub fn check_gradient(
    params: &Params<f64>,
    examples: &Examples<'_, f64>,
    settings: &CheckSettings,
    gradient: impl FnOnce(&Examples<'_, f64>) -> Result<Vec<f64>>,
) -> Result<CheckReport> {
    settings.regularisation.validate(params.network())?;
    let dropout = settings.dropout.as_ref();
    dropout.map_or(Ok(()), |draw| dropout::validate(&draw.rates, params.network()))?;
    if dropout.is_some() && settings.inject.is_some() {
        return Err(Error::Setting {
            what: "dropout beside a planted bug",
            found: "given".into(),
            expected: "one of the two: bugs are planted in the gradient of all units",
        });
    }
    examples.expect_for(params.network())?;
    let sampled = sample::rows(params.network(), examples, settings);
    let rows = sampled.examples(examples);
    let grad = gradient(&rows)?;
    if grad.len() != params.values().len() {
        return Err(Error::Shape {
            what: "the gradient to check",
            found: format!("{} long", grad.len()),
            expected: format!("one derivative for each of the {} weights", params.values().len()),
        });
    }
    let witness = Witness::new(params, &rows, settings.regularisation, dropout);
    let indices = sample::weights(params.network(), settings);
    let results: Vec<WeightCheck> =
        indices.iter().map(|&index| judge(&witness.derivative(index), grad[index])).collect();
    let direction = check_direction(&witness, &grad, settings.seed);
    let verdict = overall(&results, &direction);
    let diagnosis = (verdict == Verdict::Differs)
        .then(|| diagnosis::diagnose(&witness, &grad, &sample::many_weights(params.network())));
    Ok(CheckReport {
        verdict,
        results,
        weights: params.values().len(),
        rows: sampled.indices,
        direction,
        dropout: dropout.map(|draw| draw.rates.clone()).unwrap_or_default(),
        diagnosis,
    })
}

/// ∇J by backpropagation, with the bug planted when one is asked for.
fn gradient_under_test(
    params: &Params<f64>,
    rows: &Examples<'_, f64>,
    settings: &CheckSettings,
) -> Result<Vec<f64>> {
    if let Some(bug) = settings.inject {
        return bug.faulty_gradient(params, rows, settings.regularisation);
    }
    let mut grad = vec![0.0; params.values().len()];
    let mut evaluator = Evaluator::new(params.network(), settings.regularisation, rows.rows(), 1)?;
    evaluator.drop_units(settings.dropout.clone());
    evaluator.cost_and_grad(params.values(), rows, &mut grad);
    Ok(grad)
}

/// The verdict on one derivative.
fn judge(witness: &Derivative, backpropagation: f64) -> WeightCheck {
    let verdict = verdict_on(backpropagation, &Twins::from(witness));
    WeightCheck {
        index: witness.index,
        id: witness.id,
        value: witness.value,
        backpropagation,
        numerical: witness.numerical,
        uncertainty: witness.uncertainty,
        step: witness.step,
        dual: witness.dual,
        kink: witness.kink,
        verdict,
    }
}

/// Whether a derivative and its witnesses are the same number.
pub(crate) fn verdict_on(value: f64, twins: &Twins) -> Verdict {
    // NaN compares false: a derivative that is not a number never agrees.
    let with_dual = (value - twins.dual).abs() <= twins.dual_uncertainty;
    let with_numerical = (value - twins.numerical).abs() <= twins.uncertainty;
    let numerical_speaks = !twins.kink && twins.uncertainty <= value.abs();
    match (with_dual, with_numerical) {
        _ if twins.undefined => Verdict::CannotTell,
        (true, true) => Verdict::Agrees,
        (true, false) if !numerical_speaks => Verdict::Agrees,
        (false, true) if numerical_speaks => Verdict::CannotTell,
        (true, false) => Verdict::CannotTell,
        (false, _) => Verdict::Differs,
    }
}

/// ∇J·v along one random direction: touches every weight at once.
fn check_direction(witness: &Witness<'_>, grad: &[f64], seed: u64) -> DirectionCheck {
    let v = sample::direction(grad.len(), seed);
    let backpropagation = grad.iter().zip(&v).map(|(g, v)| g * v).sum::<f64>();
    let (dual, rounding) = witness.along(&v);
    let summing: f64 = grad.iter().zip(&v).map(|(g, v)| (g * v).abs()).sum();
    let uncertainty = rounding + 4.0 * f64::EPSILON * summing * (grad.len() as f64).sqrt();
    let verdict = if witness.undefined_somewhere() {
        Verdict::CannotTell
    } else if (backpropagation - dual).abs() <= uncertainty {
        Verdict::Agrees
    } else {
        Verdict::Differs
    };
    DirectionCheck { backpropagation, dual, uncertainty, verdict }
}

fn overall(results: &[WeightCheck], direction: &DirectionCheck) -> Verdict {
    let any = |wanted| direction.verdict == wanted || results.iter().any(|r| r.verdict == wanted);
    if any(Verdict::Differs) {
        Verdict::Differs
    } else if any(Verdict::Agrees) {
        Verdict::Agrees
    } else {
        Verdict::CannotTell
    }
}

impl CheckReport {
    /// How many derivatives got this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|r| r.verdict == verdict).count()
    }
}

impl Default for CheckSettings {
    fn default() -> Self {
        Self {
            weights: Some(64),
            rows: 256,
            seed: 1,
            regularisation: Regularisation::default(),
            inject: None,
            dropout: None,
        }
    }
}

impl Verdict {
    /// `agrees`, `differs` or `cannot tell`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::CannotTell => "cannot tell",
        }
    }
}
