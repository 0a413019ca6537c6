//! One unit: what reaches it, how far g opens, and the blame that comes back.

use super::document::{Compared, UnitTrace};
use super::{Explained, Explainer, compared, sums};
use crate::error::{Error, Result};
use crate::gradient_check::witness::Twins;
use crate::network::WeightId;
use crate::reference;

impl Explainer<'_> {
    /// Unit `unit` of layer `layer` in row `k`; both from 0, layer 0 being the first that computes.
    ///
    /// # Errors
    /// [`Error::Shape`] for a row or unit that is not there.
    pub fn unit(&self, k: usize, (layer, unit): (usize, usize)) -> Result<UnitTrace> {
        let network = self.network();
        let units = network.sizes().get(layer + 1).copied().unwrap_or(0);
        if unit >= units {
            let found = format!("unit {} of layer {}", unit + 1, layer + 2);
            let expected = format!("layers 2 to {}, and 1 to {units} units there", network.depth() + 1);
            return Err(Error::Shape { what: "the unit", found, expected });
        }
        let at = self.explained(k)?;
        let shape = network.layer(layer);
        let bias = (1.0, at.theta[shape.bias.start + unit]);
        let parts: Vec<(f64, f64)> = std::iter::once(bias)
            .chain(at.pass().a[layer].iter().enumerate().map(|(j, &a)| (a, at.weight(layer, unit, j))))
            .collect();
        let from = |place: usize| match place {
            0 => "bias".to_owned(),
            _ => self.source_name(layer, place - 1),
        };
        let z = at.pass().z[layer][unit];
        let hidden = network.hidden().get(layer);
        Ok(UnitTrace {
            name: format!("L{}[{}]", layer + 2, unit + 1),
            reaches: sums::terms(&parts, from),
            z,
            a: at.pass().a[layer + 1][unit],
            gprime: hidden.map(|&g| reference::slope(g, z)),
            blame: hidden.map(|_| sums::terms(&at.blame(layer + 1, unit), |i| self.unit_name(layer + 1, i))),
            delta: at.error_term(layer, unit),
        })
    }
}

impl Explained<'_> {
    /// δ of a unit beside ∂ℓ/∂z by differences: its bias moves z and nothing else.
    pub(super) fn error_term(&self, layer: usize, unit: usize) -> Compared {
        let bias = WeightId { layer, unit, source: None };
        let index = self.network.layer(layer).bias.start + unit;
        debug_assert_eq!(self.network.index_of(bias), Some(index));
        let twins = Twins::from(&self.witness.derivative(index));
        compared(self.pass().delta[layer][unit], &twins)
    }
}
