//! Hints to the caches: what one core has just written reaches another late, unless it is asked for early.

/// The bytes that caches move at once.
pub(crate) const LINE: usize = 64;

/// Asks for all of `values`, and goes on.
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T]) {
    let step = (LINE / size_of::<T>()).max(1);
    for at in (0..values.len()).step_by(step) {
        ask_for(&values[at]);
    }
    if let Some(last) = values.last() {
        ask_for(last);
    }
}

#[inline(always)]
#[cfg(target_arch = "x86_64")]
fn ask_for<T>(value: &T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: every x86-64 processor has the instruction, and it reads nothing that the program could see.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
}

#[inline(always)]
#[cfg(not(target_arch = "x86_64"))]
fn ask_for<T>(_: &T) {}
