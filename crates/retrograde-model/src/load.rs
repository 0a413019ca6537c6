//! The matrices of a training, filled piece by piece.

use crate::error::ModelError;
use crate::model::Number;
use crate::opened::within;
use crate::targets::Matrices;
use ndarray::Array2;
use retrograde_data::{Encoder, InputColumn, Table};

/// The matrices of a training.
pub(crate) struct Loaded<T> {
    pub(crate) train: Matrices<T>,
    pub(crate) validation: Option<Matrices<T>>,
    pub(crate) test: Option<Matrices<T>>,
}

/// A matrix of inputs, while pieces arrive.
pub(crate) struct Filling<'a, T> {
    rows: &'a [usize],
    pub(crate) x: Array2<T>,
    done: usize,
}

impl<'a, T: Number> Filling<'a, T> {
    pub(crate) fn new(rows: &'a [usize], width: usize) -> Self {
        Self { rows, x: Array2::from_elem((rows.len(), width), T::from_f64(0.0)), done: 0 }
    }

    /// Takes its rows from a piece.
    pub(crate) fn take(&mut self, encoder: &Encoder, piece: &Table, before: usize) -> Result<(), ModelError> {
        let rows = within(self.rows, before, piece.rows());
        let (width, start) = (self.x.ncols(), self.done);
        self.done += rows.len();
        // It was made row-major.
        let out = self.x.as_slice_mut().unwrap_or_default();
        Ok(encoder.transform_into(piece, &rows, &mut out[start * width..self.done * width])?)
    }
}

/// The missing cells of the columns that become inputs.
pub(crate) fn missing_inputs(encoder: &Encoder, piece: &Table) -> usize {
    let missing = |input: &InputColumn| piece.column(input.column()).map_or(0, |c| c.values.missing());
    encoder.inputs.iter().map(missing).sum()
}
