//! Loops for the widest vectors the processor has.

use pulp::{Arch, Simd, WithSimd};

/// The result of `f`, compiled once for each instruction set and run for the best one of this processor.
///
/// That holds for what is inlined into `f` alone: `f` itself and all it calls in its loops must be `#[inline(always)]`.
/// The bits do not depend on the instruction set, because none of them contracts x·y + z unless asked to.
#[inline(always)]
pub(crate) fn vectorised<R>(f: impl FnMut() -> R) -> R {
    arch().dispatch(Body(f))
}

struct Body<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Body<F> {
    type Output = R;

    // FnMut and not FnOnce: closures reach `call_once` through a function that need not be inlined.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// The widest instruction set there is.
#[inline(always)]
pub(crate) fn arch() -> Arch {
    #[cfg(test)]
    if let Some(arch) = tests::FORCED.get() {
        return arch;
    }
    Arch::new()
}

#[cfg(test)]
pub(crate) mod tests {
    use pulp::Arch;
    use std::cell::Cell;

    thread_local! {
        /// What this thread uses instead, so that the kernels of other processors are tested too.
        pub static FORCED: Cell<Option<Arch>> = const { Cell::new(None) };
    }

    /// Runs `test` on this thread with every instruction set that this processor knows.
    pub fn with_each(test: impl Fn()) {
        let mut known = vec![Arch::Scalar, Arch::new()];
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        known.extend(pulp::x86::V3::try_new().map(Arch::V3));
        for arch in known {
            FORCED.set(Some(arch));
            test();
        }
        FORCED.set(None);
    }
}
