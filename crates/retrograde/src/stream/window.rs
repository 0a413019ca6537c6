//! Some rows of a pass, in memory.

use super::Order;
use crate::error::{Error, Result};
use crate::examples::Examples;
use crate::network::Network;
use crate::real::Scalar;
use std::ops::Range;

/// Which rows of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub order: Order,
    /// The place of the first in the pass.
    pub first: usize,
    pub rows: usize,
}

impl Part {
    /// Part `index` of a pass over `all` rows cut into parts of `size` rows, the last of what is left; None after the last.
    pub fn of(order: Order, index: usize, size: usize, all: usize) -> Option<Self> {
        let first = index.checked_mul(size).filter(|&first| first < all)?;
        Some(Self { order, first, rows: size.min(all - first) })
    }
}

/// Room for rows, and the rows in it.
#[derive(Debug)]
pub(super) struct Window<T> {
    x: Vec<T>,
    y: Vec<T>,
    /// Empty where rows have no weights.
    weights: Vec<T>,
    /// Σ w_k of what is in it.
    pub total: f64,
    /// What is in it.
    pub part: Option<Part>,
}

impl<T: Scalar> Window<T> {
    /// No room for anything.
    pub fn empty() -> Self {
        Self { x: Vec::new(), y: Vec::new(), weights: Vec::new(), total: 0.0, part: None }
    }

    /// Room for `rows` rows.
    ///
    /// # Errors
    /// [`Error::Setting`] where there is not so much memory.
    pub fn make_room(&mut self, rows: usize, network: &Network, weighted: bool) -> Result<()> {
        let room = [
            (&mut self.x, network.inputs()),
            (&mut self.y, network.outputs()),
            (&mut self.weights, usize::from(weighted)),
        ];
        for (values, width) in room {
            let wanted = rows.checked_mul(width);
            let more = |length: usize| wanted.map_or(usize::MAX, |wanted| wanted.saturating_sub(length));
            if more(values.len()) == 0 {
                continue;
            }
            values.try_reserve_exact(more(values.len())).map_err(|_| Error::Setting {
                what: "the window of the stream",
                found: format!("{rows} rows"),
                expected: "as many as there is memory for",
            })?;
            values.resize(rows * width, T::zero());
        }
        Ok(())
    }

    /// The room of some rows: inputs, targets, weights.
    pub fn room(&mut self, rows: Range<usize>, network: &Network) -> (&mut [T], &mut [T], Option<&mut [T]>) {
        let of = |width: usize| rows.start * width..rows.end * width;
        let weights = (!self.weights.is_empty()).then(|| &mut self.weights[rows.clone()]);
        (&mut self.x[of(network.inputs())], &mut self.y[of(network.outputs())], weights)
    }

    /// What is in it.
    pub fn examples(&self, network: &Network) -> Examples<'_, T> {
        let rows = self.part.map_or(0, |part| part.rows);
        let weights = (!self.weights.is_empty()).then(|| &self.weights[..rows]);
        let (x, y) = (&self.x[..rows * network.inputs()], &self.y[..rows * network.outputs()]);
        Examples::checked(network, (x, y, weights), self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Loss, Output};

    #[test]
    fn parts_cover_a_pass() {
        let parts = |size, all| -> Vec<(usize, usize)> {
            let part = |index| Part::of(Order::AsStored, index, size, all);
            (0..).map_while(part).map(|part| (part.first, part.rows)).collect()
        };
        assert_eq!(parts(3, 7), [(0, 3), (3, 3), (6, 1)]);
        assert_eq!(parts(3, 6), [(0, 3), (3, 3)]);
        assert_eq!(parts(9, 2), [(0, 2)]);
        assert!(Part::of(Order::AsStored, usize::MAX, 2, usize::MAX).is_none());
    }

    #[test]
    fn more_rows_than_there_is_memory_for() {
        let network =
            Network::new(&[3, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError).unwrap();
        for rows in [usize::MAX, usize::MAX / 16] {
            let error = Window::<f64>::empty().make_room(rows, &network, true).unwrap_err().to_string();
            assert!(error.ends_with("it must be as many as there is memory for"), "{error}");
        }
    }
}
