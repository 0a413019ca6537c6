//! What makes a step of a gradient, with the state it keeps from step to step and from call to call.

use crate::arrays::by_dtype;
use numpy::{PyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use retrograde::optimize::method::{Method as Whole, StepState};
use retrograde::optimize::{Adam, Optimizer, RmsProp, Rprop, Sgd};
use serde::{Deserialize, Serialize};

/// The state of either type.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum State {
    F32(StepState<f32>),
    F64(StepState<f64>),
}

/// A type whose state is held.
pub(crate) trait Held: retrograde::Scalar {
    fn hold(state: StepState<Self>) -> State;
    /// The state, or None when it is of the other type.
    fn held(state: State) -> Option<StepState<Self>>;
}

impl Held for f32 {
    fn hold(state: StepState<f32>) -> State {
        State::F32(state)
    }

    fn held(state: State) -> Option<StepState<f32>> {
        match state {
            State::F32(state) => Some(state),
            State::F64(_) => None,
        }
    }
}

impl Held for f64 {
    fn hold(state: StepState<f64>) -> State {
        State::F64(state)
    }

    fn held(state: State) -> Option<StepState<f64>> {
        match state {
            State::F64(state) => Some(state),
            State::F32(_) => None,
        }
    }
}

/// A step method and where it stands; it pickles.
#[derive(Debug)]
#[pyclass(module = "retrograde._core")]
pub(crate) struct Method {
    /// None while a training has it.
    state: Option<State>,
    /// The rate of its last epoch.
    rate: Option<f64>,
}

/// What of it is pickled.
type Kept = (Option<State>, Option<f64>);

#[pymethods]
impl Method {
    /// From the bytes of `__getnewargs__`, which is how it pickles.
    #[new]
    fn new(bytes: &[u8]) -> PyResult<Self> {
        let kept = rmp_serde::from_slice::<Kept>(bytes);
        let (state, rate) = kept
            .map_err(|error| PyValueError::new_err(format!("these bytes are no method's state: {error}")))?;
        Ok(Self { state, rate })
    }

    /// Gradient descent with classical momentum.
    #[staticmethod]
    fn sgd(theta: &Bound<'_, PyAny>, momentum: f64) -> PyResult<Self> {
        by_dtype!(theta, descent(momentum, false))
    }

    /// Gradient descent with Nesterov's momentum.
    #[staticmethod]
    fn nesterov(theta: &Bound<'_, PyAny>, momentum: f64) -> PyResult<Self> {
        by_dtype!(theta, descent(momentum, true))
    }

    /// Adam with ε inside, beside the root that is not yet corrected.
    #[staticmethod]
    fn adam(theta: &Bound<'_, PyAny>, beta_1: f64, beta_2: f64, epsilon: f64) -> PyResult<Self> {
        by_dtype!(theta, adam([beta_1, beta_2], epsilon, Epsilon::Inside))
    }

    /// Adam as published, ε beside the corrected root: what `AdamW`'s weight decay goes with.
    #[staticmethod]
    fn adamw(theta: &Bound<'_, PyAny>, beta_1: f64, beta_2: f64, epsilon: f64) -> PyResult<Self> {
        by_dtype!(theta, adam([beta_1, beta_2], epsilon, Epsilon::AsPublished))
    }

    /// Divides by the root of the mean square.
    #[staticmethod]
    fn rmsprop(theta: &Bound<'_, PyAny>, decay: f64, epsilon: f64) -> PyResult<Self> {
        by_dtype!(theta, rmsprop(decay, epsilon))
    }

    /// Steps from the signs of the derivatives alone.
    #[staticmethod]
    fn rprop(theta: &Bound<'_, PyAny>) -> PyResult<Self> {
        by_dtype!(theta, rprop())
    }

    fn __getnewargs__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyBytes>,)> {
        let kept = (&self.state, self.rate);
        let bytes = rmp_serde::to_vec(&kept).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok((PyBytes::new(py, &bytes),))
    }
}

