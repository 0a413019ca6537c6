//! Δ and D: the sums over rows, by units, so that several threads can share them out.

use super::block::{Block, BlockWork, block_rows};
use crate::backward::accumulate_bias;
use crate::examples::{Examples, Inputs};
use crate::machine::team::Parts;
use crate::machine::vectorised::vectorised;
use crate::network::Network;
use crate::packed::shares;
use crate::product::{WrittenBy, accumulate, accumulate_sparse};
use crate::real::{Scalar, dot};
use std::ops::Range;

/// Some units of a layer: the rows of W⁽ˡ⁾ and the entries of b⁽ˡ⁾ that lead to them.
#[derive(Debug, Clone)]
struct Units {
    layer: usize,
    units: Range<usize>,
}

/// Θ, Δ and D cut by units, each layer into as many parts as there are threads and vectors.
#[derive(Debug)]
pub(crate) struct Sums {
    units: Vec<Units>,
    parts: Parts,
}

/// What turns Δ into D = Δ/M + λΘ/M.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finish<T> {
    /// 1/M.
    pub scale: T,
    /// λ/M.
    pub decay: T,
}

impl Sums {
    /// Parts for so many threads. What is summed, and in which order, is the same for any number.
    pub fn new<T: Scalar>(network: &Network, threads: usize) -> Self {
        let (mut units, mut pairs) = (Vec::new(), Vec::new());
        for (l, layer) in network.layers().enumerate() {
            for (_, share) in shares::<T>(layer.units, threads) {
                let (first, last) = (share.start, share.end);
                let (weights, bias) = (layer.weights.start, layer.bias.start);
                units.push(Units { layer: l, units: share });
                let weights = weights + first * layer.inputs..weights + last * layer.inputs;
                pairs.push([weights, bias + first..bias + last]);
            }
        }
        Self { units, parts: Parts::new(pairs) }
    }

    /// Where the parts lie in the flat vector.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Room for the squares of every part.
    pub fn squares(&self) -> Vec<Vec<f64>> {
        self.units.iter().map(|part| vec![0.0; part.units.len()]).collect()
    }

    /// Part `index` of Δ = Σ over the blocks' rows; `first` is the number of the first block.
    pub fn add_blocks<T: Scalar>(
        &self,
        (network, examples, first): (&Network, &Examples<'_, T>, usize),
        blocks: &[BlockWork<T>],
        (index, written_by): (usize, WrittenBy),
        [weights, bias]: &mut [&mut [T]; 2],
    ) {
        let Units { layer, units } = &self.units[index];
        let (inputs, width) = (network.sizes()[*layer], network.sizes()[layer + 1]);
        // Δ⁽ˡ⁾_ij = Σ_k δ⁽ˡ⁺¹⁾_ki a⁽ˡ⁾_kj
        match examples.x {
            Inputs::Sparse(x) if *layer == 0 => {
                let sides = |block: usize| {
                    let x = x.part(block_rows(examples.rows(), first + block));
                    blocks[block].sparse_sides(network, x)
                };
                accumulate_sparse(weights, inputs, (blocks.len(), sides), (width, units.start));
            }
            _ => {
                let sides = |block: usize| {
                    let x = Block::of(examples, network, first + block).x;
                    blocks[block].sides(network, *layer, x)
                };
                accumulate(weights, inputs, (blocks.len(), sides), (width, units.start), written_by);
            }
        }
        bias.fill(T::zero());
        // Δ⁽ˡ⁾_i0 = Σ_k δ⁽ˡ⁺¹⁾_ki
        for block in blocks {
            accumulate_bias(bias, block.delta(network, *layer), (width, units.start));
        }
    }

    /// All of Δ on this thread.
    pub fn add_blocks_here<T: Scalar>(
        &self,
        of: (&Network, &Examples<'_, T>, usize),
        blocks: &[BlockWork<T>],
        grad_sum: &mut [T],
    ) {
        for index in 0..self.parts.count() {
            let [weights, bias] = self.parts.pair(index);
            let (before, after) = grad_sum.split_at_mut(bias.start);
            let part = &mut [&mut before[weights], &mut after[..bias.len()]];
            T::add_blocks(self, of, blocks, (index, WrittenBy::ThisThread), part);
        }
    }

    /// D from Δ, and the square of each unit's part of it.
    pub fn finish<T: Scalar>(
        Finish { scale, decay }: Finish<T>,
        [weights, bias]: [&mut [T]; 2],
        theta: &[T],
        squares: &mut [f64],
    ) {
        if squares.is_empty() {
            return;
        }
        let inputs = weights.len() / squares.len();
        vectorised(
            #[inline(always)]
            || {
                let rows = weights.chunks_exact_mut(inputs).zip(theta.chunks_exact(inputs));
                for (((grad, theta), bias), square) in rows.zip(bias.iter_mut()).zip(squares.iter_mut()) {
                    // D_ij = Δ_ij/M + λΘ_ij/M,  D_i0 = Δ_i0/M
                    for (grad, &theta) in grad.iter_mut().zip(theta) {
                        *grad = *grad * scale + decay * theta;
                    }
                    *bias *= scale;
                    *square = dot(grad, grad) + bias.value() * bias.value();
                }
            },
        );
    }
}
