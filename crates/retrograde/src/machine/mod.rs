//! The processor: its vectors, its caches and its cores. All `unsafe` of the crate is in this room.

#![allow(unsafe_code, reason = "threads that write to disjoint parts of a slice, and hints to the cache")]

pub(crate) mod prefetch;
pub mod team;
pub(crate) mod vectorised;
