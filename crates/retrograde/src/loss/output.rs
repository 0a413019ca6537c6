//! The output activation a⁽ᴸ⁾ = g(z⁽ᴸ⁾).

use super::softmax::softmax;
use crate::activation::sigmoid;
use crate::error::{Error, Result};
use crate::real::Real;
use serde::{Deserialize, Serialize};

/// The activation of the last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Output {
    /// a = z: values of any size.
    Identity,
    /// a = σ(z): one probability per unit (two classes, or several labels).
    Sigmoid,
    /// a_i = e^z_i / Σ_j e^z_j: one probability per class.
    Softmax,
    /// a = eᶻ: positive values (counts, durations).
    Exp,
}

impl Output {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Sigmoid, Self::Softmax, Self::Exp];

    /// The name on the command line and in model files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Softmax => "softmax",
            Self::Exp => "exp",
        }
    }

    /// The output activation of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the list of names.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name.to_ascii_lowercase()).ok_or_else(|| Error::Unknown {
            what: "output activation",
            found: name.to_owned(),
            expected: Self::ALL.map(Self::name).join(", "),
        })
    }

    /// a⁽ᴸ⁾ of one example from its z⁽ᴸ⁾.
    pub fn apply<R: Real>(self, z: &[R], a: &mut [R]) {
        debug_assert_eq!(z.len(), a.len());
        match self {
            Self::Identity => a.copy_from_slice(z),
            Self::Sigmoid => a.iter_mut().zip(z).for_each(|(a, &z)| *a = sigmoid(z)),
            Self::Softmax => softmax(z, a),
            Self::Exp => a.iter_mut().zip(z).for_each(|(a, &z)| *a = z.exp()),
        }
    }
}