/// The `Result` is what [`by_dtype`] asks for.
#[allow(clippy::unnecessary_wraps)]
fn descent<T: Held + numpy::Element>(
    theta: &Bound<'_, PyArray1<T>>,
    momentum: f64,
    nesterov: bool,
) -> PyResult<Method> {
    Ok(Method::begin(StepState::Sgd(Sgd::<T>::new(momentum, nesterov, theta.len()))))
}

/// See [`descent`].
#[allow(clippy::unnecessary_wraps)]
fn adam<T: Held + numpy::Element>(
    theta: &Bound<'_, PyArray1<T>>,
    betas: [f64; 2],
    epsilon: f64,
    place: Epsilon,
) -> PyResult<Method> {
    let adam = Adam::<T>::new(betas, epsilon, theta.len());
    let adam = match place {
        Epsilon::Inside => adam.with_inner_epsilon(),
        Epsilon::AsPublished => adam,
    };
    Ok(Method::begin(StepState::Adam(adam)))
}

/// See [`descent`].
#[allow(clippy::unnecessary_wraps)]
fn rmsprop<T: Held + numpy::Element>(
    theta: &Bound<'_, PyArray1<T>>,
    decay: f64,
    epsilon: f64,
) -> PyResult<Method> {
    Ok(Method::begin(StepState::RmsProp(RmsProp::<T>::new(decay, epsilon, theta.len()))))
}

/// See [`descent`].
#[allow(clippy::unnecessary_wraps)]
fn rprop<T: Held + numpy::Element>(theta: &Bound<'_, PyArray1<T>>) -> PyResult<Method> {
    Ok(Method::begin(StepState::Rprop(Rprop::<T>::new(theta.len()))))
}

/// Which root Adam's ε is added to.
#[derive(Debug, Clone, Copy)]
enum Epsilon {
    /// The one that is not yet corrected, as in scikit-learn.
    Inside,
    /// The corrected one (Kingma & Ba 2015).
    AsPublished,
}

impl Method {
    fn begin<T: Held>(state: StepState<T>) -> Self {
        Self { state: Some(T::hold(state)), rate: None }
    }

    /// Hands the state to a training of `weights` parameters; what does not fit stays.
    pub(crate) fn lend<T: Held>(&mut self, weights: usize) -> PyResult<StepState<T>> {
        let state = self.state.take();
        let state = state.ok_or_else(|| PyRuntimeError::new_err("another training has this method"))?;
        let matches = match &state {
            State::F32(_) => size_of::<T>() == size_of::<f32>(),
            State::F64(_) => size_of::<T>() == size_of::<f64>(),
        };
        if !matches {
            self.state = Some(state);
            return Err(PyTypeError::new_err("the method was made for a theta of another type"));
        }
        let state = T::held(state).ok_or_else(|| PyTypeError::new_err("a state of another type"))?;
        let (state, fits) = fits(state, weights);
        if fits {
            return Ok(state);
        }
        self.state = Some(T::hold(state));
        Err(PyValueError::new_err(format!("the method was not made for a theta of {weights} weights")))
    }

    /// Takes it back.
    pub(crate) fn take_back<T: Held>(&mut self, state: StepState<T>) {
        self.state = Some(T::hold(state));
    }

    /// The next epoch's rate becomes `rate`; returns the last one's where it was another.
    pub(crate) fn change_rate(&mut self, rate: f64) -> Option<f64> {
        self.rate.replace(rate).filter(|&last| last != rate)
    }
}

/// Whether the state is one for so many weights: it may come from a file.
fn fits<T: Held>(state: StepState<T>, weights: usize) -> (StepState<T>, bool) {
    let whole = Whole::Step(state);
    let known =
        [Optimizer::SGD, Optimizer::GradientDescent, Optimizer::ADAM, Optimizer::RMSPROP, Optimizer::Rprop];
    let fits = known.into_iter().any(|optimizer| whole.fits(optimizer, weights));
    match whole {
        Whole::Step(state) => (state, fits),
        Whole::Batch(_) => unreachable!("a step method stays one"),
    }
}
