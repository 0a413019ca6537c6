//! What the inputs do: ∂ℓ/∂x and ∂a⁽ᴸ⁾/∂x of one row.

use super::document::{Compared, InputTrace};
use super::{Explained, Explainer, compared, last_layer};
use crate::error::Result;
use crate::reference;

impl Explainer<'_> {
    /// The derivatives of row `k` by its inputs.
    ///
    /// ```text
    /// ∂ℓ/∂x = δ⁽²⁾ W⁽¹⁾
    /// ```
    ///
    /// and ∂a_o/∂x is the same with ∂a_o/∂z⁽ᴸ⁾ in the place of δ⁽ᴸ⁾.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) for a row that is not there.
    pub fn inputs(&self, k: usize) -> Result<InputTrace> {
        let at = self.explained(k)?;
        let names = (0..at.network.inputs()).map(|j| self.source_name(0, j)).collect();
        let cost = (0..at.network.inputs()).map(|j| at.by_source(0, j)).collect();
        let outputs = (0..at.network.outputs()).map(|o| at.output_by_inputs(o)).collect();
        Ok(InputTrace { names, cost, outputs, per_unit: None })
    }
}

impl Explained<'_> {
    /// ∂ℓ/∂a_j of what matrix `l` reads.
    pub(super) fn by_source(&self, l: usize, j: usize) -> Compared {
        let value = self.blame(l, j).iter().map(|(delta, weight)| delta * weight).sum();
        compared(value, &self.witness.below(self.row(), (l, j)))
    }

    /// ∂a_o/∂x, by the recurrence of δ from ∂a_o/∂z⁽ᴸ⁾ on.
    fn output_by_inputs(&self, o: usize) -> Vec<f64> {
        let (network, pass) = (self.network, self.pass());
        let mut blame = last_layer::jacobian_row(network.output(), &pass.z[network.depth() - 1], o);
        for l in (0..network.depth()).rev() {
            let below: Vec<f64> = (0..network.sizes()[l])
                .map(|j| blame.iter().enumerate().map(|(i, b)| b * self.weight(l, i, j)).sum())
                .collect();
            blame = match l.checked_sub(1) {
                None => below,
                Some(under) => {
                    let slope = |(j, b): (usize, f64)| {
                        b * reference::slope(network.hidden()[under], pass.z[under][j])
                    };
                    below.into_iter().enumerate().map(slope).collect()
                }
            };
        }
        blame
    }
}
