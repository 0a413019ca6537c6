//! Training on rows of which a window is in memory.

#[path = "../common/mod.rs"]
mod common;

mod case;
mod failures;
mod order;
mod resume;
mod same_bits;
