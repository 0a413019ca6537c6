//! The last layer's own derivatives: ∂a_o/∂z_k.

use crate::activation::Activation;
use crate::loss::Output;
use crate::reference;

/// ∂a_o/∂z_k for every k: a number beside zeros, but for softmax, whose every output moves with every z.
pub(super) fn jacobian_row(output: Output, z: &[f64], o: usize) -> Vec<f64> {
    let mut row = vec![0.0; z.len()];
    match output {
        Output::Identity => row[o] = 1.0,
        Output::Sigmoid => row[o] = reference::slope(Activation::Sigmoid, z[o]),
        Output::Exp => row[o] = z[o].exp(),
        Output::Softmax => {
            // a_o (1[o=k] − a_k), and 1 − a_o is the sum of the others.
            let a = reference::predict(output, z);
            for (k, entry) in row.iter_mut().enumerate() {
                *entry = if k == o {
                    a[o] * a.iter().enumerate().filter(|(j, _)| *j != o).map(|(_, a)| a).sum::<f64>()
                } else {
                    -a[o] * a[k]
                };
            }
        }
    }
    row
}
