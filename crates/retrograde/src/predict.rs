//! Predictions: forward propagation alone, with the weights packed once.

use crate::error::{Error, Result};
use crate::evaluator::worthwhile;
use crate::examples::{Inputs, Sparse, SparseRows};
use crate::forward::{BLOCK_ROWS, Keep, Workspace};
use crate::machine::team::Team;
use crate::network::Network;
use crate::packed::{Packed, Passes, Weights};
use crate::params::Params;
use crate::real::Scalar;

/// Shares of the rows for each thread: a thread that the system holds up then holds up little.
const SHARES: usize = 4;

/// What a network predicts, again and again, from weights that stay as they are.
///
/// Nothing is allocated by a prediction, and a row's prediction has the same bits alone and among others.
///
/// ```
/// use retrograde::{Activation, Init, Loss, Network, Output, Params, Predictor};
/// let network = Network::new(&[2, 3, 1], &[Activation::Tanh], Output::Sigmoid, Loss::CrossEntropy)?;
/// let params = Params::<f64>::init(&network, Init::Auto, 1);
/// let mut predictor = Predictor::new(&params, 1)?;
/// let mut both = [0.0; 2];
/// predictor.predict_into(&[0.1, 0.2, 0.3, 0.4], &mut both)?;
/// let mut one = [0.0];
/// predictor.predict_into(&[0.3, 0.4], &mut one)?;
/// assert_eq!(one[0], both[1]);
/// # Ok::<(), retrograde::Error>(())
/// ```
#[derive(Debug)]
pub struct Predictor<T> {
    network: Network,
    theta: Vec<T>,
    packed: Packed<T>,
    workspaces: Vec<Workspace<T>>,
    team: Team,
}

impl<T: Scalar> Predictor<T> {
    /// A predictor on at most `threads` threads (0: all there are).
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub fn new(params: &Params<T>, threads: usize) -> Result<Self> {
        let network = params.network();
        let threads = worthwhile(threads, usize::MAX);
        let mut team = Team::new(threads)?;
        let mut packed = Packed::new(network, Passes::Forward, threads);
        packed.pack(network, params.values(), &mut team);
        Ok(Self {
            network: network.clone(),
            theta: params.values().to_vec(),
            packed,
            workspaces: (0..SHARES * threads).map(|_| Workspace::for_predictions(network)).collect(),
            team,
        })
    }

    /// A⁽ᴸ⁾ for every row of `x`, which lie one after the other, as the predictions do in `out`.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there are as many rows of predictions as of inputs.
    pub fn predict_into(&mut self, x: &[T], out: &mut [T]) -> Result<()> {
        let (inputs, outputs) = (self.network.inputs(), self.network.outputs());
        let rows = x.len() / inputs;
        if x.len() != rows * inputs || out.len() != rows * outputs {
            return Err(Error::Shape {
                what: "the set of rows to predict",
                found: format!("{} inputs and room for {} outputs", x.len(), out.len()),
                expected: format!("{inputs} inputs and {outputs} outputs for each row"),
            });
        }
        let work = rows.saturating_mul(self.network.weight_count());
        self.predict(Inputs::new(x, inputs), (rows, work), out);
        Ok(())
    }

    /// As [`Predictor::predict_into`], with most inputs 0: the first layer takes time for the nonzeros alone. The bits are
    /// those of the same rows given densely, as long as all numbers are finite.
    ///
    /// # Errors
    /// [`Error::Shape`] for another width than the network's, or unless there are as many rows of predictions as of inputs.
    pub fn predict_sparse_into(&mut self, x: Sparse<'_, T>, out: &mut [T]) -> Result<()> {
        let (inputs, outputs) = (self.network.inputs(), self.network.outputs());
        let rows = x.rows();
        if x.width() != inputs || out.len() != rows * outputs {
            return Err(Error::Shape {
                what: "the set of rows to predict",
                found: format!("{rows}×{} inputs and room for {} outputs", x.width(), out.len()),
                expected: format!("{inputs} inputs and {outputs} outputs for each row"),
            });
        }
        let first = self.network.layer(0);
        let above = rows.saturating_mul(self.network.weight_count() - first.weights.len());
        let work = above.saturating_add(x.nonzeros().saturating_mul(first.units));
        self.predict(Inputs::Sparse(SparseRows::new(x)), (rows, work), out);
        Ok(())
    }

