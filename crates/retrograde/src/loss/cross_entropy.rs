//! The cross-entropy of one example, from z and not from a.

use super::softmax::argmax;
use super::sum;
use crate::real::Real;

/// Σ y_k (ln Σ_j e^z_j − z_k) = Σ y_k ((max − z_k) + ln(1 + Σ_{j≠top} e^(z_j − max))).
pub(super) fn softmax_cross_entropy<R: Real, Y: Copy + Into<f64>>(z: &[R], y: &[Y]) -> R {
    let top = argmax(z);
    let max = z[top];
    let others = sum(z.iter().enumerate().filter(|(k, _)| *k != top).map(|(_, &z)| (z - max).exp()));
    let log_partition = others.ln_1p();
    let mut cost = R::zero();
    for (&z, &y) in z.iter().zip(y) {
        let y: f64 = y.into();
        // 0·∞ is 0 here: a class that is not the target costs nothing, however unlikely.
        if y != 0.0 {
            cost += R::constant(y) * ((max - z) + log_partition);
        }
    }
    cost
}

/// max(z, 0) − z y + ln(1 + e^−|z|).
#[inline(always)]
pub(super) fn binary_cross_entropy<R: Real>(z: R, y: R) -> R {
    let tail = (-z.abs()).exp().ln_1p();
    // max(z,0) − zy = z(1−y) above 0, −zy below.
    if z < R::zero() { tail - z * y } else { tail + z * (R::one() - y) }
}
