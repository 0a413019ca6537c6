//! One weight nudged, in a block of rows: what their costs change by.
//!
//! Only what lies above the weight is computed again, in differences from the unchanged pass, so that the rounding of large z
//! cancels.

use crate::compiled::Steps;
use crate::evaluator::Visited;
use crate::forward::Workspace;
use crate::network::{Network, WeightId};
use crate::product::library::add_a_bt;
use crate::real::Sum;

/// Which targets the costs are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Targets {
    Given,
    /// Those that the pass has smoothed.
    Smoothed,
}

/// A weight and the step h that it is nudged by, and by its half.
pub(super) struct Nudge<'a> {
    pub network: &'a Network,
    pub id: WeightId,
    pub step: f64,
    pub targets: Targets,
}

/// Sums over rows of what their costs, above and below, come to.
#[derive(Default)]
pub(super) struct Differences {
    /// Σ w_k (ℓ_k(Θ + h e) − ℓ_k(Θ − h e)).
    pub full: Sum,
    /// The same with h/2.
    pub half: Sum,
    /// Σ w_k (|ℓ_k(Θ + h e)| + |ℓ_k(Θ − h e)|).
    pub size: Sum,
    /// A kink of a unit or of the loss lies between, in some row.
    pub kink: bool,
}

impl Differences {
    pub fn add(&mut self, more: &Self) {
        self.full.add(more.full.value());
        self.half.add(more.half.value());
        self.size.add(more.size.value());
        self.kink |= more.kink;
    }
}

/// a_j that the weight meets in row `k` of the block; 1 for a bias.
pub(super) fn input(network: &Network, id: WeightId, at: &Visited<'_, f64>, k: usize) -> f64 {
    match (id.source, id.layer) {
        (None, _) => 1.0,
        (Some(j), 0) => at.block.x.row(k)[j],
        (Some(j), l) => at.workspace.a[l - 1][k * network.sizes()[l] + j],
    }
}

impl Nudge<'_> {
    /// What the costs of a block differ by.
    pub fn differences(&self, at: &Visited<'_, f64>) -> Differences {
        let scratch = || Workspace::new(self.network, at.block.rows);
        let (mut above, mut below) = (scratch(), scratch());
        let mut sums = Differences::default();
        for (h, is_half) in [(self.step, false), (0.5 * self.step, true)] {
            self.pass(at, h, &mut above);
            self.pass(at, -h, &mut below);
            for k in 0..at.block.rows {
                let weight = at.block.weights.map_or(1.0, |weights| weights[k]);
                // A row that weighs nothing is not there, whatever it costs.
                if weight == 0.0 {
                    continue;
                }
                let (high, low) = (above.costs[k], below.costs[k]);
                let sum = if is_half { &mut sums.half } else { &mut sums.full };
                sum.add(weight * (high - low));
                if !is_half {
                    sums.size.add(weight * (high.abs() + low.abs()));
                }
                sums.kink |= self.crosses(at, (&above, &below), k);
            }
        }
        sums
    }

    /// Z from the weight's layer up, A⁽ᴸ⁾ and ℓ of the block with `shift` added to the weight. Hidden layers' `a` is a′ − a.
    fn pass(&self, at: &Visited<'_, f64>, shift: f64, out: &mut Workspace<f64>) {
        let Self { network, id, .. } = *self;
        let rows = at.block.rows;
        let units = network.sizes()[id.layer + 1];
        let z = &mut out.z[id.layer][..rows * units];
        z.copy_from_slice(&at.workspace.z[id.layer][..rows * units]);
        for (k, z) in z.chunks_exact_mut(units).enumerate() {
            z[id.unit] += shift * input(network, id, at, k);
        }
        for l in id.layer..network.depth() - 1 {
            let width = network.sizes()[l + 1];
            let change = &mut out.a[l][..rows * width];
            network.hidden()[l].apply(&out.z[l][..rows * width], change);
            for (change, a) in change.iter_mut().zip(&at.workspace.a[l]) {
                *change -= a;
            }
            // z⁽ˡ⁺¹⁾ moves by W (a′ − a)
            let above = network.sizes()[l + 2];
            let z = &mut out.z[l + 1][..rows * above];
            z.copy_from_slice(&at.workspace.z[l + 1][..rows * above]);
            if l == id.layer {
                self.moved_by_one(at, change, z);
            } else {
                let weights = &at.weights.theta[network.layer(l + 1).weights];
                add_a_bt(z, change, weights, [rows, width, above]);
            }
        }
        f64::last_layer(network, self.targets(at), None, rows, out);
    }

    /// z + W (a′ − a) where one unit alone has changed.
    fn moved_by_one(&self, at: &Visited<'_, f64>, change: &[f64], z: &mut [f64]) {
        let layer = self.network.layer(self.id.layer + 1);
        let weights = &at.weights.theta[layer.weights];
        let column = || weights.iter().skip(self.id.unit).step_by(layer.inputs);
        for (z, change) in z.chunks_exact_mut(layer.units).zip(change.chunks_exact(layer.inputs)) {
            for (z, weight) in z.iter_mut().zip(column()) {
                *z += weight * change[self.id.unit];
            }
        }
    }

    fn targets<'b>(&self, at: &'b Visited<'_, f64>) -> &'b [f64] {
        match self.targets {
            Targets::Given => at.block.y,
            Targets::Smoothed => &at.workspace.smoothed,
        }
    }

    /// Whether a unit's z, or the loss's residual, passes a kink between the two passes of row `k`.
    fn crosses(
        &self,
        at: &Visited<'_, f64>,
        (above, below): (&Workspace<f64>, &Workspace<f64>),
        k: usize,
    ) -> bool {
        let network = self.network;
        for l in self.id.layer..network.depth() - 1 {
            let row = k * network.sizes()[l + 1]..(k + 1) * network.sizes()[l + 1];
            let mut both = above.z[l][row.clone()].iter().zip(&below.z[l][row]);
            if network.hidden()[l].has_kink() && both.any(|(high, low)| (*high > 0.0) != (*low > 0.0)) {
                return true;
            }
        }
        let row = k * network.outputs()..(k + 1) * network.outputs();
        let [high, low] = [above, below].map(|pass| &pass.a[network.depth() - 1][row.clone()]);
        network.loss().kink_between(low, high, &self.targets(at)[row])
    }
}