    /// A⁽²⁾ … A⁽ᴸ⁾ for every row of `x`, which lie one after the other: for each layer that computes, its units row by
    /// row.
    ///
    /// # Errors
    /// [`Error::Shape`] unless `x` is whole rows.
    pub fn layers(&mut self, x: &[T]) -> Result<Vec<Vec<T>>> {
        let inputs = self.network.inputs();
        if !x.len().is_multiple_of(inputs) {
            return Err(Error::Shape {
                what: "the set of rows to predict",
                found: format!("{} inputs", x.len()),
                expected: format!("{inputs} inputs for each row"),
            });
        }
        Ok(self.every_layer(Inputs::new(x, inputs), x.len() / inputs))
    }

    /// As [`Predictor::layers`], with most inputs 0.
    ///
    /// # Errors
    /// [`Error::Shape`] for another width than the network's.
    pub fn layers_sparse(&mut self, x: Sparse<'_, T>) -> Result<Vec<Vec<T>>> {
        if x.width() != self.network.inputs() {
            return Err(Error::Shape {
                what: "the set of rows to predict",
                found: format!("{} columns wide", x.width()),
                expected: format!("{} inputs for each row", self.network.inputs()),
            });
        }
        Ok(self.every_layer(Inputs::Sparse(SparseRows::new(x)), x.rows()))
    }

    fn every_layer(&mut self, x: Inputs<'_, T>, rows: usize) -> Vec<Vec<T>> {
        let Self { network, theta, packed, workspaces, team } = self;
        let weights = Weights { theta, packed };
        let mut layers: Vec<_> = network.layers().map(|layer| vec![T::zero(); rows * layer.units]).collect();
        let work = rows.saturating_mul(network.weight_count());
        let shares = if worthwhile(team.threads(), work) == 1 { 1 } else { workspaces.len() };
        let share = rows.div_ceil(shares).next_multiple_of(BLOCK_ROWS);
        let mut pieces: Vec<(&mut Workspace<T>, Vec<&mut [T]>)> =
            workspaces.iter_mut().map(|workspace| (workspace, Vec::new())).collect();
        for (layer, shape) in layers.iter_mut().zip(network.layers()) {
            let parts = layer.chunks_mut(share.max(1) * shape.units);
            pieces.iter_mut().zip(parts).for_each(|((_, layers), part)| layers.push(part));
        }
        pieces.retain(|(_, layers)| !layers.is_empty());
        team.for_each(&mut pieces, |task, (workspace, layers)| {
            let first = task * share;
            let last = rows.min(first + share);
            layers_of_rows(network, weights, x.part(first..last), workspace, layers);
        });
        layers
    }

    /// For so many rows, which take so many multiply-adds.
    fn predict(&mut self, x: Inputs<'_, T>, (rows, work): (usize, usize), out: &mut [T]) {
        let Self { network, theta, packed, workspaces, team } = self;
        let weights = Weights { theta, packed };
        let outputs = network.outputs();
        if worthwhile(team.threads(), work) == 1 {
            predict_rows(network, weights, x, &mut workspaces[0], out);
            return;
        }
        let share = rows.div_ceil(workspaces.len()).next_multiple_of(BLOCK_ROWS);
        team.for_chunks(out, share * outputs, workspaces, |task, out, workspace| {
            let first = task * share;
            let x = x.part(first..first + out.len() / outputs);
            predict_rows(network, weights, x, workspace, out);
        });
    }
}

