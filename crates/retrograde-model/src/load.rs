//! The encoded rows of a training, filled piece by piece.

use crate::encoded::{Encoded, Stored};
use crate::error::ModelError;
use crate::model::Number;
use crate::opened::within;
use crate::scratch::{Scratch, Widths};
use crate::settings::Streaming;
use crate::targets::{Known, Part};
use crate::weighting::Weighting;
use ndarray::{Array2, Axis, concatenate};
use retrograde::Network;
use retrograde_data::{Encoder, InputColumn, Table, Targets};

/// Rows that are encoded at a time on their way to a file: at most so many, and of so many bytes.
const CHUNK_ROWS: usize = 1 << 14;
const CHUNK_BYTES: usize = 16 << 20;

/// The rows of a training.
pub(crate) struct Loaded<T> {
    pub(crate) train: Encoded<T>,
    pub(crate) validation: Option<Encoded<T>>,
    pub(crate) test: Option<Encoded<T>>,
}

/// How rows become numbers.
#[derive(Clone, Copy)]
pub(crate) struct Encoding<'a> {
    pub(crate) encoder: &'a Encoder,
    pub(crate) network: &'a Network,
    pub(crate) weighting: &'a Weighting,
}

/// Encoded rows, while pieces arrive.
pub(crate) struct Filling<'a, T> {
    part: &'a Part<'a>,
    encoding: Encoding<'a>,
    into: Collected<T>,
}

/// Where they are collected.
enum Collected<T> {
    /// A matrix of inputs, of which so many rows are there. Targets and weights are made from the key columns at the end.
    Matrix { x: Array2<T>, done: usize },
    /// A file.
    File { scratch: Scratch<T>, known: Vec<Known>, window: usize, at_once: usize },
}

/// Whether there is memory for a matrix.
///
/// # Errors
/// [`ModelError::Memory`] when there is not enough of it.
pub(crate) fn room<T: Number>(rows: usize, columns: usize) -> Result<(), ModelError> {
    let short =
        || ModelError::Memory { rows, columns, bytes: rows as f64 * columns as f64 * size_of::<T>() as f64 };
    let numbers = rows.checked_mul(columns).ok_or_else(short)?;
    // Only asked for: zeros that nobody wrote take no memory.
    Vec::<T>::new().try_reserve_exact(numbers).map_err(|_| short())
}

/// A matrix of zeros.
///
/// # Errors
/// As [`room`].
fn matrix<T: Number>(rows: usize, columns: usize) -> Result<Array2<T>, ModelError> {
    room::<T>(rows, columns)?;
    Ok(Array2::from_elem((rows, columns), T::from_f64(0.0)))
}

impl<'a, T: Number> Filling<'a, T> {
    /// The rows of a part of the table: in a file if they are more than a window of `streaming`.
    ///
    /// # Errors
    /// [`ModelError::Scratch`] when no file can be made.
    pub(crate) fn new(
        part: &'a Part<'a>,
        encoding: Encoding<'a>,
        streaming: Option<&Streaming>,
    ) -> Result<Self, ModelError> {
        let Encoding { encoder, network, weighting } = encoding;
        let weighted = weighting.column.is_some() || !weighting.factors.is_empty();
        let widths = Widths { inputs: encoder.width(), targets: network.outputs(), weighted };
        let window = streaming.map(|streaming| (streaming, streaming.window::<T>(widths)));
        let into = if let Some((streaming, window)) = window.filter(|(_, window)| *window < part.rows.len()) {
            let scratch = Scratch::create(&streaming.folder, widths)?;
            let at_once = (CHUNK_BYTES / (widths.numbers() * size_of::<T>()).max(1)).clamp(1, CHUNK_ROWS);
            Collected::File { scratch, known: Vec::new(), window, at_once }
        } else {
            Collected::Matrix { x: matrix(part.rows.len(), encoder.width())?, done: 0 }
        };
        Ok(Self { part, encoding, into })
    }

    /// Takes its rows from a piece.
    pub(crate) fn take(&mut self, piece: &Table, before: usize) -> Result<(), ModelError> {
        let rows = within(&self.part.rows, before, piece.rows());
        let Encoding { encoder, network, weighting } = self.encoding;
        match &mut self.into {
            Collected::Matrix { x, done } => {
                let (width, start) = (x.ncols(), *done);
                *done += rows.len();
                // It was made row-major.
                let out = x.as_slice_mut().unwrap_or_default();
                Ok(encoder.transform_into(piece, &rows, &mut out[start * width..*done * width])?)
            }
            // A table in memory is one piece, whose matrix is what there may be no room for.
            Collected::File { scratch, known, at_once, .. } => rows.chunks(*at_once).try_for_each(|rows| {
                let x = encoder.transform_as(piece, rows)?;
                let rows = rows.iter().map(|row| row + before).collect();
                let part = Part { table: self.part.table, rows };
                let encoded = part.with_inputs(x, encoder, network, weighting)?;
                let (x, y) = (encoded.x.as_standard_layout(), encoded.y.as_standard_layout());
                let (x, y) = (x.as_slice().unwrap_or_default(), y.as_slice().unwrap_or_default());
                scratch.push(x, y, encoded.weights.as_deref())?;
                known.push(encoded.known);
                Ok(())
            }),
        }
    }

    /// All rows, once every piece has been here.
    pub(crate) fn finish(self) -> Result<Encoded<T>, ModelError> {
        let Encoding { encoder, network, weighting } = self.encoding;
        Ok(match self.into {
            Collected::Matrix { x, .. } => {
                Encoded::Held(self.part.with_inputs(x, encoder, network, weighting)?)
            }
            Collected::File { scratch, known, window, .. } => {
                Encoded::Stored(Stored { rows: scratch.finish()?, known: joined(known), window })
            }
        })
    }
}

/// What is known of the rows of several pieces, one after the other.
fn joined(pieces: Vec<Known>) -> Known {
    let own = pieces.iter().map(|piece| piece.own.as_deref()).collect::<Option<Vec<_>>>();
    let own = own.map(|own| own.concat());
    let (mut codes, mut numbers) = (Vec::new(), Vec::new());
    for piece in &pieces {
        match &piece.targets {
            Targets::Classes(found) => codes.extend_from_slice(found),
            Targets::Numbers(found) => numbers.push(found.view()),
        }
    }
    let targets = match concatenate(Axis(0), &numbers) {
        Ok(numbers) if codes.is_empty() => Targets::Numbers(numbers),
        _ => Targets::Classes(codes),
    };
    Known { targets, own }
}

/// The missing cells of the columns that become inputs.
pub(crate) fn missing_inputs(encoder: &Encoder, piece: &Table) -> usize {
    let missing = |input: &InputColumn| piece.column(input.column()).map_or(0, |c| c.values.missing());
    encoder.inputs.iter().map(missing).sum()
}
