//! The inner steps of the engine for f32 and for f64, compiled here once.
//!
//! What is generic is compiled again in every crate that uses it, and the products alone exist for each width of tile and
//! each instruction set. The steps are therefore reached through a trait whose two implementations are not generic.

use crate::backward::{backward, last_layer};
use crate::evaluator::{BlockWork, Finish, Sums, add_compensated};
use crate::examples::{Examples, Inputs};
use crate::forward::{Keep, Workspace, forward};
use crate::loss::Output;
use crate::network::Network;
use crate::packed::{Share, Weights};
use crate::product::WrittenBy;

/// What training and prediction spend their time in.
pub(crate) trait Steps: Sized {
    /// [`forward()`].
    fn forward(
        network: &Network,
        weights: Weights<'_, Self>,
        x: Inputs<'_, Self>,
        rows: usize,
        workspace: &mut Workspace<Self>,
        keep: Keep,
    );
    /// [`last_layer()`].
    fn last_layer(
        network: &Network,
        y: &[Self],
        weights: Option<&[Self]>,
        rows: usize,
        workspace: &mut Workspace<Self>,
    ) -> f64;
    /// [`backward()`].
    fn backward(network: &Network, weights: Weights<'_, Self>, rows: usize, workspace: &mut Workspace<Self>);
    /// [`Sums::add_blocks`].
    fn add_blocks(
        sums: &Sums,
        of: (&Network, &Examples<'_, Self>, usize),
        blocks: &[BlockWork<Self>],
        part: (usize, WrittenBy),
        grad_sum: &mut [&mut [Self]; 2],
    );
    /// [`Sums::finish`].
    fn finish(finish: Finish<Self>, grad: [&mut [Self]; 2], theta: &[Self], squares: &mut [f64]);
    /// [`add_compensated()`].
    fn add_compensated(sum: &mut [Self], carry: &mut [Self], term: &[Self]);
    /// [`Share::pack`].
    fn pack(share: Share<'_>, weights: &[Self], columns: &mut [Self], rows: &mut [Self]);
    /// [`Output::apply_to_rows`].
    fn apply_output(output: Output, z: &[Self], a: &mut [Self], units: usize);
}

macro_rules! compile {
    ($($float:ty)*) => {$(
        impl Steps for $float {
            fn forward(
                network: &Network,
                weights: Weights<'_, Self>,
                x: Inputs<'_, Self>,
                rows: usize,
                workspace: &mut Workspace<Self>,
                keep: Keep,
            ) {
                forward(network, weights, x, rows, workspace, keep);
            }
            fn last_layer(
                network: &Network,
                y: &[Self],
                weights: Option<&[Self]>,
                rows: usize,
                workspace: &mut Workspace<Self>,
            ) -> f64 {
                last_layer(network, y, weights, rows, workspace)
            }
            fn backward(
                network: &Network,
                weights: Weights<'_, Self>,
                rows: usize,
                workspace: &mut Workspace<Self>,
            ) {
                backward(network, weights, rows, workspace);
            }
            fn add_blocks(
                sums: &Sums,
                of: (&Network, &Examples<'_, Self>, usize),
                blocks: &[BlockWork<Self>],
                part: (usize, WrittenBy),
                grad_sum: &mut [&mut [Self]; 2],
            ) {
                sums.add_blocks(of, blocks, part, grad_sum);
            }
            fn finish(finish: Finish<Self>, grad: [&mut [Self]; 2], theta: &[Self], squares: &mut [f64]) {
                Sums::finish(finish, grad, theta, squares);
            }
            fn add_compensated(sum: &mut [Self], carry: &mut [Self], term: &[Self]) {
                add_compensated(sum, carry, term);
            }
            fn pack(share: Share<'_>, weights: &[Self], columns: &mut [Self], rows: &mut [Self]) {
                share.pack(weights, columns, rows);
            }
            fn apply_output(output: Output, z: &[Self], a: &mut [Self], units: usize) {
                output.apply_to_rows(z, a, units);
            }
        }
    )*};
}

compile!(f32 f64);
