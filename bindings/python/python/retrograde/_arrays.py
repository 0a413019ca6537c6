"""Between scikit-learn's arrays and the core's."""

from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.utils.validation import _check_sample_weight


def float_type(*arrays):
    """float32 if nothing wider is among them, else float64."""
    dtype = np.result_type(*(array.dtype for array in arrays))
    return np.dtype(np.float32 if dtype in (np.float16, np.float32) else np.float64)


def inputs(X, dtype):
    """X as the core takes it; copied only where its order or type has to change."""
    if not sparse.issparse(X):
        return np.ascontiguousarray(X, dtype=dtype)
    X = X.tocsr()
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    if X.shape[1] >= 2**32:
        raise ValueError(f"sparse X has {X.shape[1]} columns; at most {2**32 - 1} are supported")
    indices = X.indices
    indices = indices.view(np.uint32) if indices.dtype == np.int32 else indices.astype(np.uint32)
    return (
        np.ascontiguousarray(X.data, dtype=dtype),
        np.ascontiguousarray(indices),
        X.indptr.astype(np.uintp),
    )


def unroll(coefs, intercepts, dtype):
    """All weights in one vector: of each layer the weights unit by unit, then the biases."""
    parts = []
    for coef, intercept in zip(coefs, intercepts):
        parts += [np.asarray(coef).T.ravel(), np.asarray(intercept).ravel()]
    return np.concatenate(parts).astype(dtype, copy=False)


def roll(theta, sizes):
    """The inverse of :func:`unroll`: coefs and intercepts."""
    coefs, intercepts, end = [], [], 0
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        start, end = end, end + fan_in * fan_out
        coefs.append(np.ascontiguousarray(theta[start:end].reshape(fan_out, fan_in).T))
        start, end = end, end + fan_out
        intercepts.append(theta[start:end].copy())
    return coefs, intercepts


def as_numbers(name, given):
    """A parameter that is a number or several."""
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or a list of numbers, got {given!r}") from None


def as_whole(name, given, least=None):
    """An argument that counts something, of `least` or more."""
    if not isinstance(given, Integral) or not (-(2**63) if least is None else least) <= given < 2**63:
        words = "" if least is None else f" of {least} or more"
        raise ValueError(f"{name} must be a whole number{words}, got {given!r}")
    return int(given)


def row_weights(sample_weight, X):
    """The weights of the rows of X, or None."""
    if sample_weight is None:
        return None
    weights = _check_sample_weight(sample_weight, X)
    if (weights < 0).any():
        raise ValueError("Negative values in data passed to `sample_weight`.")
    return weights
