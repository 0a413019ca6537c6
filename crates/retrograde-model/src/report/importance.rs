//! What each column is worth: by how much the cost rises when its cells are shuffled among the rows (Breiman 2001).

use super::tug::spread_rows;
use crate::error::ModelError;
use crate::explain::Explanations;
use crate::model::Model;
use ndarray::{Array2, Axis};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use retrograde::{Activation, CostPart, Evaluator, Examples, Network, Params, Regularisation};
use serde::Serialize;

/// Shuffles of each column.
const REPEATS: usize = 5;
/// The 97.5th percentile of Student's t with 4 degrees of freedom.
const T: f64 = 2.776_445_105_197_793;
/// The most rows used.
const ROWS: usize = 2000;
/// Multiplications that all shuffles may cost together.
const BUDGET: usize = 10_000_000_000;

/// What the columns are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importances {
    /// The rows used, evenly spread over the table.
    pub rows: usize,
    /// Of so many.
    pub of: usize,
    /// Shuffles of each column.
    pub repeats: usize,
    /// The most important first.
    pub columns: Vec<Importance>,
}

/// What a column is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// The column of the table, with all its inputs.
    pub column: String,
    /// By how much the cost rises, the mean of the shuffles.
    pub rise: f64,
    /// The 95 % interval of that mean.
    pub low: f64,
    /// Its other end.
    pub high: f64,
}

