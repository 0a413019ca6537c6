//! A table as a training opens it: the columns that decide about rows are in memory, the others may come in pieces.

use crate::error::ModelError;
use crate::settings::{FitSettings, SplitBy};
use retrograde_data::{DataError, Encoder, EncoderFit, EncoderSettings, Source, Table};
use std::borrow::Cow;

/// The columns that decide about rows: targets, weights, and what the split goes by. Of a table in memory, all columns.
pub(crate) struct Keys<'a>(Cow<'a, Table>);

/// A table, in pieces, with its keys.
#[derive(Clone, Copy)]
pub(crate) struct Opened<'a> {
    pub(crate) source: &'a Source<'a>,
    /// The key columns of all rows.
    pub(crate) keys: &'a Table,
}

impl<'a> Keys<'a> {
    /// Reads the key columns.
    ///
    /// # Errors
    /// A column that the table does not have, or in two roles; what reading refuses.
    pub(crate) fn of(
        source: &'a Source<'_>,
        settings: &FitSettings,
        encoder: &EncoderSettings,
    ) -> Result<Self, ModelError> {
        // Whatever is wrong with the columns' names is said before anything is read.
        EncoderFit::new(source.origin(), source.columns(), 1, encoder)?;
        let mut names: Vec<&str> = encoder.targets.iter().map(String::as_str).collect();
        names.extend(settings.weight.as_deref());
        match &settings.split {
            SplitBy::Order(column) => {
                if !source.columns().iter().any(|(name, _)| name == column) {
                    return Err(DataError::UnknownColumn {
                        name: source.origin().name.clone(),
                        column: column.clone(),
                        columns: source.columns().iter().map(|(name, _)| name.clone()).collect(),
                        flag: "--split-by",
                    }
                    .into());
                }
                names.push(column);
            }
            SplitBy::Groups(column) | SplitBy::Column(column) => names.push(column),
            SplitBy::Chance => {}
        }
        names.sort_unstable();
        names.dedup();
        Ok(Self(match source.in_memory() {
            Some(table) => Cow::Borrowed(table),
            None => Cow::Owned(source.collect(Some(&names))?),
        }))
    }
}

impl<'a> Opened<'a> {
    pub(crate) fn new(source: &'a Source<'a>, keys: &'a Keys<'a>) -> Self {
        Self { source, keys: &keys.0 }
    }

    /// Learns the encoder from these rows, which are in ascending order and may have weights. `look` sees every piece on the way, with the number of
    /// rows before it.
    pub(crate) fn fit(
        self,
        (rows, weights): (&[usize], Option<&[f64]>),
        settings: &EncoderSettings,
        mut look: impl FnMut(&Table, usize),
    ) -> Result<Encoder, ModelError> {
        let mut fit = EncoderFit::new(self.source.origin(), self.source.columns(), rows.len(), settings)?;
        let names: Vec<String> = fit.columns().into_iter().map(str::to_owned).collect();
        self.each_piece(&names, |piece, before| {
            look(piece, before);
            let here = within(rows, before, piece.rows());
            let first = rows.partition_point(|&row| row < before);
            Ok(fit.add_weighted(piece, &here, weights.map(|weights| &weights[first..first + here.len()]))?)
        })?;
        Ok(fit.finish()?)
    }

    /// Does something with every piece, which has these columns, and the number of rows before it.
    pub(crate) fn each_piece(
        self,
        names: &[String],
        mut with: impl FnMut(&Table, usize) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut before = 0;
        for piece in self.source.pieces(Some(&names))? {
            let piece = piece?;
            with(&piece, before)?;
            before += piece.rows();
        }
        Ok(())
    }
}

/// Those of `rows`, ascending, that are in a piece of `count` rows after `before` others, as rows of the piece.
pub(crate) fn within(rows: &[usize], before: usize, count: usize) -> Vec<usize> {
    debug_assert!(rows.is_sorted());
    let first = rows.partition_point(|&row| row < before);
    let end = rows.partition_point(|&row| row < before + count);
    rows[first..end].iter().map(|row| row - before).collect()
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn rows_are_counted_from_the_start_of_their_piece() {
        let rows = [0, 3, 4, 9, 12];
        assert_eq!(within(&rows, 0, 4), [0, 3]);
        assert_eq!(within(&rows, 4, 5), [0]);
        assert_eq!(within(&rows, 9, 100), [0, 3]);
        assert!(within(&rows, 5, 4).is_empty());
    }
}
