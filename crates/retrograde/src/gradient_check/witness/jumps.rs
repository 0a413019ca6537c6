//! Where a derivative does not exist: g′ of a unit, or ρ′ of the loss, jumps there as far as rounding can tell.

use super::row::Unchanged;
use crate::network::WeightId;
use crate::reference;

/// What sits at a jump in one row.
pub(super) struct Jumps {
    /// Hidden units at a jump of g′.
    units: Vec<Vec<bool>>,
    /// The loss at one of its own.
    loss: bool,
}

impl Jumps {
    /// Those of a row whose z are known to within `rounding`.
    pub fn new(at: &Unchanged<'_>, rounding: &[Vec<f64>]) -> Self {
        let network = at.network;
        let units = network
            .hidden()
            .iter()
            .zip(at.pass.z.iter().zip(rounding))
            .enumerate()
            .map(|(l, (g, (z, r)))| {
                // What is dropped moves nothing, jump or not.
                let jumps = |j: usize| g.slope_jumps() && reference::factor(at.factors, l + 1, j) != 0.0;
                z.iter().zip(r).enumerate().map(|(j, (z, &r))| jumps(j) && z.abs() <= r).collect()
            })
            .collect();
        let of_output = at.output_roundings(&rounding[network.depth() - 1]);
        let loss = network.loss().on_jump(&at.pass.a[network.depth()], &of_output, at.y);
        Self { units, loss }
    }

    /// Whether a weight moves one of them: its own unit, one above, or the loss.
    pub fn moved_by(&self, id: WeightId) -> bool {
        let own = self.units.get(id.layer).is_some_and(|units| units[id.unit]);
        let above = self.units.iter().skip(id.layer + 1).flatten().any(|&at| at);
        own || above || self.loss
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        self.loss || self.units.iter().flatten().any(|&at| at)
    }
}
