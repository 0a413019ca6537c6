//! How the command ends.

/// The exit codes, the same for every verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done,
    /// 1: the answer is no: a check differs, a `--min-…` is not met.
    No,
    /// 2: the command line cannot be followed.
    Usage,
    /// 3: the data cannot be used.
    Data,
    /// 4: the model file cannot be used.
    Model,
    /// 5: the training diverged.
    Diverged,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Data => 3,
            Self::Model => 4,
            Self::Diverged => 5,
            Self::Interrupted => 130,
        }
    }
}
