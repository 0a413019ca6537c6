//! Softmax: the probabilities p of exclusive classes, and 1 − p of one that is nearly certain.

use super::sum;
use crate::real::Real;

/// Index of the largest entry, the first of equals.
#[inline(always)]
pub fn argmax<R: Real>(z: &[R]) -> usize {
    let mut top = 0;
    for (k, value) in z.iter().enumerate() {
        if *value > z[top] {
            top = k;
        }
    }
    top
}

/// p_k = e^(z_k − max)/Σ_j e^(z_j − max): one maximum per row, so nothing overflows.
pub(super) fn softmax<R: Real>(z: &[R], a: &mut [R]) {
    let max = z[argmax(z)];
    let mut total = R::zero();
    for (a, &z) in a.iter_mut().zip(z) {
        *a = (z - max).exp();
        total += *a;
    }
    for a in a {
        *a = *a / total;
    }
}

/// 1 − p of the class `top`, as the sum of the others.
pub(super) fn softmax_complement<R: Real>(top: usize, p: &[R]) -> R {
    sum(p.iter().enumerate().filter(|(k, _)| *k != top).map(|(_, &p)| p))
}
