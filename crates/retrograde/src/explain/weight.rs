//! One weight in one row: the product a_j δ_i, and the terms that δ_i comes from.

use super::document::WeightTrace;
use super::{Explainer, compared, sums};
use crate::error::{Error, Result};
use crate::gradient_check::witness::Twins;
use crate::network::WeightId;
use crate::reference;

impl Explainer<'_> {
    /// The weight `id` in row `k`, and in all rows.
    ///
    /// # Errors
    /// [`Error::Shape`] for a row or weight that is not there.
    pub fn weight(&self, k: usize, id: WeightId) -> Result<WeightTrace> {
        let index = self.index_of(id)?;
        let at = self.explained(k)?;
        let a = id.source.map_or(1.0, |j| at.pass().a[id.layer][j]);
        let delta = at.pass().delta[id.layer][id.unit];
        let hidden = at.network.hidden().get(id.layer);
        let row = compared(a * delta, &Twins::from(&at.witness.derivative(index)));
        Ok(WeightTrace {
            name: self.name(id),
            value: at.theta[index],
            a,
            delta,
            blame: hidden
                .map(|_| sums::terms(&at.blame(id.layer + 1, id.unit), |i| self.unit_name(id.layer + 1, i))),
            gprime: hidden.map(|&g| reference::slope(g, at.pass().z[id.layer][id.unit])),
            product: row.value,
            numerical: row.numerical,
            u: row.u,
            verdict: row.verdict,
            all: self.all_rows(id, index)?,
        })
    }

    fn index_of(&self, id: WeightId) -> Result<usize> {
        self.network().index_of(id).ok_or_else(|| {
            let expected = format!("a weight of {}", self.network().describe());
            Error::Shape { what: "the weight", found: id.to_string(), expected }
        })
    }
}
