//! What a supplier of rows may fail with.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// A supplier's own error, of whatever type.
pub type Failure = Box<dyn StdError + Send + Sync>;

/// A supplier's error as a part of the core's, which are copied and compared.
#[derive(Clone)]
pub struct StreamError(Arc<dyn StdError + Send + Sync>);

impl StreamError {
    /// What the supplier returned, to be cast to its type.
    pub fn get(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }
}

impl From<Failure> for StreamError {
    fn from(failure: Failure) -> Self {
        Self(failure.into())
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One failure is equal to itself alone.
impl PartialEq for StreamError {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
