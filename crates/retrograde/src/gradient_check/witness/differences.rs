//! N, by central differences: the step, the truncation, and kinks between the two evaluations.

use super::changed::Changed;
use super::roundings::EPS;
use super::{Row, Witness};
use crate::network::WeightId;
use crate::real::Sum;
use crate::reference;

/// The central difference of J without its penalty, for one weight.
pub(super) struct Difference {
    /// h.
    pub step: f64,
    /// N(h) − λΘ/M.
    pub value: f64,
    /// 4/3 |N(h) − N(h/2)|.
    pub truncation: f64,
    /// A kink lies between the evaluations.
    pub kink: bool,
}

impl Witness<'_> {
    /// N of one weight, by halves of its step too.
    pub(super) fn difference(&self, index: usize) -> Difference {
        let id = self.network.weight_at(index);
        let value = self.theta[index];
        let reach = self.rows.iter().map(|r| r.input(id).abs()).fold(1.0, f64::max);
        // ∛ε balances truncation h² against rounding ε/h; the shift of z, not of Θ, is what must be small.
        let wanted = EPS.cbrt() * value.abs().max(1.0) / reach;
        let step = (value + wanted) - value;
        let (full, kink_full) = self.central_difference(id, step);
        let (half, kink_half) = self.central_difference(id, 0.5 * step);
        let truncation = 4.0 / 3.0 * (full - half).abs();
        Difference { step, value: full, truncation, kink: kink_full || kink_half }
    }

    /// (1/M) Σ w_k (ℓ_k(Θ + h e) − ℓ_k(Θ − h e))/2h, and whether a kink lies between. The penalty is a
    /// parabola, whose central difference is λΘ/M exactly: the caller adds it.
    fn central_difference(&self, id: WeightId, h: f64) -> (f64, bool) {
        let mut sum = Sum::default();
        let mut kink = false;
        for row in &self.rows {
            let (above, below) = (self.changed(row, id, h), self.changed(row, id, -h));
            sum.add(row.weight * (above.cost - below.cost));
            kink |= self.crosses(row, &above, &below, id.layer);
        }
        (sum.value() / (2.0 * h * self.total), kink)
    }

    /// N of ℓ of one row by a_j, which weight matrix `l` reads.
    pub(super) fn difference_below(&self, row: &Row, at: (usize, usize)) -> Difference {
        let (value, layer) = (row.pass.a[at.0][at.1], self.network.layer(at.0));
        let weight = |i: usize| self.theta[super::place(&layer, i, at.1)].abs();
        let reach = (0..layer.units).map(weight).fold(1.0, f64::max);
        let step = (value + EPS.cbrt() * value.abs().max(1.0) / reach) - value;
        let by = |h: f64| {
            let (above, below) = (self.changed_below(row, at, h), self.changed_below(row, at, -h));
            ((above.cost - below.cost) / (2.0 * h), self.crosses(row, &above, &below, at.0))
        };
        let ((full, kink_full), (half, kink_half)) = (by(step), by(0.5 * step));
        Difference {
            step,
            value: full,
            truncation: 4.0 / 3.0 * (full - half).abs(),
            kink: kink_full || kink_half,
        }
    }

    /// Whether a unit's z, or the loss's residual, passes a kink between the two evaluations.
    fn crosses(&self, row: &Row, above: &Changed<f64>, below: &Changed<f64>, from: usize) -> bool {
        for (offset, (high, low)) in above.z.iter().zip(&below.z).enumerate() {
            let Some(activation) = self.network.hidden().get(from + offset) else { continue };
            if activation.has_kink() && high.iter().zip(low).any(|(h, l)| h != l && (*h > 0.0) != (*l > 0.0))
            {
                return true;
            }
        }
        // The course's softmax takes K² exponentials for K classes.
        if !self.network.loss().has_kink() {
            return false;
        }
        let output = self.network.output();
        let (high, low) = (&above.z[above.z.len() - 1], &below.z[below.z.len() - 1]);
        let (high, low) = (reference::predict(output, high), reference::predict(output, low));
        self.network.loss().kink_between(&low, &high, &row.y)
    }
}
