//! Encoded rows, in memory or in a file.

use crate::error::ModelError;
use crate::file::checksum_of;
use crate::model::Number;
use crate::scratch::{StoredRows, Widths};
use crate::targets::{Block, Known, Matrices};
use ndarray::ArrayView2;
use retrograde::stream::{Order, RowStream as _};
use retrograde::train::Rows;
use retrograde::{Examples, Network, Streamed};

/// Rows that are scored together: a multiple of the core's groups, so that the sums do not depend on it.
const BLOCK_ROWS: usize = 4096;

/// Encoded rows.
pub(crate) enum Encoded<T> {
    /// In memory.
    Held(Matrices<T>),
    /// In a file, but for what they are scored by.
    Stored(Stored),
}

/// Encoded rows in a file.
pub(crate) struct Stored {
    pub(crate) rows: StoredRows,
    pub(crate) known: Known,
    /// Rows that a training holds at a time.
    pub(crate) window: usize,
}

/// Rows as a training takes them.
pub(crate) enum Supply<'a, T: Number> {
    Held(Examples<'a, T>),
    Streamed(Box<Streamed<T>>),
}

impl<T: Number> Supply<'_, T> {
    pub(crate) fn rows(&mut self) -> Rows<'_, T> {
        match self {
            Self::Held(examples) => Rows::from(&*examples),
            Self::Streamed(streamed) => Rows::from(&mut **streamed),
        }
    }
}

impl<T: Number> Encoded<T> {
    /// m.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Held(rows) => rows.x.nrows(),
            Self::Stored(stored) => stored.rows.count(),
        }
    }

    /// Rows that a training holds at a time, where it does not hold all.
    pub(crate) fn window(&self) -> Option<usize> {
        match self {
            Self::Held(_) => None,
            Self::Stored(stored) => Some(stored.window),
        }
    }

    /// The most rows that [`Encoded::each_block`] shows at a time.
    pub(crate) fn at_once(&self) -> usize {
        self.count().min(BLOCK_ROWS)
    }

    /// What the rows are scored by.
    pub(crate) fn known(&self) -> &Known {
        match self {
            Self::Held(rows) => &rows.known,
            Self::Stored(stored) => &stored.known,
        }
    }

    /// As a training takes them.
    pub(crate) fn supply(&self, network: &Network) -> Result<Supply<'_, T>, ModelError> {
        Ok(match self {
            Self::Held(rows) => Supply::Held(rows.examples(network)?),
            Self::Stored(stored) => {
                Supply::Streamed(Box::new(Streamed::new(network, stored.rows.clone(), stored.window)?))
            }
        })
    }

    /// All rows in their order, some at a time.
    pub(crate) fn each_block(
        &self,
        mut with: impl FnMut(Block<'_, T>) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let count = self.count();
        let stored = match self {
            Self::Held(rows) => {
                let mut blocks = (0..count).step_by(BLOCK_ROWS);
                return blocks.try_for_each(|from| with(rows.block(from..count.min(from + BLOCK_ROWS))));
            }
            Self::Stored(stored) => stored,
        };
        let Widths { inputs, targets, weighted } = stored.rows.widths();
        let room = self.at_once();
        let zeros = |width: usize| vec![T::from_f64(0.0); room * width];
        let (mut x, mut y, mut w) = (zeros(inputs), zeros(targets), zeros(usize::from(weighted)));
        let mut rows = stored.rows.clone();
        let lost = |cause: retrograde::stream::Failure| ModelError::ScratchLost {
            reason: cause.to_string(),
            model: None,
        };
        let shape =
            |error: ndarray::ShapeError| ModelError::ScratchLost { reason: error.to_string(), model: None };
        retrograde::RowStream::<T>::rewind(&mut rows, Order::AsStored).map_err(lost)?;
        let mut from = 0;
        while from < count {
            let n = (count - from).min(room);
            let (x, y, w) =
                (&mut x[..n * inputs], &mut y[..n * targets], &mut w[..n * usize::from(weighted)]);
            let filled = rows.fill(x, y, weighted.then_some(&mut *w)).map_err(lost)?;
            if filled != n {
                let reason = format!("{} rows, expected {count}", from + filled);
                return Err(ModelError::ScratchLost { reason, model: None });
            }
            let (truth, own) = stored.known.of(from..from + n);
            with(Block {
                x: ArrayView2::from_shape((n, inputs), x).map_err(shape)?,
                y: ArrayView2::from_shape((n, targets), y).map_err(shape)?,
                weights: weighted.then_some(&*w),
                truth,
                own,
            })?;
            from += n;
        }
        Ok(())
    }

    /// The rows in memory, for what cannot work on a stream.
    pub(crate) fn held(self, what: &'static str) -> Result<Matrices<T>, ModelError> {
        match self {
            Self::Held(rows) => Ok(rows),
            Self::Stored(_) => Err(ModelError::Streamed { what }),
        }
    }

    /// What tells these rows from others.
    pub(crate) fn fingerprint(&self) -> Result<String, ModelError> {
        let words = |v: &T| Into::<f64>::into(*v).to_le_bytes();
        if let Self::Held(rows) = self {
            let values = rows.x.iter().chain(rows.y.iter()).chain(rows.weights.iter().flatten());
            return Ok(checksum_of(values.map(words)));
        }
        let mut blocks = Vec::new();
        self.each_block(|block| {
            let values = block.x.iter().chain(block.y.iter()).chain(block.weights.iter().copied().flatten());
            blocks.push(checksum_of(values.map(words)));
            Ok(())
        })?;
        Ok(checksum_of(blocks.iter()))
    }
}
