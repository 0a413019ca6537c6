//! Where the rows of a training come from.

use super::settings::TrainSettings;
use crate::error::{Error, Result};
use crate::examples::Examples;
use crate::network::Network;
use crate::optimize::Optimizer;
use crate::real::Scalar;
use crate::stream::Streamed;

/// The rows that a training learns from: made from `&Examples`, or from `&mut Streamed`.
#[derive(Debug)]
pub enum Rows<'a, T: Scalar> {
    /// All in memory.
    Held(Examples<'a, T>),
    /// A window of them in memory.
    Streamed(&'a mut Streamed<T>),
}

/// The rows that a training is judged by, if there are any: made from `None` or `Some(&Examples)`, or from `&mut Streamed`.
#[derive(Debug)]
pub struct Validation<'a, T: Scalar>(pub(super) Option<Rows<'a, T>>);

impl<'a, T: Scalar> From<&Examples<'a, T>> for Rows<'a, T> {
    fn from(rows: &Examples<'a, T>) -> Self {
        Self::Held(*rows)
    }
}

impl<'a, T: Scalar> From<&'a mut Streamed<T>> for Rows<'a, T> {
    fn from(rows: &'a mut Streamed<T>) -> Self {
        Self::Streamed(rows)
    }
}

impl<'a, T: Scalar> From<Option<&Examples<'a, T>>> for Validation<'a, T> {
    fn from(rows: Option<&Examples<'a, T>>) -> Self {
        Self(rows.map(Rows::from))
    }
}

impl<'a, T: Scalar> From<Rows<'a, T>> for Validation<'a, T> {
    fn from(rows: Rows<'a, T>) -> Self {
        Self(Some(rows))
    }
}

impl<'a, T: Scalar> From<&'a mut Streamed<T>> for Validation<'a, T> {
    fn from(rows: &'a mut Streamed<T>) -> Self {
        Self(Some(Rows::Streamed(rows)))
    }
}

impl<T: Scalar> Rows<'_, T> {
    /// m.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Held(rows) => rows.rows(),
            Self::Streamed(rows) => rows.rows(),
        }
    }

    /// M = Σ w_k.
    pub(super) fn total_weight(&self) -> f64 {
        match self {
            Self::Held(rows) => rows.total_weight(),
            Self::Streamed(rows) => rows.total_weight(),
        }
    }

    /// Rows that are looked at together where all are.
    pub(super) fn at_once(&self) -> usize {
        match self {
            Self::Held(rows) => rows.rows(),
            Self::Streamed(rows) => rows.rows_at_once(),
        }
    }

    /// Refuses rows that were made for another network.
    pub(super) fn expect_for(&self, network: &Network) -> Result<()> {
        match self {
            Self::Held(rows) => rows.expect_for(network),
            Self::Streamed(rows) => rows.expect_for(network),
        }
    }

    /// The same rows as examples, if the window holds them all.
    ///
    /// # Errors
    /// What keeps them from being read.
    pub(super) fn held_if_they_fit(self) -> Result<Self> {
        match self {
            Self::Streamed(rows) if rows.fits() => Ok(Self::Held(rows.all()?)),
            other => Ok(other),
        }
    }

    /// The settings for these rows, with a method if none was chosen: one that needs no more than a window, where that is not
    /// all rows.
    pub(super) fn resolve(&self, network: &Network, settings: &TrainSettings) -> TrainSettings {
        let mut settings = settings.clone();
        let windows = matches!(self, Self::Streamed(rows) if !rows.fits());
        if windows && settings.optimizer == Optimizer::Auto {
            settings.optimizer = Optimizer::ADAM;
        }
        settings.resolved(network, self.count())
    }

    /// Refuses a method or a batch that needs more rows than the window holds.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub(super) fn expect_batches(&self, settings: &TrainSettings) -> Result<()> {
        let (rows, window) = match self {
            Self::Streamed(rows) if !rows.fits() => (rows.rows(), rows.window()),
            _ => return Ok(()),
        };
        let method = settings.optimizer;
        if method.is_batch_method() || method == Optimizer::Rprop {
            return Err(Error::Setting {
                what: "the method",
                found: format!("{}, with {rows} rows and a window of {window}", method.name()),
                expected: "one that makes steps from batches, such as adam: this one needs all rows in the window",
            });
        }
        let size = settings.batch_rows(rows);
        if size > window {
            return Err(Error::Setting {
                what: "the batch",
                found: format!("{size} of {rows} rows, with a window of {window}"),
                expected: "no larger than the window of the stream",
            });
        }
        Ok(())
    }
}
