//! The trace document: every number of one row's way through the network and back, as a reader, a report or a page takes it.
//!
//! Layers count from 1 as in the course, units and rows of the text from 1, rows of the table from 0. What was not computed
//! is absent. `docs/trace.md` describes it field by field.

use crate::gradient_check::Verdict;
use crate::network::WeightId;
use serde::Serialize;
use std::collections::BTreeMap;

/// The name and version of the format.
pub const SCHEMA: &str = "retrograde.trace/1";

/// One row, and what was asked about it.
#[derive(Debug, Clone, Serialize)]
pub struct TraceDocument {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Its number among the rows given, from 0.
    pub row: usize,
    /// The line of the file it begins on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The row as its table has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Vec<Cell>>,
    /// Target and prediction in the table's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The row of Y, one number per output; smoothed where the training smoothed it.
    pub target: Vec<f64>,
    /// w_k, which Δ multiplies the row's products by; they and `delta` are without it.
    pub row_weight: f64,
    /// ℓ of this row.
    pub cost: f64,
    /// The loss.
    pub loss: &'static str,
    /// Layer 1, the inputs, to layer L, the outputs.
    pub layers: Vec<LayerTrace>,
    /// The products a_j δ_i by weight matrix, `L1` first.
    pub products: BTreeMap<String, Products>,
    /// The weight that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<WeightTrace>,
    /// The unit that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitTrace>,
    /// Derivatives by the inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<InputTrace>,
    /// The proof of ∂J/∂Θ_ij = a_j δ_i, a line each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Vec<ProofLine>>,
}

impl TraceDocument {
    /// The weight of the first layer with the largest product: of the largest input and the unit with the largest δ.
    pub fn most_moved(&self) -> WeightId {
        let largest = |values: &[f64]| {
            (0..values.len()).max_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs())).unwrap_or(0)
        };
        let unit = self.layers.get(1).and_then(|layer| layer.delta.as_deref()).map_or(0, largest);
        let source = self.layers.first().map(|layer| largest(&layer.a));
        WeightId { layer: 0, unit, source }
    }
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// Its column.
    pub column: String,
    /// Its text; absent where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What is known and what is said of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The target column or columns.
    pub columns: Vec<String>,
    /// What the table says.
    pub target: Vec<String>,
    /// What the network says.
    pub predicted: Vec<String>,
    /// The probability of the predicted class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// A layer of the row's pass.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LayerTrace {
    /// l, from 1.
    pub l: usize,
    /// What its units are called, where they have names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// g of the layer; absent for the inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<&'static str>,
    /// z⁽ˡ⁾ = Θ⁽ˡ⁻¹⁾ [1; a⁽ˡ⁻¹⁾].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub z: Option<Vec<f64>>,
    /// a⁽ˡ⁾ = g(z⁽ˡ⁾).
    pub a: Vec<f64>,
    /// g′(z⁽ˡ⁾) of a hidden layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gprime: Option<Vec<f64>>,
    /// δ⁽ˡ⁺¹⁾W⁽ˡ⁾ = ∂ℓ/∂a⁽ˡ⁾ of a hidden layer: what δ is before g′.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blame: Option<Vec<f64>>,
    /// δ⁽ˡ⁾ = ∂ℓ/∂z⁽ˡ⁾, without the row's weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta: Option<Vec<f64>>,
}

/// The products of one weight matrix.
#[derive(Debug, Clone, Serialize)]
pub struct Products {
    /// Units × (inputs + 1): the shape of Θ.
    pub shape: [usize; 2],
    /// The column of the bias, whose a is 1.
    pub bias_column: usize,
    /// All of them, row after row; absent where there are very many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<f64>>,
    /// The largest by magnitude, largest first.
    pub largest: Vec<Product>,
    /// What the others come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
}

/// One product a_j δ_i.
#[derive(Debug, Clone, Serialize)]
pub struct Product {
    /// The weight's name.
    pub name: String,
    /// a_j, 1 for a bias.
    pub a: f64,
    /// δ_i.
    pub delta: f64,
    /// Their product.
    pub product: f64,
}

/// What is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Others {
    /// How many.
    pub count: usize,
    /// Their sum.
    pub sum: f64,
    /// Their share of the sum of all magnitudes, from 0 to 1.
    pub share: f64,
}

