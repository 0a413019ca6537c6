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
        let mut z = lift(&row.pass.z[id.layer]);
        z[id.unit] += shift * R::constant(row.input(id));
        self.upward(row, z, (id.layer, Some(id.unit)))
    }

    /// The pass of a row with `shift` added to a_j, which weight matrix `l` reads.
    pub(super) fn changed_below<R: Real>(&self, row: &Row, (l, j): (usize, usize), shift: R) -> Changed<R> {
        let layer = self.network.layer(l);
        let mut z = lift(&row.pass.z[l]);
        for (i, z) in z.iter_mut().enumerate() {
            *z += R::constant(self.theta[place(&layer, i, j)]) * shift;
        }
        self.upward(row, z, (l, None))
    }

    /// From the changed z of one layer up; `only` names the single unit that changed there.
    fn upward<R: Real>(&self, row: &Row, z: Vec<R>, (from, changed): (usize, Option<usize>)) -> Changed<R> {
        // z_i⁽ˡ⁺¹⁾ moves by shift·a_j; above, z moves by W (a′ − a).
        let mut z = vec![z];
        for l in from..self.network.depth() - 1 {
            let here = &z[l - from];
            let activation = self.network.hidden()[l];
            let only = changed.filter(|_| l == from);
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
