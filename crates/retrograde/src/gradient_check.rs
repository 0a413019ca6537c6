//! PENDING
use crate::bugs::Bug;
use crate::error::Result;
use crate::examples::Examples;
use crate::network::WeightId;
use crate::objective::Regularisation;
use crate::params::Params;
use serde::Serialize;

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

/// What the pattern of the differences says.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// The known bug whose pattern it is.
    pub bug: Option<Bug>,
    /// In a sentence.
    pub text: String,
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
    /// When it differs.
    pub diagnosis: Option<Diagnosis>,
}

/// Compares backpropagation's gradient with numerical and dual derivatives, in f64.
///
/// # Errors
/// As in the module's text.
pub fn check(params: &Params<f64>, examples: &Examples<'_, f64>, settings: &CheckSettings) -> Result<CheckReport> {
    let _ = (params, examples, settings);
    unimplemented!("PENDING")
}

impl CheckReport {
    /// How many derivatives got this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|r| r.verdict == verdict).count()
    }
}

impl Default for CheckSettings {
    fn default() -> Self {
        Self { weights: Some(64), rows: 256, seed: 1, regularisation: Regularisation::default(), inject: None }
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
