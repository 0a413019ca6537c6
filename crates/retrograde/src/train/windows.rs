//! The batches of an epoch whose rows are in memory window by window.

use super::batches::shuffle;
use super::settings::TrainSettings;
use crate::error::Result;
use crate::examples::Examples;
use crate::random::{Purpose, stream};
use crate::real::Scalar;
use crate::stream::{Order, Part, Streamed};

/// Windows of whole batches, one after the other, each shuffled.
#[derive(Debug)]
pub(super) struct Windows<'a, T: Scalar> {
    rows: &'a mut Streamed<T>,
    /// Batches of a window, and rows of a batch.
    batches: usize,
    size: usize,
    seed: u64,
    /// The last epoch that is to be: nothing is read for one beyond it.
    epochs: usize,
    epoch: usize,
    /// Epoch and window that the order is of.
    at: Option<(usize, usize)>,
}

impl<'a, T: Scalar> Windows<'a, T> {
    /// Windows as large as they may be, but all of one length if that makes no more of them.
    pub fn new(rows: &'a mut Streamed<T>, size: usize, settings: &TrainSettings) -> Self {
        let all = rows.rows().div_ceil(size);
        let windows = all.div_ceil((rows.window() / size).max(1));
        Self {
            batches: all.div_ceil(windows),
            rows,
            size,
            seed: settings.seed,
            epochs: settings.epochs(),
            epoch: 0,
            at: None,
        }
    }

    /// All rows.
    pub fn streamed(&mut self) -> &mut Streamed<T> {
        self.rows
    }

    pub fn begin(&mut self, epoch: usize) {
        self.epoch = epoch;
    }

    fn part(&self, epoch: usize, window: usize) -> Option<Part> {
        let order = Order::Epoch { epoch, seed: self.seed };
        Part::of(order, window, self.batches * self.size, self.rows.rows())
    }

    /// Brings the window of batch `index` into memory and its rows in order.
    ///
    /// Each window is shuffled by a stream of its own: the order of the first is that of as many rows without windows.
    pub fn turn_to(&mut self, index: usize, order: &mut Vec<u32>) -> Result<()> {
        let (epoch, window) = (self.epoch, index / self.batches);
        if self.at == Some((epoch, window)) {
            return Ok(());
        }
        let Some(part) = self.part(epoch, window) else { return Ok(()) };
        let then = self.part(epoch, window + 1);
        let then = then.or_else(|| self.part(epoch + 1, 0).filter(|_| epoch < self.epochs));
        // No window is the last one's any more, should this one not be readable.
        self.at = None;
        self.rows.turn_to(part, then)?;
        order.resize(part.rows, 0);
        let mut numbers = stream(self.seed, Purpose::Shuffle, epoch as u64);
        numbers.set_stream(window as u64);
        shuffle(order, &mut numbers);
        self.at = Some((epoch, window));
        Ok(())
    }

    /// Where the rows of batch `index` begin in their window.
    pub fn first_of(&self, index: usize) -> usize {
        index % self.batches * self.size
    }

    /// The rows of the window.
    pub fn examples(&self) -> Examples<'_, T> {
        self.rows.examples()
    }

    /// The number of the row at `place` of the window that batch `index` is from.
    pub fn row_at(&mut self, index: usize, place: usize) -> usize {
        let first = index / self.batches * self.batches * self.size;
        self.rows.row_at(Order::Epoch { epoch: self.epoch, seed: self.seed }, first + place)
    }
}
