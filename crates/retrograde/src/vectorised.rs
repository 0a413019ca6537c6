//! The instruction set of the processor that runs this.

use pulp::Arch;

/// Runs `work`, a loop over numbers, with the widest vectors that the processor has.
///
/// What the loop calls must be inlined to profit.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    arch().dispatch(work)
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
