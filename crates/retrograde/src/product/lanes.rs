//! The vectors of the processor that runs this: a few f32 or f64 that are computed with at once.
//!
//! `pulp` finds the instruction set when the program runs; one text serves AVX-512, AVX2, Neon and plain numbers.

use pulp::Simd;

/// A number that comes in vectors.
pub trait Lanes: Copy {
    /// [`Lanes::count`] numbers, in a register.
    type Vector<S: Simd>: Copy;

    /// A yes or no for each lane.
    type Mask<S: Simd>: Copy;

    /// Numbers in a vector.
    fn count<S: Simd>() -> usize;
    /// x in every lane.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Vector<S>;
    /// a b + c, rounded once where the processor can.
    fn multiply_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// a + b.
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The first numbers of `values`; 0 in the lanes it is too short for.
    fn load<S: Simd>(simd: S, values: &[Self]) -> Self::Vector<S>;
    /// Writes the lanes there is room for.
    fn store<S: Simd>(simd: S, values: &mut [Self], vector: Self::Vector<S>);
    /// Which lanes are 0.
    fn zeros_of<S: Simd>(simd: S, vector: Self::Vector<S>) -> Self::Mask<S>;
    /// Each lane of `yes` or of `no`.
    fn choose<S: Simd>(
        simd: S,
        mask: Self::Mask<S>,
        yes: Self::Vector<S>,
        no: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// Lane i of the result is lane i − `by`, around the end.
    fn rotate_up<S: Simd>(simd: S, vector: Self::Vector<S>, by: usize) -> Self::Vector<S>;
    /// Lane i of the result is lane i + `by`, around the end.
    fn rotate_down<S: Simd>(simd: S, vector: Self::Vector<S>, by: usize) -> Self::Vector<S>;
    /// `values` as vectors; what is left over at the end is left out.
    fn vectors<S: Simd>(values: &[Self]) -> &[Self::Vector<S>];
    /// The same, to write to.
    fn vectors_mut<S: Simd>(values: &mut [Self]) -> &mut [Self::Vector<S>];
}

macro_rules! lanes {
    ($float:ty: $vector:ident $mask:ident $splat:ident $multiply_add:ident $add:ident $load:ident $store:ident
     $vectors:ident $vectors_mut:ident $equal:ident $select:ident $rotate_left:ident $rotate_right:ident) => {
        impl Lanes for $float {
            type Vector<S: Simd> = S::$vector;
            type Mask<S: Simd> = S::$mask;

            #[inline(always)]
            fn count<S: Simd>() -> usize {
                size_of::<S::$vector>() / size_of::<$float>()
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$vector {
                simd.$splat(x)
            }
            #[inline(always)]
            fn multiply_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$multiply_add(a, b, c)
            }
            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn load<S: Simd>(simd: S, values: &[Self]) -> S::$vector {
                match S::$vectors(values).0 {
                    [vector, ..] => *vector,
                    [] => simd.$load(values),
                }
            }
            #[inline(always)]
            fn store<S: Simd>(simd: S, values: &mut [Self], vector: S::$vector) {
                if values.len() >= Self::count::<S>() {
                    S::$vectors_mut(values).0[0] = vector;
                } else {
                    simd.$store(values, vector);
                }
            }
            #[inline(always)]
            fn zeros_of<S: Simd>(simd: S, vector: S::$vector) -> S::$mask {
                simd.$equal(vector, simd.$splat(0.0))
            }
            #[inline(always)]
            fn choose<S: Simd>(simd: S, mask: S::$mask, yes: S::$vector, no: S::$vector) -> S::$vector {
                simd.$select(mask, yes, no)
            }
            #[inline(always)]
            fn rotate_up<S: Simd>(simd: S, vector: S::$vector, by: usize) -> S::$vector {
                simd.$rotate_right(vector, by)
            }
            #[inline(always)]
            fn rotate_down<S: Simd>(simd: S, vector: S::$vector, by: usize) -> S::$vector {
                simd.$rotate_left(vector, by)
            }
            #[inline(always)]
            fn vectors<S: Simd>(values: &[Self]) -> &[S::$vector] {
                S::$vectors(values).0
            }
            #[inline(always)]
            fn vectors_mut<S: Simd>(values: &mut [Self]) -> &mut [S::$vector] {
                S::$vectors_mut(values).0
            }
        }
    };
}

lanes!(
    f32: f32s m32s splat_f32s mul_add_e_f32s add_f32s partial_load_f32s partial_store_f32s as_simd_f32s
    as_mut_simd_f32s equal_f32s select_f32s rotate_left_f32s rotate_right_f32s
);
lanes!(
    f64: f64s m64s splat_f64s mul_add_e_f64s add_f64s partial_load_f64s partial_store_f64s as_simd_f64s
    as_mut_simd_f64s equal_f64s select_f64s rotate_left_f64s rotate_right_f64s
);
