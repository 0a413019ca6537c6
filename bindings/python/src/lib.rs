//! The compiled core of retrograde's Python package: arrays in, one call into the crate `retrograde`, arrays out.
//!
//! Every function computes in the type of θ, f32 or f64, borrows C-ordered arrays of that type without copying them, and lets
//! other Python threads run meanwhile. `python/retrograde/_core.pyi` says what there is in Python's words.

mod arrays;
mod batch;
mod command;
mod compute;
mod encoder;
mod epochs;
mod evaluate;
mod explain;
mod gradient_check;
mod method;
mod model_file;
mod network;
mod table;

/// What `retrograde._core` holds.
#[pyo3::pymodule]
mod _core {
    #[pymodule_export]
    use super::batch::fit_batch;
    #[pymodule_export]
    use super::command::command;
    #[pymodule_export]
    use super::encoder::Encoder;
    #[pymodule_export]
    use super::epochs::fit_epochs;
    #[pymodule_export]
    use super::evaluate::{cost_and_grad, layers, predict, pull};
    #[pymodule_export]
    use super::explain::explain;
    #[pymodule_export]
    use super::gradient_check::check;
    #[pymodule_export]
    use super::method::Method;
    #[pymodule_export]
    use super::model_file::{load_model, save_model};
    #[pymodule_export]
    use super::network::Network;
}
