//! A row's pass with one weight changed, in differences from the unchanged one, over any kind of number.

use super::{Row, Witness, lift, place};
use crate::network::WeightId;
use crate::real::Real;

/// A row's pass with one weight changed: z from the changed layer up.
pub(super) struct Changed<R> {
    pub cost: R,
    pub z: Vec<Vec<R>>,
}

impl Witness<'_> {
    /// The pass of a row with `shift` added to one weight.
    pub(super) fn changed<R: Real>(&self, row: &Row, id: WeightId, shift: R) -> Changed<R> {
        // z_i⁽ˡ⁺¹⁾ moves by shift·a_j; above, z moves by W (a′ − a).
        let mut z = vec![lift(&row.pass.z[id.layer])];
        z[0][id.unit] += shift * R::constant(row.input(id));
        for l in id.layer..self.network.depth() - 1 {
            let here = &z[l - id.layer];
            let activation = self.network.hidden()[l];
            let only = (l == id.layer).then_some(id.unit);
            let change: Vec<R> = here
                .iter()
                .enumerate()
                .map(|(unit, &z)| {
                    if only.is_some_and(|only| only != unit) {
                        return R::zero();
                    }
                    activation.value(z) * R::constant(row.factor(l + 1, unit))
                        - R::constant(row.pass.a[l + 1][unit])
                })
                .collect();
            z.push(self.moved(l + 1, &row.pass.z[l + 1], &change, only));
        }
        let last = &z[z.len() - 1];
        let mut scratch = vec![R::zero(); last.len()];
        let cost = self.network.loss().cost(self.network.output(), last, &row.y, &mut scratch);
        Changed { cost, z }
    }

    /// z + W·change of one layer; `only` names the single unit below that changed.
    fn moved<R: Real>(&self, l: usize, z: &[f64], change: &[R], only: Option<usize>) -> Vec<R> {
        let layer = self.network.layer(l);
        let weight = |i: usize, j: usize| R::constant(self.theta[place(&layer, i, j)]);
        (0..layer.units)
            .map(|i| {
                let base = R::constant(z[i]);
                if let Some(j) = only {
                    return base + weight(i, j) * change[j];
                }
                let mut sum = R::zero();
                for (j, &change) in change.iter().enumerate() {
                    sum += weight(i, j) * change;
                }
                base + sum
            })
            .collect()
    }
}
