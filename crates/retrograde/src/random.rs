//! Random streams: every use of chance draws from its own stream, keyed by (seed, purpose, epoch).
//!
//! ChaCha is a counter-based generator, so any stream can be opened at any epoch without replaying the ones
//! before: a resumed training continues with exactly the numbers the uninterrupted one would have drawn.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What the numbers are for; streams of different purposes never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The starting weights.
    Initialisation = 1,
    /// The order of the rows in one epoch.
    Shuffle = 2,
    /// Which weights, rows and directions the gradient check takes.
    GradientCheck = 3,
    /// Which units are dropped in one epoch.
    Dropout = 4,
}

/// The stream of (seed, purpose, epoch).
pub fn stream(seed: u64, purpose: Purpose, epoch: u64) -> ChaCha8Rng {
    let mut key = [0u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[16..24].copy_from_slice(&epoch.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}
