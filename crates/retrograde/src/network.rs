//! The shape of a network: sizes, activations, output and loss, checked once so that no invalid one exists.

use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::loss::{Loss, Output};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::ops::Range;

/// More parameters than this are refused: 2³¹ would be 8 GB in f32 before the first gradient.
pub const MAX_WEIGHTS: usize = 1 << 31;

/// A feed-forward network of layers l = 1…L with s_l units: everything but its parameters.
///
/// ```
/// use retrograde::{Activation, Loss, Network, Output};
/// // The course's exercise 4: 400 pixels, 25 hidden sigmoid units, 10 sigmoid outputs.
/// let network = Network::new(&[400, 25, 10], &[Activation::Sigmoid], Output::Sigmoid, Loss::CrossEntropy)?;
/// assert_eq!(network.weight_count(), 25 * 401 + 10 * 26);
/// # Ok::<(), retrograde::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Shape", into = "Shape")]
pub struct Network {
    sizes: Vec<usize>,
    hidden: Vec<Activation>,
    output: Output,
    loss: Loss,
    /// Where each Θ⁽ˡ⁾ starts in the flat vector, and the total at the end.
    offsets: Vec<usize>,
}

/// Where Θ⁽ˡ⁾ = [b W] lies in the flat vector: W row-major, then b.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerShape {
    /// s_l, the units (or inputs) it reads.
    pub inputs: usize,
    /// s_{l+1}, the units it feeds.
    pub units: usize,
    /// The entries of W⁽ˡ⁾, row i = unit i.
    pub weights: Range<usize>,
    /// The entries of b⁽ˡ⁾.
    pub bias: Range<usize>,
}

/// What is written to a file; reading it back goes through [`Network::new`].
#[derive(Serialize, Deserialize)]
struct Shape {
    sizes: Vec<usize>,
    hidden: Vec<Activation>,
    output: Output,
    loss: Loss,
}

impl TryFrom<Shape> for Network {
    type Error = Error;
    fn try_from(shape: Shape) -> Result<Self> {
        Self::new(&shape.sizes, &shape.hidden, shape.output, shape.loss)
    }
}

impl From<Network> for Shape {
    fn from(n: Network) -> Self {
        Self { sizes: n.sizes, hidden: n.hidden, output: n.output, loss: n.loss }
    }
}

impl Network {
    /// A network of the given layer sizes, inputs first and outputs last.
    ///
    /// `hidden` names one activation for every hidden layer, or a single one for all of them.
    ///
    /// # Errors
    /// Fewer than two layers, a layer of 0 units, more than [`MAX_WEIGHTS`] parameters, a wrong number of
    /// activations, or a loss that cannot follow the output.
    pub fn new(sizes: &[usize], hidden: &[Activation], output: Output, loss: Loss) -> Result<Self> {
        let layers = |expected: &str| Error::Layers { found: sizes.to_vec(), expected: expected.into() };
        if sizes.len() < 2 {
            return Err(layers("a network needs an input and an output layer"));
        }
        if sizes.contains(&0) {
            return Err(layers("every layer needs at least one unit"));
        }
        let mut offsets = vec![0usize];
        for pair in sizes.windows(2) {
            let weights = pair[0].checked_add(1).and_then(|fan_in| fan_in.checked_mul(pair[1]));
            let end = weights.and_then(|w| w.checked_add(offsets[offsets.len() - 1]));
            match end {
                Some(end) if end <= MAX_WEIGHTS => offsets.push(end),
                _ => return Err(layers("at most 2,147,483,648 weights are supported")),
            }
        }
        let hidden_layers = sizes.len() - 2;
        let hidden = match hidden {
            [one] if hidden_layers != 1 => vec![*one; hidden_layers],
            given if given.len() == hidden_layers => given.to_vec(),
            given => {
                return Err(Error::Shape {
                    what: "the list of activations",
                    found: format!("{} long", given.len()),
                    expected: format!("one activation, or one for each of the {hidden_layers} hidden layers"),
                });
            }
        };
        if output == Output::Softmax && sizes[sizes.len() - 1] == 1 {
            return Err(layers("softmax over a single output is always 1; use sigmoid, or two outputs"));
        }
        loss.validate(output, sizes[sizes.len() - 1])?;
        Ok(Self { sizes: sizes.to_vec(), hidden, output, loss, offsets })
    }

