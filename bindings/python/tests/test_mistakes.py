"""What a user may get wrong, and the words that say so."""

import re

import numpy as np
import pytest
from problems import fit, problem

from retrograde import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0}


def rows(kind):
    _, _, X, y = problem(kind)
    return X, y


@pytest.mark.parametrize(
    "parameters, error, words",
    [
        ({"hidden_layer_sizes": ["relu"]}, TypeError, "hidden_layer_sizes must be whole numbers, got ['relu']"),
        ({"hidden_layer_sizes": [3.5]}, TypeError, "hidden_layer_sizes must be whole numbers, got [3.5]"),
        ({"hidden_layer_sizes": np.ones((2, 2), int)}, TypeError, "hidden_layer_sizes must be whole numbers"),
        ({"dropout": ["a"]}, ValueError, "dropout must be a number or a list of numbers, got ['a']"),
        ({"dropout": {}}, ValueError, "dropout must be a number or a list of numbers, got {}"),
        ({"loss": "quantile", "quantile": ["x"]}, ValueError, "quantile must be a number or a list of numbers, got ['x']"),
    ],
)
def test_parameters(parameters, error, words):
    X, y = rows("regression")
    with pytest.raises(error, match=re.escape(words)):
        MLPRegressor(**{**QUICK, **parameters}).fit(X, y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_numbers_larger_than_the_core_can_be_told(solver):
    X, y = rows("regression")
    huge = 10**30
    limits = {"max_iter": huge, "max_fun": huge, "n_jobs": huge}
    net = MLPRegressor(hidden_layer_sizes=3, solver=solver, n_iter_no_change=5, tol=0.1, **limits)
    assert net.fit(X, y).stop_reason_ in ("converged", "no_improvement")


@pytest.mark.parametrize(
    "targets",
    [["1", "2"] * 60, np.array(["2020-01-01", "2021-01-01"] * 60, dtype="datetime64[D]"), np.full(120, np.timedelta64(3, "s"))],
)
def test_a_regressor_makes_no_numbers_of_texts_and_dates(targets):
    X, _ = rows("regression")
    with pytest.raises(ValueError, match="y has the type .*; what a regressor learns are numbers"):
        MLPRegressor(**QUICK).fit(X, np.asarray(targets))


@pytest.mark.parametrize("kind, name", [("multi-class", MLPClassifier), ("regression", MLPRegressor)])
def test_negative_weights(kind, name):
    X, y = rows(kind)
    weights = np.ones(len(y))
    net = fit(name(**QUICK), X, y)
    weights[7] = -1
    for call in (net.fit, net.pull, net.check, net.cost_and_grad):
        arguments = (net.theta_, X, y) if call == net.cost_and_grad else (X, y)
        with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
            call(*arguments, sample_weight=weights)
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        net.fit(X, y, eval_set=(X, y, weights))


@pytest.mark.parametrize("kind, name", [("multi-class", MLPClassifier), ("multi-output", MLPRegressor)])
def test_a_training_goes_on_with_the_sizes_it_has(kind, name):
    X, y = rows(kind)
    net = fit(name(warm_start=True, **QUICK), X, y).set_params(hidden_layer_sizes=(7, 7))
    expected = net.predict(X)
    for again in (net.fit, net.partial_fit):
        with pytest.raises(ValueError, match=re.escape("hidden_layer_sizes=(7, 7), but the network that the training goes on with has (3,)")):
            again(X, y)
    np.testing.assert_array_equal(net.predict(X), expected)
    assert fit(net.set_params(warm_start=False), X, y).n_layers_ == 4


def test_a_training_goes_on_with_as_many_outputs():
    X, y = rows("multi-output")
    net = fit(MLPRegressor(**QUICK), X, y)
    with pytest.raises(ValueError, match="y has 1 outputs; the network has 3"):
        net.partial_fit(X, y[:, 0])
    assert net.n_outputs_ == 3 and net.predict(X).shape == y.shape