/// A number beside its numerical twin.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Compared {
    /// By backpropagation.
    pub value: f64,
    /// By central differences.
    pub numerical: f64,
    /// The uncertainty of their difference.
    pub u: f64,
    /// Whether they are the same number.
    pub verdict: Verdict,
}

/// A term of a sum, such as of z or of δ.
#[derive(Debug, Clone, Serialize)]
pub struct Term {
    /// Where it comes from.
    pub from: String,
    /// a_j on the way forward, δ_k on the way back.
    pub number: f64,
    /// The weight between.
    pub weight: f64,
    /// Their product.
    pub product: f64,
}

/// A sum with its largest terms.
#[derive(Debug, Clone, Serialize)]
pub struct Terms {
    /// The largest by magnitude, largest first.
    pub terms: Vec<Term>,
    /// What the others come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
    /// The sum of all.
    pub sum: f64,
}

/// One weight: this row, then all rows.
#[derive(Debug, Clone, Serialize)]
pub struct WeightTrace {
    /// Its name.
    pub name: String,
    /// Θ_ij.
    pub value: f64,
    /// a_j of this row.
    pub a: f64,
    /// δ_i of this row.
    pub delta: f64,
    /// Where δ_i comes from, and g′: absent in the last layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blame: Option<Terms>,
    /// g′(z_i).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gprime: Option<f64>,
    /// a_j δ_i = ∂ℓ/∂Θ_ij of this row.
    pub product: f64,
    /// The same by central differences.
    pub numerical: f64,
    /// The uncertainty of their difference.
    pub u: f64,
    /// Whether they are the same number.
    pub verdict: Verdict,
    /// All rows.
    pub all: AllRows,
}

/// A row's pull.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pull {
    /// The row, from 0.
    pub row: usize,
    /// The line of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// w_k a_j δ_i.
    pub value: f64,
}

/// How the pulls of all rows become ∂J/∂Θ_ij.
#[derive(Debug, Clone, Serialize)]
pub struct AllRows {
    /// m.
    pub rows: usize,
    /// M = Σ w_k.
    pub total_weight: f64,
    /// The smallest w_k a_j δ_i.
    pub pull_min: Pull,
    /// The largest.
    pub pull_max: Pull,
    /// Δ_ij.
    pub grad_sum: f64,
    /// Δ_ij/M.
    pub mean: f64,
    /// λΘ_ij/M; 0 for a bias.
    pub l2: f64,
    /// D_ij = ∂J/∂Θ_ij.
    pub grad: f64,
    /// The same by central differences.
    pub numerical: f64,
    /// The uncertainty of their difference.
    pub u: f64,
    /// Whether they are the same number.
    pub verdict: Verdict,
}

/// One unit: what reaches it, how far g opens, and the blame that comes back.
#[derive(Debug, Clone, Serialize)]
pub struct UnitTrace {
    /// `L2[3]`: unit 3 of layer 2.
    pub name: String,
    /// The terms of z: the bias and W_ij a_j.
    pub reaches: Terms,
    /// z.
    pub z: f64,
    /// a = g(z).
    pub a: f64,
    /// g′(z), absent in the last layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gprime: Option<f64>,
    /// The terms of ∂ℓ/∂a: δ_k W_ki; absent in the last layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blame: Option<Terms>,
    /// δ, beside ∂ℓ/∂z by central differences.
    pub delta: Compared,
}

/// ∂ℓ/∂x and ∂a⁽ᴸ⁾/∂x.
#[derive(Debug, Clone, Serialize)]
pub struct InputTrace {
    /// The inputs' names.
    pub names: Vec<String>,
    /// ∂ℓ/∂x_j, each beside its numerical twin.
    pub cost: Vec<Compared>,
    /// ∂a_o/∂x_j: a list for each output.
    pub outputs: Vec<Vec<f64>>,
    /// What a step of 1 in the column's own unit is in the input; absent for an input that is no scaled number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_unit: Option<Vec<Option<f64>>>,
}

/// A line of the proof.
#[derive(Debug, Clone, Serialize)]
pub struct ProofLine {
    /// The derivative that it is about.
    pub derivative: String,
    /// What it equals.
    pub equals: String,
    /// Why.
    pub why: String,
    /// The number of this row, beside its numerical twin; of a line about many units, that of the one furthest off.
    #[serde(flatten)]
    pub compared: Compared,
    /// How many derivatives the line is about, where it is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
}
