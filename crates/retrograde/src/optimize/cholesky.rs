//! Cholesky's factorisation of a symmetric positive matrix, H = L Lᵀ, and the solution of H h = b by it.
//!
//! ```text
//! for a block of columns K:   L_jj = √(H_jj − Σ_p L_jp²),  L_ij = (H_ij − Σ_p L_ip L_jp)/L_jj     p < j in K, i > j
//!                             H_ij ← H_ij − Σ_{k∈K} L_ik L_jk                                     i, j after K
//! ```
//!
//! The last line is n³/3 of the arithmetic, and a matrix product (Golub and Van Loan, *Matrix Computations*, 4.2.6).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView1, Axis, s};

/// Columns of a block: few enough that the columns within it are little of the work.
const BLOCK: usize = 48;

/// L, lower triangular; what is above the diagonal is not used.
pub(super) struct Cholesky {
    lower: Array2<f64>,
}

impl Cholesky {
    /// The factor of the n×n matrix that `matrix` holds row by row, of which the lower triangle is read. None where it is not positive
    /// to rounding.
    pub(super) fn of(matrix: Vec<f64>, n: usize) -> Option<Self> {
        let mut lower = Array2::from_shape_vec((n, n), matrix).ok()?;
        for first in (0..n).step_by(BLOCK) {
            let after = (first + BLOCK).min(n);
            columns(&mut lower, first, after)?;
            update(&mut lower, first, after);
        }
        Some(Self { lower })
    }

    /// h of L Lᵀ h = b in the place of b: y of L y = b from above, then h of Lᵀ h = y from below.
    pub(super) fn solve(&self, b: &mut [f64]) {
        let rows = self.lower.outer_iter();
        for (i, row) in rows.enumerate() {
            let (known, rest) = b.split_at_mut(i);
            rest[0] = (rest[0] - row.slice(s![..i]).dot(&ArrayView1::from(&*known))) / row[i];
        }
        for (i, row) in self.lower.outer_iter().enumerate().rev() {
            b[i] /= row[i];
            let (above, rest) = b.split_at_mut(i);
            for (b, &l) in above.iter_mut().zip(row) {
                *b -= l * rest[0];
            }
        }
    }
}

/// Columns `first` to `after` of L, from which those before are already taken. None where one would have no length.
fn columns(lower: &mut Array2<f64>, first: usize, after: usize) -> Option<()> {
    for j in first..after {
        let (mut above, mut below) = lower.view_mut().split_at(Axis(0), j + 1);
        let mut row = above.row_mut(j);
        let left = row.slice(s![first..j]);
        let square = row[j] - left.dot(&left);
        if !(square > 0.0 && square.is_finite()) {
            return None;
        }
        row[j] = square.sqrt();
        let (left, root) = (row.slice(s![first..j]), row[j]);
        for mut row in below.outer_iter_mut() {
            row[j] = (row[j] - row.slice(s![first..j]).dot(&left)) / root;
        }
    }
    Some(())
}

/// Takes columns `first` to `after` from the lower triangle behind them, some rows at a time.
fn update(lower: &mut Array2<f64>, first: usize, after: usize) {
    let n = lower.nrows();
    let taken = lower.slice(s![after.., first..after]).to_owned();
    for from in (after..n).step_by(BLOCK) {
        let to = (from + BLOCK).min(n);
        let (left, right) =
            (taken.slice(s![from - after..to - after, ..]), taken.slice(s![..to - after, ..]));
        general_mat_mul(-1.0, &left, &right.t(), 1.0, &mut lower.slice_mut(s![from..to, after..to]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BBᵀ + I of a B of small binary fractions, row by row.
    fn positive(n: usize) -> Vec<f64> {
        let b = Array2::from_shape_fn((n, n), |(i, j)| ((i * 37 + j * 61) % 17) as f64 / 16.0 - 0.5);
        let mut matrix = b.dot(&b.t());
        matrix.diag_mut().map_inplace(|d| *d += 1.0);
        matrix.into_raw_vec_and_offset().0
    }

    #[test]
    fn the_solution_fulfils_the_equations() {
        for n in [1, 2, 5, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 7] {
            let matrix = positive(n);
            let wanted: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
            let mut b: Vec<f64> =
                matrix.chunks(n).map(|row| row.iter().zip(&wanted).map(|(h, x)| h * x).sum()).collect();
            Cholesky::of(matrix, n).expect("a positive matrix").solve(&mut b);
            for (found, wanted) in b.iter().zip(&wanted) {
                assert!((found - wanted).abs() < 1e-10, "{n}: {found} for {wanted}");
            }
        }
    }

    #[test]
    fn only_the_lower_triangle_is_read() {
        let n = BLOCK + 9;
        let mut matrix = positive(n);
        let whole = Cholesky::of(matrix.clone(), n).expect("a positive matrix");
        for i in 0..n {
            matrix[i * n + i + 1..(i + 1) * n].fill(f64::NAN);
        }
        let half = Cholesky::of(matrix, n).expect("a positive matrix");
        let (mut a, mut b) = (vec![1.0; n], vec![1.0; n]);
        whole.solve(&mut a);
        half.solve(&mut b);
        assert_eq!(a, b);
    }

    #[test]
    fn what_is_not_positive_has_no_factor() {
        for n in [1, 3, BLOCK + 2] {
            for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
                let mut matrix = positive(n);
                matrix[n * n - 1] = bad;
                assert!(Cholesky::of(matrix, n).is_none(), "{n} {bad}");
            }
        }
    }
}
