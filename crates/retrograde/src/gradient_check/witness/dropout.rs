//! The factors of dropout, block by block as the fast path draws them.

use crate::dropout::Draw;
use crate::forward::BLOCK_ROWS;
use crate::network::Network;

/// The factors of every row; none where nothing is dropped.
pub(super) struct Dropped {
    blocks: Vec<Vec<Vec<f64>>>,
}

impl Dropped {
    pub fn new(network: &Network, draw: Option<&Draw>, rows: usize) -> Self {
        let block = |(index, draw): (usize, &Draw)| {
            draw.factors(network, index, BLOCK_ROWS.min(rows - index * BLOCK_ROWS))
        };
        let draws = (0..rows.div_ceil(BLOCK_ROWS)).filter_map(|index| Some((index, draw?)));
        Self { blocks: draws.map(block).collect() }
    }

    /// Those of one row.
    pub fn of(&self, network: &Network, row: usize) -> Vec<Vec<f64>> {
        let Some(block) = self.blocks.get(row / BLOCK_ROWS) else { return Vec::new() };
        let k = row % BLOCK_ROWS;
        let of_layer = |(layer, &units): (&Vec<f64>, &usize)| {
            layer.get(k * units..(k + 1) * units).map(<[f64]>::to_vec).unwrap_or_default()
        };
        block.iter().zip(network.sizes()).map(of_layer).collect()
    }
}
