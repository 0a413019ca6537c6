//! retrograde-model
