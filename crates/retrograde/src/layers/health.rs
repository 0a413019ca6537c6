//! How the units of each hidden layer do on some rows: dead, saturated, duplicate; and how much error reaches each layer.
//!
//! One ordinary pass forward and backward over all rows, of which only sums and counts are kept.

use super::{FLAT, MOSTLY, steepest};
use crate::activation::Activation;
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::forward::BLOCK_ROWS;
use crate::params::Params;
use crate::real::norm;
use crate::regularisation::Regularisation;
use serde::Serialize;

/// Two units are duplicates when the cosine of the weights into them, and of those out of them, is above this, and, where g
/// bends, the weights into them are also as long.
pub const SAME: f64 = 0.9999;

/// A layer that computes, on some rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerHealth {
    /// l, from 2.
    pub l: usize,
    /// s_l.
    pub units: usize,
    /// g of a hidden layer; absent for the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// The mean of |δ_i| over rows and units, each row for itself: without row weights and without 1/M.
    pub mean_delta: f64,
    /// The mean of g′(z_i) over rows and units of a hidden layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_slope: Option<f64>,
    /// relu: the units, from 0, with a = 0 in every row. No row can change the weights into them.
    pub dead: Vec<usize>,
    /// sigmoid and tanh: the units, from 0, with g′ < [`FLAT`] · max g′ in at least [`MOSTLY`] of the rows.
    pub saturated: Vec<usize>,
    /// Units, from 0, each with the earlier unit that it repeats: weights in and out of the same direction, see [`SAME`].
    /// g(cz) = c g(z), c > 0, holds for relu, leaky_relu and identity alone; of others the weights in must also be as long.
    pub duplicates: Vec<(usize, usize)>,
}

/// What is counted on the way.
#[derive(Clone)]
struct Counts {
    delta: f64,
    slope: f64,
    /// For each unit: rows with a ≠ 0, and rows with a flat g′.
    alive: Vec<usize>,
    flat: Vec<usize>,
}

/// The health of every layer that computes, on all rows of `examples`, whose weights are not used.
///
/// # Errors
/// Rows for another network; regularisation (its label smoothing counts here) out of range.
pub fn health(
    params: &Params<f64>,
    examples: &Examples<'_, f64>,
    regularisation: Regularisation,
) -> Result<Vec<LayerHealth>> {
    let network = params.network();
    examples.expect_for(network)?;
    let rows = examples.rows();
    let none = |units: usize| Counts { delta: 0.0, slope: 0.0, alive: vec![0; units], flat: vec![0; units] };
    let mut counts: Vec<Counts> = network.sizes()[1..].iter().map(|&units| none(units)).collect();
    let mut evaluator = Evaluator::new(network, regularisation, rows.min(BLOCK_ROWS), 1)?;
    evaluator.visit_blocks(params.values(), &examples.unweighted(), |_, block, workspace| {
        for (l, counts) in counts.iter_mut().enumerate() {
            let units = network.sizes()[l + 1];
            let cells = block.rows * units;
            counts.delta += workspace.delta[l][..cells].iter().map(|delta| delta.abs()).sum::<f64>();
            let Some(&activation) = network.hidden().get(l) else { continue };
            let (a, slope) = (&workspace.a[l][..cells], &workspace.slope[l][..cells]);
            counts.slope += slope.iter().sum::<f64>();
            let flat = FLAT * steepest(activation).unwrap_or(0.0);
            for (cell, (&a, &slope)) in a.iter().zip(slope).enumerate() {
                counts.alive[cell % units] += usize::from(a != 0.0);
                counts.flat[cell % units] += usize::from(slope < flat);
            }
        }
    });
    let layer = |(l, counts): (usize, &Counts)| {
        let units = network.sizes()[l + 1];
        let activation = network.hidden().get(l).copied();
        let of = |wanted: &dyn Fn(usize) -> bool| (0..units).filter(|&unit| wanted(unit)).collect::<Vec<_>>();
        let dead = match activation {
            Some(Activation::Relu) => of(&|unit| counts.alive[unit] == 0),
            _ => Vec::new(),
        };
        let saturated = match activation.and_then(steepest) {
            Some(_) => of(&|unit| counts.flat[unit] as f64 >= MOSTLY * rows as f64),
            None => Vec::new(),
        };
        let cells = (rows * units) as f64;
        let duplicates = activation.map_or_else(Vec::new, |g| duplicates(params, (l, g), &dead));
        LayerHealth {
            l: l + 2,
            units,
            activation,
            mean_delta: counts.delta / cells,
            mean_slope: activation.map(|_| counts.slope / cells),
            dead,
            saturated,
            duplicates,
        }
    };
    Ok(counts.iter().enumerate().map(layer).collect())
}

/// What a unit does.
struct Seen {
    unit: usize,
    /// Its bias and the weights into it; of length 1 where g(cz) = c g(z), so that how long they are is the weights' out.
    into: Vector,
    /// The weights out of it, of length 1.
    out: Vector,
}

struct Vector {
    values: Vec<f64>,
    length: f64,
}

impl Vector {
    fn of(values: Vec<f64>) -> Self {
        let length = norm(&values);
        Self { values, length }
    }

    /// Of length 1, unless it is 0.
    fn direction(self) -> Self {
        let Self { mut values, length } = self;
        if length > 0.0 {
            for value in &mut values {
                *value /= length;
            }
        }
        Self::of(values)
    }

    /// |a − b|² ≤ 2 (1 − [`SAME`]) |a| |b|: of vectors of one length that is a cosine of at least [`SAME`], and lengths that
    /// differ leave less room. Most pairs are too far apart after their first numbers.
    fn is_same(&self, other: &Self) -> bool {
        const PART: usize = 32;
        let most = 2.0 * (1.0 - SAME) * self.length * other.length;
        let mut apart = 0.0;
        self.values.chunks(PART).zip(other.values.chunks(PART)).all(|(a, b)| {
            apart += a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            apart <= most
        })
    }
}

/// The units after matrix `l` that repeat an earlier one, dead ones left aside.
fn duplicates(params: &Params<f64>, (l, g): (usize, Activation), dead: &[usize]) -> Vec<(usize, usize)> {
    let (weights, bias, next) = (params.weights(l), params.bias(l), params.weights(l + 1));
    let into = |unit: usize| Vector::of(weights.row(unit).iter().copied().chain([bias[unit]]).collect());
    let scales = matches!(g, Activation::Identity | Activation::Relu | Activation::LeakyRelu);
    let mut seen: Vec<Seen> = Vec::new();
    let mut found = Vec::new();
    for unit in (0..weights.nrows()).filter(|unit| !dead.contains(unit)) {
        let into = if scales { into(unit).direction() } else { into(unit) };
        let out = Vector::of(next.column(unit).to_vec()).direction();
        match seen.iter().find(|other| into.is_same(&other.into) && out.is_same(&other.out)) {
            Some(other) => found.push((unit, other.unit)),
            None => seen.push(Seen { unit, into, out }),
        }
    }
    found
}
