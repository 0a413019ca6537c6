//! The known ways to get backpropagation wrong: one list for the check's tests, the command's teaching mode and
//! every explanation.

use crate::error::{Error, Result};
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
