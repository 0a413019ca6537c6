"""What the parameters that both classes share may be, and what they come to."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from retrograde._arrays import as_numbers
from retrograde._solvers import SOLVERS

# scikit-learn's names, then the core's further ones; "sigmoid" is the core's name for "logistic".
ACTIVATIONS = (
    "identity",
    "logistic",
    "tanh",
    "relu",
    "sigmoid",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "mish",
)


def positive(kind, least=None):
    """A parameter above 0, or of at least `least`."""
    return Interval(kind, 0 if least is None else least, None, closed="neither" if least is None else "left")


SHARED = {
    "hidden_layer_sizes": ["array-like", positive(Integral, 1)],
    "activation": [StrOptions(set(ACTIVATIONS)), list, tuple],
    "solver": [StrOptions({*SOLVERS, "auto"})],
    "alpha": [positive(Real, 0)],
    "batch_size": [StrOptions({"auto"}), positive(Integral, 1)],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [positive(Real)],
    "power_t": [positive(Real, 0)],
    "max_iter": [positive(Integral, 1)],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [positive(Real, 0)],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [positive(Real)],
    "n_iter_no_change": [positive(Integral, 1), Options(Real, {np.inf})],
    "max_fun": [positive(Integral, 1)],
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "weight_decay": [positive(Real, 0), None],
    "callbacks": [list, tuple, callable, None],
    "time_limit": [positive(Real), None],
    "n_jobs": [Integral, None],
    "allow_nan": ["boolean"],
    "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
    "dtype": [
        Options(type, {np.float32, np.float64}),
        Options(np.dtype, {np.dtype(np.float32), np.dtype(np.float64)}),
        StrOptions({"float32", "float64"}),
        None,
    ],
}


def hidden_sizes(estimator):
    """The units of each hidden layer."""
    hidden = estimator.hidden_layer_sizes
    hidden = list(hidden) if hasattr(hidden, "__iter__") else [hidden]
    if not all(isinstance(size, Integral) for size in hidden):
        raise TypeError(f"hidden_layer_sizes must be whole numbers, got {hidden}.")
    if any(size <= 0 for size in hidden):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {hidden}.")
    return hidden


def hidden_activations(estimator, n_hidden):
    """The activation of each hidden layer, by the core's names."""
    names = estimator.activation
    if isinstance(names, str):
        names = [names] * n_hidden
    elif len(names) != n_hidden:
        raise ValueError(
            f"activation has {len(names)} entries for {n_hidden} hidden layers; "
            "give one for each, or a string for all"
        )
    for name in names:
        if name not in ACTIVATIONS:
            raise ValueError(f"activation has {name!r} in it; choose from {', '.join(ACTIVATIONS)}")
    return ["sigmoid" if name == "logistic" else str(name) for name in names]


def dropout_rates(estimator, n_hidden):
    """The share dropped of the inputs, which is 0, and of each hidden layer; empty where nothing is dropped."""
    rates = as_numbers("dropout", estimator.dropout)
    if rates.ndim == 1 and len(rates) != n_hidden:
        raise ValueError(
            f"dropout has {len(rates)} entries for {n_hidden} hidden layers; give one for each, or one for all"
        )
    if rates.ndim > 1 or not ((rates >= 0) & (rates < 1)).all():
        raise ValueError(f"dropout must be at least 0 and below 1, got {estimator.dropout!r}")
    if not rates.any() or n_hidden == 0:
        return []
    return [0.0, *np.broadcast_to(rates, n_hidden).tolist()]


def chosen_type(estimator):
    """The type to compute in, or None where the data decide."""
    return None if estimator.dtype is None else np.dtype(estimator.dtype)


def types_for(estimator, X):
    """The types that X may come in for a training; another becomes the first of them."""
    chosen = chosen_type(estimator)
    if chosen is not None:
        return chosen
    # scikit-learn sees no type in the tables of polars and pyarrow: one of float32 columns would be widened.
    library, types = type(X).__module__.partition(".")[0], ()
    # A lazy frame would have to be computed for its types, and is refused anyway.
    if library == "polars" and type(X).__name__ == "DataFrame":
        types = X.dtypes
    elif library == "pyarrow" and hasattr(X, "schema"):
        types = X.schema.types
    names = {str(each) for each in types}
    is_narrow = bool(names) and names <= {"Float32", "float"}
    return np.float32 if is_narrow else (np.float64, np.float32)
