//! A stream of rows and the window that is held of it.

use super::loader::Loader;
use super::reader::Reader;
use super::window::{Part, Window};
use super::{Failure, Order, RowStream};
use crate::error::{Error, Result};
use crate::evaluator::GROUP_ROWS;
use crate::examples::Examples;
use crate::network::Network;
use crate::real::Scalar;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The rows of a [`RowStream`] for a training, of which a window is in memory.
///
/// **All rows fit into the window:** they are read once, as stored, and everything is as with [`Examples`] of the same
/// rows, to the bit.
///
/// **They do not:** two windows are held, which take 2·window·(s_1 + s_L + 1) numbers at most. While the training works on
/// one, a thread of its own reads the next, beside those that [`threads`](crate::TrainSettings::threads) counts.
///
/// - Each row is seen once in an epoch, and read once for it; once more at the end, for J, where there are no validation rows.
/// - Windows are made of whole batches. How many batches an epoch has, and how many rows each of them, does not depend on the
///   window, and so neither does the schedule. Windows are of one length, but for the last.
/// - The rows of a window are shuffled. Rows of different windows are never in one batch, unless the supplier brings them
///   together ([`Order::Epoch`]).
/// - The result depends on the window and the supplier's order besides what it always depends on, and not on threads or speed.
///   Scores and costs of all rows are the same for any window of 256 rows or more.
/// - Only methods that make a step from a batch can work so, with a batch no larger than the window.
///
/// What cannot be read, or computed with, ends a training by [`StopReason::Stream`](crate::StopReason::Stream) with the best
/// weights so far; [`Training::resume`](crate::Training::resume) goes on from there.
///
/// ```
/// use retrograde::stream::{Failure, Order, RowStream};
/// use retrograde::{
///     Activation, BatchSize, Init, Loss, Network, Optimizer, Output, Params, Streamed, TrainSettings, train,
/// };
///
/// /// y = 2x of 1000 rows, made up as they are asked for.
/// struct Doubled {
///     next: usize,
/// }
///
/// impl RowStream<f32> for Doubled {
///     fn rows(&self) -> usize {
///         1000
///     }
///     fn widths(&self) -> (usize, usize) {
///         (1, 1)
///     }
///     fn rewind(&mut self, _: Order) -> Result<(), Failure> {
///         self.next = 0;
///         Ok(())
///     }
///     fn fill(&mut self, x: &mut [f32], y: &mut [f32], _: Option<&mut [f32]>) -> Result<usize, Failure> {
///         let rows = x.len().min(self.rows() - self.next);
///         for k in 0..rows {
///             x[k] = ((self.next + k) % 21) as f32 / 10.0 - 1.0;
///             y[k] = 2.0 * x[k];
///         }
///         self.next += rows;
///         Ok(rows)
///     }
/// }
///
/// let network = Network::new(&[1, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError)?;
/// let start = Params::init(&network, Init::Auto, 1);
/// let settings = TrainSettings {
///     optimizer: Optimizer::SGD,
///     batch: BatchSize::Rows(10),
///     epochs: Some(20),
///     ..TrainSettings::default()
/// };
/// let mut rows = Streamed::new(&network, Doubled { next: 0 }, 300)?;
/// let fit = train(&start, &mut rows, None, &settings, &mut ())?;
/// assert!((fit.params.values()[0] - 2.0).abs() < 1e-3);
/// # Ok::<(), retrograde::Error>(())
/// ```
pub struct Streamed<T: Scalar> {
    network: Network,
    rows: usize,
    total: f64,
    weighted: bool,
    window: usize,
    current: Window<T>,
    reader: Whereabouts<T>,
    loader: Option<Loader<T>>,
    /// Tells a reader that is away to leave off.
    unwanted: Arc<AtomicBool>,
    failure: Option<Error>,
}

/// Where the reader is.
enum Whereabouts<T> {
    Here(Box<Reader<T>>),
    /// With the loader, which reads this.
    Away(Part),
    /// All rows are held, or the supplier has panicked.
    Gone,
}

/// A reader that was called back.
struct Back<T> {
    reader: Box<Reader<T>>,
    /// How reading what is wanted went, if it was asked to.
    read: Option<Result<()>>,
}

impl<T: Scalar> Streamed<T> {
    /// The rows of `stream` for `network`, with at most `window` of them in memory (twice as many where that is not all).
    /// Nothing is read yet.
    ///
    /// # Errors
    /// [`Error::Shape`] for a stream of no rows or of other widths, [`Error::Setting`] for a window of 0 rows,
    /// [`Error::WeightSum`] for weights that do not sum to a positive number.
    pub fn new(network: &Network, stream: impl RowStream<T> + 'static, window: usize) -> Result<Self> {
        let rows = stream.rows();
        let (inputs, outputs) = stream.widths();
        if rows == 0 || (inputs, outputs) != (network.inputs(), network.outputs()) {
            return Err(Error::Shape {
                what: "the stream of rows",
                found: format!("{rows} rows of {inputs} inputs and {outputs} targets"),
                expected: format!(
                    "at least one row of {} inputs and {} targets for {}",
                    network.inputs(),
                    network.outputs(),
                    network.describe()
                ),
            });
        }
        if window == 0 {
            let (what, found) = ("the window of the stream", "0 rows".into());
            return Err(Error::Setting { what, found, expected: "at least 1 row" });
        }
        let weights = stream.total_weight();
        let total = weights.unwrap_or(rows as f64);
        if !(total > 0.0 && total.is_finite()) {
            return Err(Error::WeightSum { found: total });
        }
        let reader = Box::new(Reader::new(network, Box::new(stream)));
        Ok(Self {
            network: network.clone(),
            rows,
            total,
            weighted: weights.is_some(),
            // Rows of a window are numbered in 32 bits.
            window: window.min(rows).min(u32::MAX as usize),
            current: Window::empty(),
            unwanted: Arc::clone(&reader.unwanted),
            reader: Whereabouts::Here(reader),
            loader: None,
            failure: None,
        })
    }

