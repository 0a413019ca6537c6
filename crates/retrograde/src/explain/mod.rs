//! One row's calculus, and one weight's over all rows: the numbers of the course's four steps, each beside a numerical twin.
//!
//! ```text
//! Explainer::new(network, parameters, rows) ─ row ─ weight · unit · inputs · proof ─→ TraceDocument
//! ```
//!
//! Everything is computed in f64 by the reference's loops, one row at a time; only what is summed over all rows takes the fast path.
//! `document` is what comes out, `weight` with `all_rows`, `unit`, `inputs` and `proof` are what can be asked beside the row itself.

mod all_rows;
mod document;
mod inputs;
mod last_layer;
mod nudge;
mod proof;
mod sums;
mod unit;
mod weight;

pub use all_rows::{Together, pulls, together};
pub use document::{
    AllRows, Answer, Cell, Compared, InputTrace, LayerTrace, Others, Product, Products, ProofLine, Pull,
    SCHEMA, Term, Terms, TraceDocument, UnitTrace, WeightTrace,
};

use crate::error::{Error, Result};
use crate::examples::Examples;
use crate::gradient_check::verdict_on;
use crate::gradient_check::witness::{Row, Twins, Witness};
use crate::network::{Network, WeightId};
use crate::params::Params;
use crate::reference;
use crate::regularisation::Regularisation;
use std::collections::BTreeMap;

/// The most products that are all in a document.
const MOST_PRODUCTS: usize = 10_000;

/// What inputs and outputs are called.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// One for each input, as a weight's name has it (`u` of `L1[2,u]`); empty: numbers from 1.
    pub inputs: Vec<String>,
    /// One for each output; empty: none.
    pub outputs: Vec<String>,
}

/// Explains rows of one network.
#[derive(Debug)]
pub struct Explainer<'a> {
    params: &'a Params<f64>,
    examples: Examples<'a, f64>,
    regularisation: Regularisation,
    names: Names,
    threads: usize,
}

/// One row, passed through the network and back.
pub(crate) struct Explained<'a> {
    network: &'a Network,
    theta: &'a [f64],
    witness: Witness<'a>,
}

impl Explained<'_> {
    fn row(&self) -> &Row {
        &self.witness.rows[0]
    }

    fn pass(&self) -> &reference::Trace {
        &self.row().pass
    }

    /// W_ij of matrix `l`.
    fn weight(&self, l: usize, i: usize, j: usize) -> f64 {
        self.theta[self.network.layer(l).weights.start + i * self.network.sizes()[l] + j]
    }

    /// (δ⁽ˡ⁺¹⁾_i, W_ij) for every unit i that matrix `l` feeds from unit j: the terms of ∂ℓ/∂a_j.
    fn blame(&self, l: usize, j: usize) -> Vec<(f64, f64)> {
        self.pass().delta[l].iter().enumerate().map(|(i, &delta)| (delta, self.weight(l, i, j))).collect()
    }
}

impl<'a> Explainer<'a> {
    /// For these rows, in f64. `threads` at most are used for what is summed over all of them, 0 for all there are.
    ///
    /// # Errors
    /// Rows for another network, or regularisation out of range; names of another number than inputs or outputs.
    pub fn new(
        params: &'a Params<f64>,
        examples: Examples<'a, f64>,
        regularisation: Regularisation,
        names: Names,
        threads: usize,
    ) -> Result<Self> {
        let network = params.network();
        examples.expect_for(network)?;
        regularisation.validate(network)?;
        let lists = [
            ("the names of inputs", names.inputs.len(), network.inputs()),
            ("the names of outputs", names.outputs.len(), network.outputs()),
        ];
        for (what, found, expected) in lists {
            if found != 0 && found != expected {
                let (found, expected) = (format!("{found} long"), format!("{expected}, or none"));
                return Err(Error::Shape { what, found, expected });
            }
        }
        Ok(Self { params, examples, regularisation, names, threads })
    }

