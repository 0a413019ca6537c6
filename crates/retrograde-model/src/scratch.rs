//! Encoded rows in a file of their own, for a training whose rows are not all to be in memory.
//!
//! ```text
//! pieces of the table ─ encode ─→ Scratch::push ─→ file, block after block ─→ StoredRows: RowStream
//! ```
//!
//! A table is read and encoded once, however many epochs follow. The file has no name and is gone with the process. It holds
//! numbers in the machine's own byte order, a block of rows after the other, each its inputs, then its targets, then its weights.

use crate::error::ModelError;
use crate::model::Number;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use retrograde::stream::{Failure, Order, RowStream};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A block takes about so much: few enough to be read one by one, and many of them in a window.
const BLOCK_BYTES: usize = 1 << 20;

/// How many numbers a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Widths {
    /// s_1.
    pub(crate) inputs: usize,
    /// s_L.
    pub(crate) targets: usize,
    /// Whether each row has a weight.
    pub(crate) weighted: bool,
}

impl Widths {
    /// All of them.
    pub(crate) fn numbers(self) -> usize {
        self.inputs + self.targets + usize::from(self.weighted)
    }
}

/// Rows while they are written.
pub(crate) struct Scratch<T> {
    file: File,
    folder: PathBuf,
    widths: Widths,
    /// Rows of a whole block.
    block: usize,
    /// The rows of the block that is not yet full.
    x: Vec<T>,
    y: Vec<T>,
    weights: Vec<T>,
    rows: usize,
    total_weight: f64,
}

impl<T: Number> Scratch<T> {
    /// A file without a name in `folder`.
    ///
    /// # Errors
    /// [`ModelError::Scratch`] where none can be made.
    pub(crate) fn create(folder: &Path, widths: Widths) -> Result<Self, ModelError> {
        let file = tempfile::tempfile_in(folder)
            .map_err(|source| ModelError::Scratch { folder: folder.display().to_string(), source })?;
        let block = (BLOCK_BYTES / (widths.numbers().max(1) * size_of::<T>())).max(1);
        let (x, y, weights) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { file, folder: folder.to_owned(), widths, block, x, y, weights, rows: 0, total_weight: 0.0 })
    }

    /// Appends rows: inputs and targets row after row, and a weight for each where rows have weights.
    ///
    /// # Errors
    /// [`ModelError::Scratch`] when the file cannot grow.
    pub(crate) fn push(&mut self, x: &[T], y: &[T], weights: Option<&[T]>) -> Result<(), ModelError> {
        let rows = y.len() / self.widths.targets;
        let mut from = 0;
        while from < rows {
            let held = self.y.len() / self.widths.targets;
            let to = rows.min(from + self.block - held);
            let Widths { inputs, targets, .. } = self.widths;
            self.x.extend_from_slice(&x[from * inputs..to * inputs]);
            self.y.extend_from_slice(&y[from * targets..to * targets]);
            if let Some(weights) = weights {
                self.weights.extend_from_slice(&weights[from..to]);
                self.total_weight += weights[from..to].iter().map(|&w| Into::<f64>::into(w)).sum::<f64>();
            }
            self.rows += to - from;
            if held + to - from == self.block {
                self.write_block()?;
            }
            from = to;
        }
        Ok(())
    }

    fn write_block(&mut self) -> Result<(), ModelError> {
        let failed = |source| ModelError::Scratch { folder: self.folder.display().to_string(), source };
        for numbers in [&mut self.x, &mut self.y, &mut self.weights] {
            self.file.write_all(bytemuck::cast_slice(numbers)).map_err(failed)?;
            numbers.clear();
        }
        Ok(())
    }

    /// The rows that were written.
    ///
    /// # Errors
    /// [`ModelError::Scratch`] when the last block cannot be written.
    pub(crate) fn finish(mut self) -> Result<StoredRows, ModelError> {
        self.write_block()?;
        let blocks = self.rows.div_ceil(self.block);
        Ok(StoredRows {
            file: Arc::new(Mutex::new(self.file)),
            widths: self.widths,
            block: self.block,
            rows: self.rows,
            total_weight: self.widths.weighted.then_some(self.total_weight),
            order: (0..blocks).collect(),
            turn: 0,
            within: 0,
        })
    }
}

/// Rows that were written, to be read pass after pass. A clone reads the same rows at a place of its own.
#[derive(Clone, Debug)]
pub(crate) struct StoredRows {
    file: Arc<Mutex<File>>,
    widths: Widths,
    block: usize,
    rows: usize,
    total_weight: Option<f64>,
    /// The blocks in the order of this pass.
    order: Vec<usize>,
    /// How many of them are behind, and how many rows of the next one.
    turn: usize,
    within: usize,
}

impl StoredRows {
    /// How many numbers a row has.
    pub(crate) fn widths(&self) -> Widths {
        self.widths
    }

    /// m.
    pub(crate) fn count(&self) -> usize {
        self.rows
    }

    /// The rows of a block; the last one has fewer.
    fn rows_of(&self, block: usize) -> usize {
        self.block.min(self.rows - block * self.block)
    }

    /// Reads `into.len()` numbers that begin `skip` numbers into a block.
    fn read<T: Number>(&mut self, block: usize, skip: usize, into: &mut [T]) -> Result<(), Failure> {
        let numbers = (block * self.block) as u64 * self.widths.numbers() as u64 + skip as u64;
        // A place in the file is all that it holds: nothing can be left half done in it.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(numbers * size_of::<T>() as u64))?;
        Ok(file.read_exact(bytemuck::cast_slice_mut(into))?)
    }
}

