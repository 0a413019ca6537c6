//! All weights and biases of a network in one flat vector, and how the vector starts out.
//!
//! Layer after layer, W⁽ˡ⁾ row-major, then b⁽ˡ⁾. The gradient, the moments of an optimiser and its directions
//! have the same shape, so "unrolling" costs nothing. [`crate::orders`] converts to other programs' orders.

use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::random::{Purpose, stream};
use crate::real::Scalar;
use ndarray::{ArrayView1, ArrayView2};
use rand::RngExt;
use rand::distr::Uniform;
use serde::{Deserialize, Serialize};

/// How the weights start; biases follow the course for [`Init::Course`] and are 0 otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Init {
    /// He for relu's family, the course's for the others, layer by layer.
    #[default]
    Auto,
    /// Uniform in ±√6/√(s_in + s_out), the course's ε (Glorot & Bengio 2010), biases too.
    Course,
    /// Uniform with variance 2/s_in (He et al. 2015).
    He,
    /// Uniform with variance 1/s_in (LeCun et al. 1998).
    Lecun,
    /// All 0: for linear networks only; hidden units would stay equal for ever.
    Zeros,
}

impl Init {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Course, Self::He, Self::Lecun, Self::Zeros];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Course => "course",
            Self::He => "he",
            Self::Lecun => "lecun",
            Self::Zeros => "zeros",
        }
    }

    /// The initialisation of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the list of names.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|i| i.name() == name.to_ascii_lowercase()).ok_or_else(|| Error::Unknown {
            what: "initialisation",
            found: name.to_owned(),
            expected: Self::ALL.map(Self::name).join(", "),
        })
    }

    /// The half-width of the uniform distribution for W, and whether the bias is drawn from it too.
    fn limit(self, network: &Network, l: usize) -> (f64, bool) {
        let (fan_in, fan_out) = (network.sizes()[l] as f64, network.sizes()[l + 1] as f64);
        let course = (6.0 / (fan_in + fan_out)).sqrt();
        let with_variance = |v: f64| (3.0 * v).sqrt();
        match self {
            Self::Course => (course, true),
            Self::He => (with_variance(2.0 / fan_in), false),
            Self::Lecun => (with_variance(1.0 / fan_in), false),
            Self::Zeros => (0.0, false),
            Self::Auto => match network.hidden().get(l) {
                Some(Activation::Selu) => (with_variance(1.0 / fan_in), false),
                Some(
                    Activation::Relu
                    | Activation::LeakyRelu
                    | Activation::Elu
                    | Activation::Gelu
                    | Activation::Silu
                    | Activation::Softplus
                    | Activation::Mish,
                ) => (with_variance(2.0 / fan_in), false),
                _ => (course, true),
            },
        }
    }
}

/// The parameters Θ of one network.
#[derive(Debug, Clone, PartialEq)]
pub struct Params<T> {
    network: Network,
    values: Vec<T>,
}

impl<T: Scalar> Params<T> {
    /// Starting weights, the same for the same seed in f32 (rounded) and f64.
    pub fn init(network: &Network, init: Init, seed: u64) -> Self {
        let mut rng = stream(seed, Purpose::Initialisation, 0);
        let mut values = vec![T::zero(); network.weight_count()];
        for (l, layer) in network.layers().enumerate() {
            let (limit, draw_bias) = init.limit(network, l);
            let Ok(uniform) = Uniform::new_inclusive(-limit, limit) else { continue };
            let end = if draw_bias { layer.bias.end } else { layer.weights.end };
            for value in &mut values[layer.weights.start..end] {
                *value = T::constant(rng.sample(uniform));
            }
        }
        Self { network: network.clone(), values }
    }

    /// The parameters with these values, in flat order.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is one value for every weight.
    pub fn from_values(network: &Network, values: Vec<T>) -> Result<Self> {
        if values.len() != network.weight_count() {
            return Err(Error::Shape {
                what: "the parameter vector",
                found: format!("{} long", values.len()),
                expected: format!("{} weights for {}", network.weight_count(), network.describe()),
            });
        }
        Ok(Self { network: network.clone(), values })
    }

    /// The network they belong to.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The flat vector.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The flat vector, to change in place.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The flat vector, taken out.
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// W⁽ˡ⁾, s_{l+1}×s_l; `l` from 0.
    pub fn weights(&self, l: usize) -> ArrayView2<'_, T> {
        let layer = self.network.layer(l);
        let values = &self.values[layer.weights.clone()];
        ArrayView2::from_shape((layer.units, layer.inputs), values).expect("the layout covers the vector")
    }

    /// b⁽ˡ⁾; `l` from 0.
    pub fn bias(&self, l: usize) -> ArrayView1<'_, T> {
        ArrayView1::from(&self.values[self.network.layer(l).bias])
    }

    /// The same parameters in another scalar type; exact from f32 to f64.
    pub fn convert<U: Scalar>(&self) -> Params<U> {
        Params { network: self.network.clone(), values: crate::real::convert(&self.values) }
    }
}
