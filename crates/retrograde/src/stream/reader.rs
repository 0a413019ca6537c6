//! Reads windows of rows and checks every value.

use super::window::{Part, Window};
use super::{Failure, Order, RowStream};
use crate::error::{Error, Result};
use crate::examples::check_rows;
use crate::network::Network;
use crate::real::Scalar;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Values that are asked for at a time: they are checked while they are in the cache.
const VALUES: usize = 1 << 16;

/// The sum of the weights may be off by rounding, of each weight to f32 too.
const ROUNDING: f64 = 1e-6;

/// A supplier, and how far its pass has come.
pub(super) struct Reader<T> {
    stream: Box<dyn RowStream<T>>,
    network: Network,
    rows: usize,
    total: Option<f64>,
    /// The pass under way and its next place; None before the first and after a failure.
    stands: Option<(Order, usize)>,
    /// Σ w_k of the pass under way.
    weight: f64,
    /// What is read into.
    pub window: Window<T>,
    /// Whether what is being read is not wanted any more.
    pub unwanted: Arc<AtomicBool>,
}

impl<T: Scalar> Reader<T> {
    pub fn new(network: &Network, stream: Box<dyn RowStream<T>>) -> Self {
        Self {
            rows: stream.rows(),
            total: stream.total_weight(),
            stream,
            network: network.clone(),
            stands: None,
            weight: 0.0,
            window: Window::empty(),
            unwanted: Arc::default(),
        }
    }

    /// The number of the row at a place of a pass.
    pub fn row_at(&self, order: Order, place: usize) -> usize {
        self.stream.row_at(order, place)
    }

    /// Reads a part of a pass into the window: rewinds unless the pass stands at or before it, and passes over what lies
    /// between.
    ///
    /// # Errors
    /// The supplier's, and the first thing about the rows that is not as it must be.
    pub fn load(&mut self, part: Part) -> Result<()> {
        self.window.part = None;
        self.window.make_room(part.rows, &self.network, self.total.is_some())?;
        // Should anything fail, nobody knows where the stream stands.
        let stands = self.stands.take().filter(|&(order, place)| order == part.order && place <= part.first);
        let mut place = if let Some((_, place)) = stands {
            place
        } else {
            self.stream.rewind(part.order).map_err(|failure| broken_off(0, failure))?;
            self.weight = 0.0;
            0
        };
        while place < part.first {
            let rows = part.rows.min(part.first - place);
            self.read(Part { first: place, rows, ..part })?;
            place += rows;
        }
        self.read(part)?;
        self.stands = Some((part.order, part.first + part.rows));
        self.window.part = Some(part);
        Ok(())
    }

    fn read(&mut self, part: Part) -> Result<()> {
        let at_once = (VALUES / self.network.inputs()).max(1);
        self.window.total = 0.0;
        let mut done = 0;
        while done < part.rows {
            if self.unwanted.load(Ordering::Relaxed) {
                return Err(broken_off(part.first + done, "nobody wants it any more".into()));
            }
            let room = at_once.min(part.rows - done);
            let (x, y, weights) = self.window.room(done..done + room, &self.network);
            let read = self.stream.fill(x, y, weights).map_err(|f| broken_off(part.first + done, f))?;
            self.expect_rows(read, room, part.first + done)?;
            self.check(part, done, read)?;
            done += read;
        }
        self.weight += self.window.total;
        if part.first + part.rows == self.rows { self.expect_weight() } else { Ok(()) }
    }

    fn expect_rows(&self, read: usize, room: usize, place: usize) -> Result<()> {
        let (found, expected) = match read {
            0 => (format!("{place} rows long"), format!("{} rows, as its supplier said", self.rows)),
            _ if read > room => (format!("delivered by {read} rows"), format!("no more than {room}")),
            _ => return Ok(()),
        };
        Err(Error::Shape { what: "the stream of rows", found, expected })
    }

    /// Checks rows that were just read, as [`Examples::new`](crate::Examples::new) does, and adds up their weights.
    fn check(&mut self, part: Part, done: usize, read: usize) -> Result<()> {
        let total = self.window.total;
        let (x, y, weights) = self.window.room(done..done + read, &self.network);
        let weights = weights.map(|weights| &*weights);
        check_rows(&self.network, x, y, weights).map_err(|error| match error {
            Error::Value { what, row, column, found, expected } => {
                let row = self.stream.row_at(part.order, part.first + done + row);
                Error::Value { what, row, column, found, expected }
            }
            other => other,
        })?;
        // One after the other, as a sum over all rows at once would be.
        self.window.total = match weights {
            Some(weights) => weights.iter().fold(total, |sum, w| sum + w.value()),
            None => total + read as f64,
        };
        Ok(())
    }

    /// Σ w_k of a whole pass, which steps and scores have been divided by.
    fn expect_weight(&self) -> Result<()> {
        match self.total {
            Some(total) if !((self.weight - total).abs() <= ROUNDING * total) => Err(Error::Shape {
                what: "the sum of the stream's row weights",
                found: self.weight.to_string(),
                expected: format!("{total}, as its supplier said"),
            }),
            _ => Ok(()),
        }
    }
}

fn broken_off(rows: usize, failure: Failure) -> Error {
    Error::Stream { rows, cause: failure.into() }
}