/// Block by block on this thread.
fn predict_rows<T: Scalar>(
    network: &Network,
    weights: Weights<'_, T>,
    x: Inputs<'_, T>,
    workspace: &mut Workspace<T>,
    out: &mut [T],
) {
    let outputs = network.outputs();
    for (index, out) in out.chunks_mut(BLOCK_ROWS * outputs).enumerate() {
        let rows = out.len() / outputs;
        let first = index * BLOCK_ROWS;
        T::forward(network, weights, x.part(first..first + rows), rows, workspace, Keep::Activations);
        let z = &workspace.z[network.depth() - 1][..out.len()];
        T::apply_output(network.output(), z, out, outputs);
    }
}

/// Every layer, block by block on this thread.
fn layers_of_rows<T: Scalar>(
    network: &Network,
    weights: Weights<'_, T>,
    x: Inputs<'_, T>,
    workspace: &mut Workspace<T>,
    layers: &mut [&mut [T]],
) {
    let rows = layers[0].len() / network.layer(0).units;
    for first in (0..rows).step_by(BLOCK_ROWS) {
        let last = rows.min(first + BLOCK_ROWS);
        T::forward(network, weights, x.part(first..last), last - first, workspace, Keep::Activations);
        for (l, (layer, shape)) in layers.iter_mut().zip(network.layers()).enumerate() {
            let out = &mut layer[first * shape.units..last * shape.units];
            match workspace.a.get(l) {
                Some(a) => out.copy_from_slice(&a[..out.len()]),
                None => T::apply_output(network.output(), &workspace.z[l][..out.len()], out, shape.units),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Init, Loss, Output};

    #[test]
    fn every_layer_is_computed_from_the_one_before() {
        let hidden = [Activation::Tanh, Activation::Silu];
        let network = Network::new(&[3, 4, 2, 2], &hidden, Output::Exp, Loss::Poisson).unwrap();
        let params = Params::<f64>::init(&network, Init::Auto, 7);
        // More than a block of rows, and not whole blocks.
        let rows = 2 * BLOCK_ROWS + 5;
        let x: Vec<f64> = (0..3 * rows).map(|i| (i as f64 * 0.37).sin()).collect();
        let mut predictor = Predictor::new(&params, 1).unwrap();
        let layers = predictor.layers(&x).unwrap();
        let mut below = x.clone();
        for (l, (layer, shape)) in layers.iter().zip(network.layers()).enumerate() {
            let theta = params.values();
            for k in 0..rows {
                for i in 0..shape.units {
                    let w = &theta[shape.weights.clone()][i * shape.inputs..(i + 1) * shape.inputs];
                    let a = &below[k * shape.inputs..(k + 1) * shape.inputs];
                    let z = w.iter().zip(a).map(|(w, a)| w * a).sum::<f64>() + theta[shape.bias.clone()][i];
                    let wanted = hidden.get(l).map_or(z.exp(), |g| g.value(z));
                    let found = layer[k * shape.units + i];
                    assert!(
                        (found - wanted).abs() <= 1e-13 * (1.0 + wanted.abs()),
                        "layer {l} row {k} unit {i}"
                    );
                }
            }
            below.clone_from(layer);
        }
        let mut out = vec![0.0; 2 * rows];
        predictor.predict_into(&x, &mut out).unwrap();
        assert_eq!(out, layers[2]);
        assert!(predictor.layers(&x[1..]).is_err());
        assert!(predictor.layers(&[]).unwrap().iter().all(Vec::is_empty));
    }

    #[test]
    fn every_layer_has_the_same_bits_on_any_number_of_threads() {
        let network =
            Network::new(&[40, 64, 3], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy).unwrap();
        let params = Params::<f32>::init(&network, Init::Auto, 7);
        for rows in [1, BLOCK_ROWS, 4 * BLOCK_ROWS + 1, 5_000] {
            let x: Vec<f32> = (0..40 * rows).map(|i| (i as f32 * 0.37).sin()).collect();
            let alone = Predictor::new(&params, 1).unwrap().layers(&x).unwrap();
            for threads in [2, 3, 5] {
                assert_eq!(
                    Predictor::new(&params, threads).unwrap().layers(&x).unwrap(),
                    alone,
                    "{rows} rows"
                );
            }
        }
    }
}
