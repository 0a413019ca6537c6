//! W, by dual numbers: along one weight, and along a direction through all of them.

use super::{Row, Witness, lift, place};
use crate::dual::Dual;
use crate::network::WeightId;
use crate::real::{Real, Sum};

impl Witness<'_> {
    /// ∂ℓ/∂Θ of one row alone.
    pub fn row_derivative(&self, row: &Row, id: WeightId) -> f64 {
        self.changed(row, id, Dual::new(0.0, 1.0)).cost.derivative
    }

    /// ∇J·v by one dual pass over all weights, and the rounding of D·v; every entry of `v` is 1 or −1.
    pub fn along(&self, v: &[f64]) -> (f64, f64) {
        debug_assert!(v.iter().all(|v| v.abs() == 1.0));
        let mut derivative = Sum::default();
        let mut rounding = 0.0;
        for row in &self.rows {
            derivative.add(row.weight * self.row_along(row, v).derivative);
            rounding += row.weight * row.total_rounding();
        }
        let decay: Vec<f64> = (0..v.len()).map(|p| self.decay(p) * v[p]).collect();
        let rounding = self.rounding_of_d(rounding, decay.iter().map(|d| d.abs()).sum());
        (derivative.value() / self.total + decay.iter().sum::<f64>(), rounding)
    }

    /// ℓ of one row with its derivative along `v`.
    fn row_along(&self, row: &Row, v: &[f64]) -> Dual {
        let at = |p: usize| Dual::new(self.theta[p], v[p]);
        let mut a: Vec<Dual> = lift(&row.pass.a[0]);
        for (l, layer) in self.network.layers().enumerate() {
            let z: Vec<Dual> = (0..layer.units)
                .map(|i| {
                    let mut z = at(layer.bias.start + i);
                    for (j, &a) in a.iter().enumerate() {
                        z += at(place(&layer, i, j)) * a;
                    }
                    // The value is known from the reference: no second rounding.
                    Dual::new(row.pass.z[l][i], z.derivative)
                })
                .collect();
            a = match self.network.hidden().get(l) {
                Some(activation) => {
                    let unit =
                        |(j, &z): (usize, &Dual)| activation.value(z) * Dual::constant(row.factor(l + 1, j));
                    z.iter().enumerate().map(unit).collect()
                }
                None => z,
            };
        }
        let mut scratch = vec![Dual::default(); a.len()];
        self.network.loss().cost(self.network.output(), &a, &row.y, &mut scratch)
    }
}