    /// s_1 … s_L.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The number of weight matrices, L − 1.
    pub fn depth(&self) -> usize {
        self.sizes.len() - 1
    }

    /// s_1, the number of inputs.
    pub fn inputs(&self) -> usize {
        self.sizes[0]
    }

    /// s_L, the number of outputs.
    pub fn outputs(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    /// The widest layer.
    pub fn widest(&self) -> usize {
        self.sizes.iter().copied().max().unwrap_or(0)
    }

    /// The activations of the hidden layers, in order.
    pub fn hidden(&self) -> &[Activation] {
        &self.hidden
    }

    /// The activation of the last layer.
    pub fn output(&self) -> Output {
        self.output
    }

    /// The loss.
    pub fn loss(&self) -> &Loss {
        &self.loss
    }

    /// The length of the flat vector: all weights and biases.
    pub fn weight_count(&self) -> usize {
        self.offsets[self.offsets.len() - 1]
    }

    /// The place of weight matrix `l` (0-based: Θ⁽ˡ⁺¹⁾) in the flat vector.
    pub fn layer(&self, l: usize) -> LayerShape {
        let (inputs, units, start) = (self.sizes[l], self.sizes[l + 1], self.offsets[l]);
        let bias = start + inputs * units;
        LayerShape { inputs, units, weights: start..bias, bias: bias..bias + units }
    }

    /// All weight matrices, first to last.
    pub fn layers(&self) -> impl DoubleEndedIterator<Item = LayerShape> + '_ {
        (0..self.depth()).map(|l| self.layer(l))
    }

    /// Which weight the `index`-th entry of the flat vector is.
    ///
    /// # Panics
    /// When `index` is not below [`Network::weight_count`].
    pub fn weight_at(&self, index: usize) -> WeightId {
        assert!(index < self.weight_count(), "weight {index} of {}", self.weight_count());
        let layer = self.offsets.partition_point(|&start| start <= index) - 1;
        let shape = self.layer(layer);
        if index < shape.bias.start {
            let within = index - shape.weights.start;
            WeightId { layer, unit: within / shape.inputs, source: Some(within % shape.inputs) }
        } else {
            WeightId { layer, unit: index - shape.bias.start, source: None }
        }
    }

    /// The place of a weight in the flat vector; the inverse of [`Network::weight_at`].
    ///
    /// None when the network has no such weight.
    pub fn index_of(&self, id: WeightId) -> Option<usize> {
        if id.layer >= self.depth() {
            return None;
        }
        let shape = self.layer(id.layer);
        match id.source {
            _ if id.unit >= shape.units => None,
            None => Some(shape.bias.start + id.unit),
            Some(source) if source < shape.inputs => {
                Some(shape.weights.start + id.unit * shape.inputs + source)
            }
            Some(_) => None,
        }
    }

    /// `27 → 32 relu → 16 relu → 1 sigmoid`.
    pub fn describe(&self) -> String {
        let mut text = self.sizes[0].to_string();
        for (units, activation) in self.sizes[1..].iter().zip(&self.hidden) {
            let _ = write!(text, " → {units} {}", activation.name()); // a String takes everything
        }
        let _ = write!(text, " → {} {}", self.outputs(), self.output.name());
        text
    }
}

/// One weight Θ⁽ˡ⁾_ij, all indices from 0; a bias has no source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WeightId {
    /// Which matrix: 0 is Θ⁽¹⁾.
    pub layer: usize,
    /// The unit i of layer l+1 it feeds.
    pub unit: usize,
    /// The unit j of layer l it reads; None is the bias.
    pub source: Option<usize>,
}

impl std::fmt::Display for WeightId {
    /// `L1[2,5]`: Θ⁽¹⁾, to unit 2 from unit 5, counted from 1; source 0 is the bias.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = self.source.map_or(0, |j| j + 1);
        write!(f, "L{}[{},{source}]", self.layer + 1, self.unit + 1)
    }
}