    /// m.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// M = Σ w_k, as the supplier said; m without weights.
    pub fn total_weight(&self) -> f64 {
        self.total
    }

    /// Whether rows have weights.
    pub(crate) fn is_weighted(&self) -> bool {
        self.weighted
    }

    /// Rows of the window at most.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Whether the window holds all rows.
    pub fn fits(&self) -> bool {
        self.window == self.rows
    }

    /// What kept the stream from being read, the last time that anything did. A supplier's own error is in it, where a
    /// [`StreamFailure`](crate::StreamFailure) has its words alone.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// Refuses a network that the rows were not checked for.
    pub(crate) fn expect_for(&self, network: &Network) -> Result<()> {
        Examples::<T>::checked(&self.network, (&[], &[], None), self.total).expect_for(network)
    }

    /// All rows, read unless they are held already.
    ///
    /// # Errors
    /// What keeps them from being read.
    pub(crate) fn all(&mut self) -> Result<Examples<'_, T>> {
        debug_assert!(self.fits());
        self.turn_to(Part { order: Order::AsStored, first: 0, rows: self.rows }, None)?;
        // They are not read again.
        self.reader = Whereabouts::Gone;
        Ok(self.examples())
    }

    /// The rows of the window.
    pub(crate) fn examples(&self) -> Examples<'_, T> {
        self.current.examples(&self.network)
    }

    /// Brings a part into the window and has the one after it read.
    ///
    /// # Errors
    /// What keeps the part from being read; [`Streamed::failure`] keeps it.
    pub(crate) fn turn_to(&mut self, part: Part, then: Option<Part>) -> Result<()> {
        if self.current.part != Some(part)
            && let Err(error) = self.bring(part)
        {
            self.failure = Some(error.clone());
            return Err(error);
        }
        if let Some(then) = then {
            self.read_ahead(then);
        }
        Ok(())
    }

    fn bring(&mut self, part: Part) -> Result<()> {
        let Back { mut reader, read } = self.call_back(Some(part))?;
        let result = read.unwrap_or_else(|| reader.load(part));
        if result.is_ok() {
            std::mem::swap(&mut self.current, &mut reader.window);
        }
        self.reader = Whereabouts::Here(reader);
        result
    }

    /// Takes the reader back when it has read `part`; it leaves off from anything else.
    fn call_back(&mut self, part: Option<Part>) -> Result<Back<T>> {
        match (std::mem::replace(&mut self.reader, Whereabouts::Gone), &self.loader) {
            (Whereabouts::Here(reader), _) => Ok(Back { reader, read: None }),
            (Whereabouts::Away(asked), Some(loader)) => {
                self.unwanted.store(part != Some(asked), Ordering::Relaxed);
                let (reader, result) = loader.take();
                self.unwanted.store(false, Ordering::Relaxed);
                Ok(Back { reader, read: (part == Some(asked)).then_some(result) })
            }
            _ => Err(Error::Stream { rows: 0, cause: Failure::from("its supplier has panicked").into() }),
        }
    }

    /// Has a part read on the thread for that; where the system starts none, it is read when it is needed.
    fn read_ahead(&mut self, part: Part) {
        if !matches!(self.reader, Whereabouts::Here(_)) {
            return;
        }
        if self.loader.is_none() {
            self.loader = Loader::start();
        }
        if let Some(loader) = &self.loader
            && let Whereabouts::Here(reader) = std::mem::replace(&mut self.reader, Whereabouts::Away(part))
        {
            loader.give(reader, part);
        }
    }

    /// The number of the row at a place of a pass.
    pub(crate) fn row_at(&mut self, order: Order, place: usize) -> usize {
        let Ok(Back { reader, .. }) = self.call_back(None) else { return place };
        let row = reader.row_at(order, place);
        self.reader = Whereabouts::Here(reader);
        row
    }

    /// Rows of each window of a pass over all of them: whole groups if it holds one, so that sums over all rows have the bits
    /// that they have without windows.
    pub(crate) fn rows_at_once(&self) -> usize {
        if self.window < GROUP_ROWS { self.window } else { self.window / GROUP_ROWS * GROUP_ROWS }
    }

    /// Shows all rows, as stored, window by window, until `visit` has seen enough.
    ///
    /// # Errors
    /// What keeps them from being read.
    pub(crate) fn pass(&mut self, mut visit: impl FnMut(&Examples<'_, T>) -> ControlFlow<()>) -> Result<()> {
        let (size, rows) = (self.rows_at_once(), self.rows);
        let part = |index| Part::of(Order::AsStored, index, size, rows);
        let mut index = 0;
        while let Some(next) = part(index) {
            self.turn_to(next, part(index + 1))?;
            if visit(&self.examples()).is_break() {
                break;
            }
            index += 1;
        }
        Ok(())
    }
}

impl<T: Scalar> Drop for Streamed<T> {
    fn drop(&mut self) {
        // The loader's thread is waited for.
        self.unwanted.store(true, Ordering::Relaxed);
    }
}

impl<T: Scalar> fmt::Debug for Streamed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed")
            .field("rows", &self.rows)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}