pub(super) fn of(model: &Model, explanations: &Explanations<'_>) -> Result<Importances, ModelError> {
    let (params, matrices) = (&explanations.params, explanations.all()?);
    let columns = &model.encoder.inputs;
    let chosen = spread_rows(matrices.x.nrows(), affordable(model.network(), columns.len()));
    let x = matrices.x.select(Axis(0), &chosen);
    let y = matrices.y.select(Axis(0), &chosen);
    let weights: Option<Vec<f64>> =
        matrices.weights.as_ref().map(|weights| chosen.iter().map(|&k| weights[k]).collect());
    let settings = &model.settings;
    let mut above = Above::of(params, (y, weights), settings.regularisation, settings.threads)?;
    let z = reaching(params, &x);
    let before = above.cost(&z)?;
    let mut random = ChaCha8Rng::seed_from_u64(model.seed());
    let (mut first, mut found) = (0, Vec::new());
    for input in columns {
        let inputs = first..first + input.width();
        first = inputs.end;
        let mut rises = [0.0; REPEATS];
        for rise in &mut rises {
            let mut order: Vec<usize> = (0..chosen.len()).collect();
            for i in (1..order.len()).rev() {
                order.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
            }
            let mut shuffled = z.clone();
            for j in inputs.clone() {
                shuffle(params, (&x, j), &order, &mut shuffled);
            }
            *rise = above.cost(&shuffled)? - before;
        }
        let n = REPEATS as f64;
        let mean = rises.iter().sum::<f64>() / n;
        let variance = rises.iter().map(|rise| (rise - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let half = T * (variance / n).sqrt();
        let column = input.column().to_owned();
        found.push(Importance { column, rise: mean, low: mean - half, high: mean + half });
    }
    found.sort_by(|a, b| b.rise.total_cmp(&a.rise));
    Ok(Importances { rows: chosen.len(), of: matrices.x.nrows(), repeats: REPEATS, columns: found })
}

/// Rows whose shuffles the budget is enough for.
fn affordable(network: &Network, columns: usize) -> usize {
    let below = network.layer(0).weights.len();
    let above = network.weight_count() - below;
    (BUDGET / (REPEATS * (below + columns.max(1) * above))).clamp(50, ROWS)
}

/// z⁽²⁾, row after row.
fn reaching(params: &Params<f64>, x: &Array2<f64>) -> Vec<f64> {
    (x.dot(&params.weights(0).t()) + params.bias(0)).iter().copied().collect()
}

/// Gives each row the cell of input `j` that the row in its place of `order` has: z⁽²⁾ moves by W (x′ − x), and all other
/// columns need not be looked at.
fn shuffle(params: &Params<f64>, (x, j): (&Array2<f64>, usize), order: &[usize], z: &mut [f64]) {
    let weights = params.weights(0).column(j).to_vec();
    for (k, z) in z.chunks_exact_mut(weights.len()).enumerate() {
        let change = x[(order[k], j)] - x[(k, j)];
        if change != 0.0 {
            for (z, weight) in z.iter_mut().zip(&weights) {
                *z += change * weight;
            }
        }
    }
}

/// The network above z⁽²⁾, and the answers of the rows.
struct Above {
    activation: Option<Activation>,
    params: Params<f64>,
    evaluator: Evaluator<f64>,
    a: Array2<f64>,
    y: Array2<f64>,
    weights: Option<Vec<f64>>,
}

impl Above {
    fn of(
        params: &Params<f64>,
        (y, weights): (Array2<f64>, Option<Vec<f64>>),
        regularisation: Regularisation,
        threads: usize,
    ) -> Result<Self, ModelError> {
        let network = params.network();
        let (units, rows) = (network.sizes()[1], y.nrows());
        let activation = network.hidden().first().copied();
        let (sizes, hidden, values) = if activation.is_some() {
            let values = params.values()[network.layer(0).bias.end..].to_vec();
            (network.sizes()[1..].to_vec(), &network.hidden()[1..], values)
        } else {
            // z⁽²⁾ is the last one: the identity takes it there.
            let mut values = vec![0.0; units * units + units];
            for weight in values.iter_mut().take(units * units).step_by(units + 1) {
                *weight = 1.0;
            }
            (vec![units, units], network.hidden(), values)
        };
        let network = Network::new(&sizes, hidden, network.output(), network.loss().clone())?;
        let evaluator = Evaluator::new(&network, regularisation, rows, threads)?;
        let params = Params::from_values(&network, values)?;
        Ok(Self { activation, params, evaluator, a: Array2::zeros((rows, units)), y, weights })
    }

    /// The mean loss of the rows that this z⁽²⁾ reaches.
    fn cost(&mut self, z: &[f64]) -> Result<f64, ModelError> {
        if let Some(a) = self.a.as_slice_mut() {
            match self.activation {
                Some(activation) => activation.apply(z, a),
                None => a.copy_from_slice(z),
            }
        }
        let network = self.params.network();
        let rows = Examples::new(network, self.a.view(), self.y.view(), self.weights.as_deref())?;
        Ok(self.evaluator.cost(self.params.values(), &rows, CostPart::Loss))
    }
}

#[cfg(test)]
mod tests {
    use super::{Above, reaching, shuffle};
    use ndarray::Array2;
    use retrograde::{
        Activation, CostPart, Evaluator, Examples, Init, Loss, Network, Output, Params, Regularisation,
    };

    #[test]
    fn a_shuffled_column_costs_what_the_whole_network_says() {
        let none = Regularisation::default();
        for hidden in [&[][..], &[Activation::Tanh], &[Activation::Relu, Activation::Sigmoid]] {
            let sizes: Vec<usize> = [4].into_iter().chain(hidden.iter().map(|_| 6)).chain([3]).collect();
            let network = Network::new(&sizes, hidden, Output::Softmax, Loss::CrossEntropy).unwrap();
            let params = Params::<f64>::init(&network, Init::Auto, 7);
            let mut x = Array2::from_shape_fn((50, 4), |(k, j)| ((k * 7 + j * 3) as f64).sin());
            let y = Array2::from_shape_fn((50, 3), |(k, c)| f64::from(u8::from(k % 3 == c)));
            let weights: Vec<f64> = (0..50).map(|k| f64::from(k % 4)).collect();
            let order: Vec<usize> = (0..50).map(|k| (k * 3 + 1) % 50).collect();
            let mut z = reaching(&params, &x);
            shuffle(&params, (&x, 2), &order, &mut z);
            let mut above = Above::of(&params, (y.clone(), Some(weights.clone())), none, 1).unwrap();
            let found = above.cost(&z).unwrap();
            let cells: Vec<f64> = order.iter().map(|&k| x[(k, 2)]).collect();
            for (k, cell) in cells.into_iter().enumerate() {
                x[(k, 2)] = cell;
            }
            let rows = Examples::new(&network, x.view(), y.view(), Some(&weights)).unwrap();
            let mut whole = Evaluator::new(&network, none, 50, 1).unwrap();
            let expected = whole.cost(params.values(), &rows, CostPart::Loss);
            assert!((found - expected).abs() <= 1e-12 * expected, "{hidden:?}: {found} {expected}");
        }
    }
}