/// The blocks in the order of a pass: shuffled anew in every epoch.
fn block_order(blocks: usize, order: Order) -> Vec<usize> {
    let mut all: Vec<usize> = (0..blocks).collect();
    if let Order::Epoch { epoch, seed } = order {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(epoch as u64);
        for last in (1..all.len()).rev() {
            // As even as it need be: 2⁶⁴ against the number of blocks of a file.
            all.swap(last, (random.next_u64() % (last as u64 + 1)) as usize);
        }
    }
    all
}

impl<T: Number> RowStream<T> for StoredRows {
    fn rows(&self) -> usize {
        self.rows
    }

    fn widths(&self) -> (usize, usize) {
        (self.widths.inputs, self.widths.targets)
    }

    fn total_weight(&self) -> Option<f64> {
        self.total_weight
    }

    fn rewind(&mut self, order: Order) -> Result<(), Failure> {
        self.order = block_order(self.order.len(), order);
        (self.turn, self.within) = (0, 0);
        Ok(())
    }

    fn fill(&mut self, x: &mut [T], y: &mut [T], mut weights: Option<&mut [T]>) -> Result<usize, Failure> {
        let Widths { inputs, targets, .. } = self.widths;
        let room = y.len() / targets;
        let mut filled = 0;
        while let Some(&block) = self.order.get(self.turn).filter(|_| filled < room) {
            let (size, from) = (self.rows_of(block), self.within);
            let count = (room - filled).min(size - from);
            let to = filled + count;
            self.read(block, from * inputs, &mut x[filled * inputs..to * inputs])?;
            self.read(block, size * inputs + from * targets, &mut y[filled * targets..to * targets])?;
            if let Some(weights) = &mut weights {
                self.read(block, size * (inputs + targets) + from, &mut weights[filled..to])?;
            }
            filled = to;
            self.within += count;
            if self.within == size {
                (self.turn, self.within) = (self.turn + 1, 0);
            }
        }
        Ok(filled)
    }

    fn row_at(&self, order: Order, place: usize) -> usize {
        let mut before = 0;
        for block in block_order(self.order.len(), order) {
            let size = self.rows_of(block);
            if place < before + size {
                return block * self.block + place - before;
            }
            before += size;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::{Scratch, StoredRows, Widths};
    use retrograde::stream::{Order, RowStream};

    const WIDTHS: Widths = Widths { inputs: 3, targets: 2, weighted: true };

    fn stored(rows: usize, block: usize) -> StoredRows {
        let mut scratch = Scratch::<f64>::create(&std::env::temp_dir(), WIDTHS).expect("a file");
        scratch.block = block;
        for start in (0..rows).step_by(7) {
            let part: Vec<f64> = (start..rows.min(start + 7)).map(|k| k as f64).collect();
            let repeat = |n: usize| part.iter().flat_map(|&k| vec![k; n]).collect::<Vec<_>>();
            scratch.push(&repeat(3), &repeat(2), Some(&part)).expect("room");
        }
        scratch.finish().expect("room")
    }

    /// The rows of a pass, read `at_a_time`.
    fn pass(stored: &mut StoredRows, order: Order, at_a_time: usize) -> Vec<usize> {
        let mut seen = Vec::new();
        RowStream::<f64>::rewind(stored, order).expect("a pass");
        loop {
            let (mut x, mut y, mut w) =
                (vec![0.0; 3 * at_a_time], vec![0.0; 2 * at_a_time], vec![0.0; at_a_time]);
            let n = stored.fill(&mut x, &mut y, Some(&mut w)).expect("rows");
            for k in 0..n {
                assert!(x[3 * k..3 * k + 3].iter().chain(&y[2 * k..2 * k + 2]).all(|&v| v == w[k]));
                seen.push(w[k] as usize);
            }
            if n == 0 {
                return seen;
            }
        }
    }

    #[test]
    fn rows_come_back_as_stored() {
        for (rows, block, at_a_time) in [(1, 1, 1), (10, 4, 3), (50, 7, 50), (64, 8, 1), (23, 100, 9)] {
            let seen = pass(&mut stored(rows, block), Order::AsStored, at_a_time);
            assert_eq!(seen, (0..rows).collect::<Vec<_>>(), "{rows} rows, blocks of {block}");
        }
    }

    #[test]
    fn every_epoch_has_every_row_once_in_another_order() {
        let mut stored = stored(53, 5);
        let mut passes = Vec::new();
        for epoch in 1..4 {
            let order = Order::Epoch { epoch, seed: 3 };
            let seen = pass(&mut stored, order, 11);
            for (place, &row) in seen.iter().enumerate() {
                assert_eq!(RowStream::<f64>::row_at(&stored, order, place), row);
            }
            assert_eq!(seen, pass(&mut stored, order, 4), "the same pass again");
            let mut sorted = seen.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..53).collect::<Vec<_>>());
            passes.push(seen);
        }
        assert!(passes[0] != passes[1] && passes[1] != passes[2]);
    }

    #[test]
    fn weights_are_summed() {
        assert_eq!(RowStream::<f64>::total_weight(&stored(10, 4)), Some(45.0));
    }
}
