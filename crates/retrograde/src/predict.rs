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
