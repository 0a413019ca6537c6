//! Dropout (Srivastava et al. 2014): units left out of a step at random, the others scaled up to make good for them.
//!
//! ```text
//! a⁽ˡ⁾ = d⁽ˡ⁾ ∘ g(z⁽ˡ⁾),   d_kj = 0 with probability p_l, else 1/(1 − p_l)        δ⁽ˡ⁾ = (δ⁽ˡ⁺¹⁾W⁽ˡ⁾) ∘ d⁽ˡ⁾ ∘ g′(z⁽ˡ⁾)
//! ```
//!
//! d is a function of (seed, epoch, batch, row, layer, unit) alone: the same for any number of threads, and for a
//! training that is resumed. With d held fixed J is an ordinary function, whose gradient can be checked.

use crate::error::{Error, Result};
use crate::examples::{Dense, Inputs, Sparse, SparseRows};
use crate::network::Network;
use crate::random::{Purpose, stream};
use crate::real::Scalar;
use rand::Rng;

/// Which units are dropped: the rates and the place in the training that draws them.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// p of the inputs and of each hidden layer.
    pub rates: Vec<f64>,
    /// The seed of the training.
    pub seed: u64,
    /// The epoch, from 1.
    pub epoch: u64,
    /// The batch, from 0.
    pub batch: u32,
}

/// The rates with one for the inputs and each hidden layer: a rate alone is that of the hidden layers, where there are any. None
/// where all are 0.
pub(crate) fn of_layers(rates: &[f64], network: &Network) -> Vec<f64> {
    let hidden = network.hidden().len();
    match rates {
        rates if rates.iter().all(|&rate| rate == 0.0) => Vec::new(),
        [rate] if hidden > 0 => std::iter::once(0.0).chain(std::iter::repeat_n(*rate, hidden)).collect(),
        rates => rates.to_vec(),
    }
}

/// Checks the rates: none, or one for the inputs and each hidden layer, at least 0 and below 1.
///
/// # Errors
/// [`Error::Shape`] or [`Error::Setting`].
pub fn validate(rates: &[f64], network: &Network) -> Result<()> {
    if !rates.is_empty() && rates.len() != network.depth() {
        return Err(Error::Shape {
            what: "the list of dropout rates",
            found: format!("{} long", rates.len()),
            expected: format!("one for the inputs and one for each hidden layer, {} in all", network.depth()),
        });
    }
    match rates.iter().find(|rate| !(0.0..1.0).contains(*rate)) {
        None => Ok(()),
        Some(rate) => Err(Error::Setting {
            what: "a dropout rate",
            found: rate.to_string(),
            expected: "at least 0 and below 1",
        }),
    }
}

impl Draw {
    /// d of the rows of block `block`: for the inputs and each hidden layer rows×units factors, row by row; empty
    /// where nothing is dropped.
    pub fn factors<T: Scalar>(&self, network: &Network, block: usize, rows: usize) -> Vec<Vec<T>> {
        let mut factors = vec![Vec::new(); network.depth()];
        self.factors_into(network, block, rows, &mut factors);
        factors
    }

    fn factors_into<T: Scalar>(&self, network: &Network, block: usize, rows: usize, out: &mut [Vec<T>]) {
        let mut rng = stream(self.seed, Purpose::Dropout, self.epoch);
        rng.set_stream(u64::from(self.batch) << 32 | block as u64);
        for ((factors, &rate), &units) in out.iter_mut().zip(&self.rates).zip(network.sizes()) {
            factors.clear();
            if rate == 0.0 {
                continue;
            }
            // Of 2³² equally likely numbers, so many drop the unit.
            let dropped = (rate * 4_294_967_296.0) as u64;
            let kept = T::constant(1.0 / (1.0 - rate));
            factors.extend(
                (0..rows * units).map(|_| if u64::from(rng.next_u32()) < dropped { T::zero() } else { kept }),
            );
        }
    }
}

/// The factors d of one block, and its inputs with theirs.
#[derive(Debug, Clone)]
pub(crate) struct Masks<T> {
    /// One for the inputs and each hidden layer; empty without dropout.
    factors: Vec<Vec<T>>,
    /// d ∘ x: of dense inputs all, of sparse ones those that are held.
    inputs: Vec<T>,
    /// Where the rows of sparse inputs start, and the columns of what is held.
    starts: Vec<usize>,
    columns: Vec<u32>,
}

impl<T: Scalar> Masks<T> {
    /// Nothing is dropped.
    pub fn none() -> Self {
        Self { factors: Vec::new(), inputs: Vec::new(), starts: Vec::new(), columns: Vec::new() }
    }

    /// Draws for a block, or drops nothing from now on.
    pub fn draw(&mut self, network: &Network, draw: Option<&Draw>, block: usize, rows: usize) {
        match draw {
            None => self.factors.clear(),
            Some(draw) => {
                self.factors.resize(network.depth(), Vec::new());
                draw.factors_into(network, block, rows, &mut self.factors);
            }
        }
    }

    /// Multiplies what hidden layer `l` (from 0) holds by its factors.
    pub fn apply(&self, l: usize, values: &mut [T]) {
        if let Some(factors) = self.factors.get(l + 1) {
            for (value, &factor) in values.iter_mut().zip(factors) {
                *value *= factor;
            }
        }
    }

    /// Takes d ∘ x of the first `rows` rows, where inputs are dropped.
    pub fn apply_to_inputs(&mut self, x: Inputs<'_, T>, rows: usize) {
        let Self { factors, inputs, starts, columns } = self;
        inputs.clear();
        starts.clear();
        columns.clear();
        let Some(factors) = factors.first().filter(|factors| !factors.is_empty()) else { return };
        match x {
            Inputs::Dense(x) => {
                let x = (0..rows).flat_map(|k| x.row(k));
                inputs.extend(x.zip(factors).map(|(&x, &factor)| x * factor));
            }
            Inputs::Sparse(x) => {
                // Room for any block: no later one allocates.
                inputs.reserve(rows * x.longest());
                columns.reserve(rows * x.longest());
                starts.push(0);
                for (k, factors) in factors.chunks_exact(x.width()).enumerate() {
                    let (places, values) = x.row(k);
                    columns.extend_from_slice(places);
                    inputs.extend(places.iter().zip(values).map(|(&j, &x)| x * factors[j as usize]));
                    starts.push(inputs.len());
                }
            }
        }
    }

    /// The inputs as the network sees them.
    pub fn inputs<'a>(&'a self, x: Inputs<'a, T>) -> Inputs<'a, T> {
        match x {
            Inputs::Dense(x) => Inputs::Dense(self.dense_inputs(x)),
            Inputs::Sparse(x) => Inputs::Sparse(self.sparse_inputs(x)),
        }
    }

    fn dense_inputs<'a>(&'a self, x: Dense<'a, T>) -> Dense<'a, T> {
        if self.inputs.is_empty() { x } else { Dense::new(&self.inputs, x.width()) }
    }

    /// Sparse inputs as the network sees them.
    pub fn sparse_inputs<'a>(&'a self, x: SparseRows<'a, T>) -> SparseRows<'a, T> {
        if self.starts.is_empty() {
            return x;
        }
        let parts = (&self.starts[..], &self.columns[..], &self.inputs[..]);
        SparseRows::new(Sparse::of_parts(parts, x.width(), x.longest()))
    }
}
