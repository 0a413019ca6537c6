//! Θ as the products of forward and backward propagation read it.

use crate::machine::team::{Parts, Team};
use crate::network::Network;
use crate::product::{Aligned, Layout, Panels};
use crate::real::Scalar;
use std::ops::Range;

/// W⁽ˡ⁾ᵀ of every layer, for Z = A Wᵀ, and W⁽ˡ⁾ of every layer but the first, for δ W.
#[derive(Debug)]
pub(crate) struct Packed<T> {
    values: Aligned<T>,
    forward: Vec<Matrix>,
    /// None for the first layer: nobody asks for δ⁽¹⁾.
    backward: Vec<Option<Matrix>>,
    tasks: Vec<Task>,
    /// Where each task's two matrices lie.
    places: Parts,
}

#[derive(Debug, Clone, Copy)]
struct Matrix {
    layout: Layout,
    start: usize,
}

/// Some units of a layer.
#[derive(Debug, Clone)]
struct Task {
    layer: usize,
    units: Range<usize>,
}

/// How some units of a layer are laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share<'a> {
    inputs: usize,
    forward: &'a Layout,
    backward: Option<&'a Layout>,
}

impl Share<'_> {
    /// Lays out the rows of W⁽ˡ⁾ that lead to these units: as columns of W⁽ˡ⁾ᵀ, and as rows.
    pub fn pack<T: Scalar>(self, weights: &[T], columns: &mut [T], rows: &mut [T]) {
        let Self { inputs, forward, backward } = self;
        forward.fill_share(columns, weights);
        if let Some(layout) = backward {
            layout.fill_band(rows, weights.len() / inputs, |k| &weights[k * inputs..(k + 1) * inputs]);
        }
    }
}

/// What a [`Packed`] is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passes {
    /// Predictions.
    Forward,
    /// Gradients.
    Both,
}

/// Θ twice: the flat vector, for the biases, and packed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights<'a, T> {
    pub theta: &'a [T],
    pub packed: &'a Packed<T>,
}

/// The units of a layer shared out among threads, by whole vectors, and the number of each share: the same wherever units
/// are shared out, so that a thread finds what it wrote before. A share without a unit is nobody's task.
pub(crate) fn shares<T: Scalar>(units: usize, threads: usize) -> impl Iterator<Item = (usize, Range<usize>)> {
    let layout = Layout::in_shares::<T>(0, units, threads);
    (0..threads).map(move |share| (share, layout.share(share).0)).filter(|(_, units)| !units.is_empty())
}

impl<T: Scalar> Packed<T> {
    /// Room for the weights of `network`, to be filled by so many threads.
    pub fn new(network: &Network, passes: Passes, threads: usize) -> Self {
        let (mut forward, mut backward, mut held) = (Vec::new(), Vec::new(), 0);
        let mut place = |layout: Layout| {
            let matrix = Matrix { layout, start: held };
            held += layout.length();
            matrix
        };
        for (l, layer) in network.layers().enumerate() {
            forward.push(place(Layout::in_shares::<T>(layer.inputs, layer.units, threads)));
            let goes_back = l > 0 && passes == Passes::Both;
            backward
                .push(goes_back.then(|| place(Layout::in_bands::<T>(layer.units, layer.inputs, threads))));
        }
        let (mut tasks, mut places) = (Vec::new(), Vec::new());
        for (l, layer) in network.layers().enumerate() {
            for (share, units) in shares::<T>(layer.units, threads) {
                let (_, columns) = forward[l].layout.share(share);
                let of = |matrix: Matrix, place: Range<usize>| {
                    matrix.start + place.start..matrix.start + place.end
                };
                let columns = of(forward[l], columns);
                let rows = backward[l].map_or(0..0, |m: Matrix| of(m, m.layout.place_of_band(share)));
                tasks.push(Task { layer: l, units });
                places.push([columns, rows]);
            }
        }
        Self { values: Aligned::zeros(held), forward, backward, tasks, places: Parts::new(places) }
    }

    /// Takes these weights.
    pub fn pack(&mut self, network: &Network, theta: &[T], team: &mut Team) {
        let Self { values, forward, backward, tasks, places } = self;
        team.for_parts(values.first_mut(places.end()), places, |task, [columns, rows]| {
            let Task { layer: l, units } = &tasks[task];
            let layer = network.layer(*l);
            let inputs = layer.inputs;
            let weights = &theta[layer.weights][units.start * inputs..units.end * inputs];
            let share = Share {
                inputs,
                forward: &forward[*l].layout,
                backward: backward[*l].as_ref().map(|matrix| &matrix.layout),
            };
            T::pack(share, weights, columns, rows);
        });
    }

    /// W⁽ˡ⁾ᵀ.
    pub fn forward(&self, l: usize) -> Panels<'_, T> {
        self.panels(self.forward[l])
    }

    /// W⁽ˡ⁾.
    ///
    /// # Panics
    /// For the first layer, and where only predictions were planned.
    pub fn backward(&self, l: usize) -> Panels<'_, T> {
        self.panels(self.backward[l].expect("weights packed for the way back"))
    }

    fn panels(&self, Matrix { layout, start }: Matrix) -> Panels<'_, T> {
        let end = start + layout.length();
        Panels { layout, values: &self.values.first(end)[start..] }
    }
}
