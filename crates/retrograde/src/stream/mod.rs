//! Rows that need not all be in memory: a shuffle buffer over a stream.
//!
//! ```text
//!            fill                    change places                shuffled
//! supplier ────────→ next window ←───────────────────→ window ────────────────→ batches
//!          a thread of its own                          the training
//! ```
//!
//! A [`RowStream`] delivers encoded rows in blocks, from a file for instance. [`Streamed`] holds a window of them: the
//! training works on one window while the next is read. It says what that changes and what it leaves alone.

mod error;
mod loader;
mod reader;
mod streamed;
mod window;

pub use error::{Failure, StreamError};
pub use streamed::Streamed;
pub(crate) use window::Part;

/// Supplies the m rows of a training again and again, one pass after the other.
///
/// A pass is a [`rewind`](RowStream::rewind) followed by as many [`fill`](RowStream::fill)s as it takes. Passes of one
/// [`Order`] must all deliver the same rows in the same order: a training that is resumed reads to the place where it was.
pub trait RowStream<T>: Send {
    /// m, exactly.
    fn rows(&self) -> usize;

    /// s_1 and s_L: how many inputs and targets a row has.
    fn widths(&self) -> (usize, usize);

    /// M = Σ w_k; None where rows have no weights.
    fn total_weight(&self) -> Option<f64> {
        None
    }

    /// Begins a pass over all rows.
    ///
    /// # Errors
    /// The supplier's own.
    fn rewind(&mut self, order: Order) -> Result<(), Failure>;

    /// Writes the next rows of the pass: inputs row after row to `x`, targets row after row to `y`, weights to `weights`,
    /// which are given if, and only if, there is a [`total_weight`](RowStream::total_weight). Returns how many: at least one
    /// as long as rows are left, and no more than there is room for.
    ///
    /// # Errors
    /// The supplier's own.
    fn fill(&mut self, x: &mut [T], y: &mut [T], weights: Option<&mut [T]>) -> Result<usize, Failure>;

    /// The number of the row, from 0, that comes at `place`, from 0, of such a pass: what errors and reports call it. Of
    /// [`Order::AsStored`] it is the place itself.
    fn row_at(&self, order: Order, place: usize) -> usize {
        let _ = order;
        place
    }
}

/// The order of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Row after row: to hold all rows, and to compute a cost or a score.
    AsStored,
    /// An epoch of a training whose rows do not fit into the window. Only rows of one window are shuffled with each other: a
    /// supplier that delivers its blocks in another order each epoch, drawn from these numbers, mixes them farther. It may
    /// also deliver all as stored.
    Epoch {
        /// From 1.
        epoch: usize,
        /// The seed of the training.
        seed: u64,
    },
}
