"""Small problems of every kind, and the comparison with scikit-learn."""

import warnings
from itertools import zip_longest

import numpy as np
import sklearn.neural_network as theirs
from numpy.testing import assert_allclose
from sklearn.exceptions import ConvergenceWarning

import retrograde as ours

ROWS = 120


def problem(kind):
    """The name of the class, its further parameters, X and y."""
    rng = np.random.RandomState(3)
    X = rng.normal(size=(ROWS, 6))
    z = X @ rng.normal(size=(6, 3)) + 0.3 * rng.normal(size=(ROWS, 3))
    if kind == "binary":
        return "MLPClassifier", {}, X, np.where(z[:, 0] > 0, "yes", "no")
    if kind == "multi-class":
        return "MLPClassifier", {}, X, z.argmax(axis=1) * 2
    if kind == "multilabel":
        return "MLPClassifier", {}, X, (z > 0.5).astype(int)
    if kind == "regression":
        return "MLPRegressor", {}, X, z[:, 0]
    if kind == "multi-output":
        return "MLPRegressor", {}, X, z
    return "MLPRegressor", {"loss": "poisson"}, X, rng.poisson(np.exp(0.3 * z[:, 0])).astype(float)


KINDS = ["binary", "multi-class", "multilabel", "regression", "multi-output", "poisson"]


def row_weights():
    """Some rows count twice as much as others, some not at all."""
    rng = np.random.RandomState(4)
    return rng.uniform(0.2, 2, ROWS) * (rng.uniform(size=ROWS) > 0.1)


def ours_alone(name, **parameters):
    """Our estimator, with parameters that scikit-learn's may not know."""
    return getattr(ours, name)(**parameters)


def both(name, **parameters):
    """Our estimator and scikit-learn's."""
    return getattr(ours, name)(**parameters), getattr(theirs, name)(**parameters)


def fit(estimator, *arguments, **keywords):
    """Fits without a word about few iterations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(*arguments, **keywords)


def assert_same_weights(our, their, tolerance=1e-9):
    pairs = zip_longest(our.coefs_ + our.intercepts_, their.coefs_ + their.intercepts_)
    for mine, wanted in pairs:
        assert mine.shape == wanted.shape
        assert mine.dtype == wanted.dtype
        assert_allclose(mine, wanted, rtol=tolerance, atol=tolerance)
