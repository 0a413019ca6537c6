//! Matrix products on row-major slices by ndarray, on the calling thread: for what training does not spend its time in.

use crate::real::Scalar;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, s};

/// C ← A B + βC, for the two types that ndarray knows how to multiply fast.
pub(crate) trait Multiply: Sized {
    fn multiply(a: ArrayView2<'_, Self>, b: ArrayView2<'_, Self>, beta: Self, c: ArrayViewMut2<'_, Self>);
}

macro_rules! multiply {
    ($($float:ty),*) => {
        $(
            impl Multiply for $float {
                fn multiply(a: ArrayView2<'_, Self>, b: ArrayView2<'_, Self>, beta: Self, mut c: ArrayViewMut2<'_, Self>) {
                    general_mat_mul(1.0, &a, &b, beta, &mut c);
                }
            }
        )*
    };
}

multiply!(f32, f64);

/// Rows × columns of a slice that holds them row by row.
fn matrix<T>(values: &[T], rows: usize, columns: usize) -> ArrayView2<'_, T> {
    ArrayView2::from_shape((rows, columns), values).expect("as many values as rows × columns")
}

fn matrix_mut<T>(values: &mut [T], rows: usize, columns: usize) -> ArrayViewMut2<'_, T> {
    ArrayViewMut2::from_shape((rows, columns), values).expect("as many values as rows × columns")
}

/// C += A Bᵀ with A m×k, B n×k, C m×n: Z += A⁽ˡ⁾ W⁽ˡ⁾ᵀ.
pub(crate) fn add_a_bt<T: Scalar>(c: &mut [T], a: &[T], b: &[T], [m, k, n]: [usize; 3]) {
    T::multiply(matrix(a, m, k), matrix(b, n, k).reversed_axes(), T::one(), matrix_mut(c, m, n));
}

/// C = A B with A m×k, B k×n, C m×n: δ⁽ˡ⁺¹⁾ W⁽ˡ⁾.
pub(crate) fn a_b<T: Scalar>(c: &mut [T], a: &[T], b: &[T], [m, k, n]: [usize; 3]) {
    T::multiply(matrix(a, m, k), matrix(b, k, n), T::zero(), matrix_mut(c, m, n));
}

/// C += A B with A m×k, B k×n, C m×n.
pub(crate) fn add_a_b<T: Scalar>(c: &mut [T], a: &[T], b: &[T], [m, k, n]: [usize; 3]) {
    T::multiply(matrix(a, m, k), matrix(b, k, n), T::one(), matrix_mut(c, m, n));
}

/// Rows `first`… of the lower triangle of C += BᵀB, B with n columns; `c` holds those rows of C whole.
pub(crate) fn add_gram_panel(c: &mut [f64], b: &[f64], n: usize, first: usize) {
    let (rows, panel) = (b.len() / n, c.len() / n);
    let (b, reach) = (matrix(b, rows, n), first + panel);
    let mut c = matrix_mut(c, panel, n);
    let (left, right) = (b.slice(s![.., first..reach]), b.slice(s![.., ..reach]));
    general_mat_mul(1.0, &left.t(), &right, 1.0, &mut c.slice_mut(s![.., ..reach]));
}

/// C += Aᵀ B with A k×m, B k×n, C m×n: Δ⁽ˡ⁾ += δ⁽ˡ⁺¹⁾ᵀ A⁽ˡ⁾, a sum over the k rows.
pub(crate) fn add_at_b<T: Scalar>(c: &mut [T], a: &[T], b: &[T], [k, m, n]: [usize; 3]) {
    T::multiply(matrix(a, k, m).reversed_axes(), matrix(b, k, n), T::one(), matrix_mut(c, m, n));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: c_ij = Σ_p left(i, p) right(p, j).
    fn naive(
        m: usize,
        k: usize,
        n: usize,
        left: impl Fn(usize, usize) -> f64,
        right: impl Fn(usize, usize) -> f64,
    ) -> Vec<f64> {
        let entry = |i: usize, j: usize| (0..k).map(|p| left(i, p) * right(p, j)).sum();
        (0..m * n).map(|at| entry(at / n, at % n)).collect()
    }

    #[test]
    fn products_equal_their_definitions_on_awkward_sizes() {
        let value = |i: usize| ((i * 37 % 101) as f64 - 50.0) / 16.0; // exact in binary
        for m in [1, 2, 3, 7, 8, 9, 17] {
            for k in [1, 2, 3, 31, 32, 33, 65] {
                for n in [1, 2, 3, 15, 16, 17] {
                    let a: Vec<f64> = (0..m * k).map(value).collect();
                    let b: Vec<f64> = (0..k * n).map(|i| value(i + 5)).collect();
                    let mut c = vec![0.0; m * n];
                    a_b(&mut c, &a, &b, [m, k, n]);
                    assert_eq!(
                        c,
                        naive(m, k, n, |i, p| a[i * k + p], |p, j| b[p * n + j]),
                        "a_b {m} {k} {n}"
                    );
                    let mut c = vec![0.0; m * n];
                    add_a_bt(&mut c, &a, &b, [m, k, n]);
                    assert_eq!(
                        c,
                        naive(m, k, n, |i, p| a[i * k + p], |p, j| b[j * k + p]),
                        "a_bt {m} {k} {n}"
                    );
                    let mut c = vec![0.0; m * n];
                    add_at_b(&mut c, &a, &b, [k, m, n]);
                    assert_eq!(
                        c,
                        naive(m, k, n, |i, p| a[p * m + i], |p, j| b[p * n + j]),
                        "at_b {m} {k} {n}"
                    );
                }
            }
        }
    }
}