    /// The network that is explained.
    pub fn network(&self) -> &'a Network {
        self.params.network()
    }

    /// Row `k`: its pass forward and backward, and the products of every weight matrix.
    ///
    /// # Errors
    /// [`Error::Shape`] for a row that is not there.
    pub fn row(&self, k: usize) -> Result<TraceDocument> {
        let at = self.explained(k)?;
        let row = at.row();
        let document = TraceDocument {
            schema: SCHEMA,
            row: k,
            line: None,
            given: None,
            answer: None,
            target: row.y.clone(),
            row_weight: self.examples.weights.map_or(1.0, |weights| weights[k]),
            cost: row.pass.cost,
            loss: at.network.loss().name(),
            layers: self.layers(&at),
            products: self.products(&at),
            weight: None,
            unit: None,
            input: None,
            proof: None,
        };
        Ok(document)
    }

    /// ℓ and a⁽ᴸ⁾ of row `k`, as [`Explainer::row`] has them, without all the rest.
    ///
    /// # Errors
    /// [`Error::Shape`] for a row that is not there.
    pub fn outcome(&self, k: usize) -> Result<(f64, Vec<f64>)> {
        self.expect_row(k)?;
        let (x, y, _) = self.examples.row(k);
        let y = match self.regularisation.label_smoothing {
            0.0 => y.to_vec(),
            _ => self.regularisation.smooth(self.network().output(), y),
        };
        let pass = reference::backpropagate(self.network(), self.params.values(), &x, &y);
        Ok((pass.cost, pass.a.last().cloned().unwrap_or_default()))
    }

    fn expect_row(&self, k: usize) -> Result<()> {
        let rows = self.examples.rows();
        if k < rows {
            return Ok(());
        }
        let expected = format!("0 to {}", rows - 1);
        Err(Error::Shape { what: "the row", found: k.to_string(), expected })
    }

    /// The row with its witnesses, weighing 1 and without λ.
    fn explained(&self, k: usize) -> Result<Explained<'a>> {
        self.expect_row(k)?;
        let network = self.network();
        let outputs = network.outputs();
        let y = &self.examples.y[k * outputs..(k + 1) * outputs];
        let order = [k as u32];
        let one = self.examples.batch(&order, y, None);
        let regularisation = Regularisation { lambda: 0.0, ..self.regularisation };
        let witness = Witness::new(self.params, &one, regularisation, None);
        Ok(Explained { network, theta: self.params.values(), witness })
    }

    fn layers(&self, at: &Explained<'_>) -> Vec<LayerTrace> {
        let (network, pass) = (at.network, at.pass());
        let named = |names: &[String]| (!names.is_empty()).then(|| names.to_vec());
        let input = LayerTrace {
            l: 1,
            names: named(&self.names.inputs),
            a: pass.a[0].clone(),
            ..LayerTrace::default()
        };
        let computed = (0..network.depth()).map(|l| {
            let hidden = network.hidden().get(l);
            let units = 0..network.sizes()[l + 1];
            let blame = |j: usize| at.blame(l + 1, j).iter().map(|(delta, w)| delta * w).sum();
            LayerTrace {
                l: l + 2,
                names: if hidden.is_none() { named(&self.names.outputs) } else { None },
                activation: Some(hidden.map_or(network.output().name(), |g| g.name())),
                z: Some(pass.z[l].clone()),
                a: pass.a[l + 1].clone(),
                gprime: hidden.map(|&g| pass.z[l].iter().map(|&z| reference::slope(g, z)).collect()),
                blame: hidden.map(|_| units.map(blame).collect()),
                delta: Some(pass.delta[l].clone()),
            }
        });
        std::iter::once(input).chain(computed).collect()
    }

    fn products(&self, at: &Explained<'_>) -> BTreeMap<String, Products> {
        let whole = at.network.weight_count() <= MOST_PRODUCTS;
        (0..at.network.depth())
            .map(|l| {
                let (a, delta) = (&at.pass().a[l], &at.pass().delta[l]);
                let data: Vec<f64> = delta
                    .iter()
                    .flat_map(|&d| std::iter::once(d).chain(a.iter().map(move |a| a * d)))
                    .collect();
                let (shown, others) = sums::largest(&data);
                let width = a.len() + 1;
                let product = |place: usize| {
                    let (unit, source) = (place / width, (place % width).checked_sub(1));
                    let id = WeightId { layer: l, unit, source };
                    Product {
                        name: self.name(id),
                        a: source.map_or(1.0, |j| a[j]),
                        delta: delta[unit],
                        product: data[place],
                    }
                };
                let largest = shown.into_iter().map(product).collect();
                let shape = [delta.len(), width];
                let data = whole.then_some(data);
                (format!("L{}", l + 1), Products { shape, bias_column: 0, data, largest, others })
            })
            .collect()
    }

    /// `L1[2,u]`.
    pub fn name(&self, id: WeightId) -> String {
        match (id.source, self.names.inputs.get(id.source.unwrap_or(0))) {
            (Some(_), Some(name)) if id.layer == 0 => format!("L1[{},{name}]", id.unit + 1),
            _ => id.to_string(),
        }
    }

    /// What unit `j` of what matrix `l` reads is called: an input's name, or its number.
    fn source_name(&self, l: usize, j: usize) -> String {
        let name = if l == 0 { self.names.inputs.get(j) } else { None };
        name.cloned().unwrap_or_else(|| (j + 1).to_string())
    }

    /// What output `k`, or unit `k` of a hidden layer, is called; `l` is the matrix that feeds it.
    fn unit_name(&self, l: usize, k: usize) -> String {
        let name = if l + 1 == self.network().depth() { self.names.outputs.get(k) } else { None };
        name.cloned().unwrap_or_else(|| (k + 1).to_string())
    }
}

/// A number beside its twins.
fn compared(value: f64, twins: &Twins) -> Compared {
    Compared { value, numerical: twins.numerical, u: twins.uncertainty, verdict: verdict_on(value, twins) }
}
