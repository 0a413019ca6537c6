//! A stream of rows that are in memory all along.

use ndarray::Array2;
use retrograde::stream::{Failure, Order, RowStream};
use retrograde::{Network, Scalar, Streamed};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a supplier orders its rows and what goes wrong with it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Habits {
    /// Rows of the blocks that each epoch begins with another one of; 0: every pass is as stored.
    pub block: usize,
    /// Rows delivered at a time at most; 0: all there is room for.
    pub at_once: usize,
    /// The pass, from 1, that breaks off, and the place where it does.
    pub breaks_off: Option<(usize, usize)>,
    /// What it does instead of returning an error.
    pub panics: bool,
}

/// Inputs, targets and weights.
type Held<T> = (Array2<T>, Array2<T>, Option<Vec<T>>);

/// Rows with weights or none.
#[derive(Debug, Clone)]
pub(crate) struct Supplier<T> {
    rows: Arc<Held<T>>,
    habits: Habits,
    order: Order,
    next: usize,
    /// Passes begun so far.
    pub passes: Arc<AtomicUsize>,
}

/// The error of a supplier that breaks off.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the disk is gone")]
pub(crate) struct Gone;

impl<T: Scalar> Supplier<T> {
    pub(crate) fn new(x: &Array2<T>, y: &Array2<T>, weights: Option<&[T]>) -> Self {
        Self {
            rows: Arc::new((x.clone(), y.clone(), weights.map(<[T]>::to_vec))),
            habits: Habits::default(),
            order: Order::AsStored,
            next: 0,
            passes: Arc::default(),
        }
    }

    pub(crate) fn with(self, habits: Habits) -> Self {
        Self { habits, ..self }
    }

    pub(crate) fn streamed(&self, network: &Network, window: usize) -> Streamed<T> {
        Streamed::new(network, self.clone(), window).expect("a valid stream")
    }
}

impl<T: Scalar> RowStream<T> for Supplier<T> {
    fn rows(&self) -> usize {
        self.rows.0.nrows()
    }

    fn widths(&self) -> (usize, usize) {
        (self.rows.0.ncols(), self.rows.1.ncols())
    }

    fn total_weight(&self) -> Option<f64> {
        self.rows.2.as_ref().map(|weights| weights.iter().map(|w| w.value()).sum())
    }

    fn rewind(&mut self, order: Order) -> Result<(), Failure> {
        self.passes.fetch_add(1, Ordering::SeqCst);
        (self.order, self.next) = (order, 0);
        Ok(())
    }

    fn fill(&mut self, x: &mut [T], y: &mut [T], mut weights: Option<&mut [T]>) -> Result<usize, Failure> {
        let (inputs, outputs) = self.widths();
        let mut room = y.len() / outputs;
        assert_eq!((x.len(), y.len()), (room * inputs, room * outputs), "whole rows of both");
        assert_eq!(weights.as_ref().map(|w| w.len()), self.rows.2.as_ref().map(|_| room));
        if self.habits.at_once > 0 {
            room = room.min(self.habits.at_once);
        }
        let read = room.min(self.rows() - self.next);
        for k in 0..read {
            let pass = self.passes.load(Ordering::SeqCst);
            if self.habits.breaks_off == Some((pass, self.next)) {
                assert!(!self.habits.panics, "the supplier has a bug");
                return Err(Gone.into());
            }
            let row = self.row_at(self.order, self.next);
            let (all_x, all_y, all_weights) = &*self.rows;
            x[k * inputs..(k + 1) * inputs].copy_from_slice(all_x.row(row).to_slice().expect("row-major"));
            y[k * outputs..(k + 1) * outputs].copy_from_slice(all_y.row(row).to_slice().expect("row-major"));
            if let (Some(to), Some(from)) = (&mut weights, all_weights) {
                to[k] = from[row];
            }
            self.next += 1;
        }
        Ok(read)
    }

    fn row_at(&self, order: Order, place: usize) -> usize {
        match order {
            Order::Epoch { epoch, seed } if self.habits.block > 0 => {
                let rows = self.rows();
                let shift = (epoch + seed as usize) % rows.div_ceil(self.habits.block) * self.habits.block;
                (place + shift) % rows
            }
            _ => place,
        }
    }
}
