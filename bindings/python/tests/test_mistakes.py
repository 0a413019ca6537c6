"""What a user may get wrong, and the words that say so."""

import re
import warnings

import numpy as np
import pytest
from problems import fit, problem
from sklearn.exceptions import ConvergenceWarning

from retrograde import MLPClassifier, MLPRegressor, load

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


@pytest.mark.parametrize("weight", [-1, np.nan, np.inf, "a", None])
def test_class_weights(weight):
    X, y = rows("multi-class")
    words = f"class_weight has {weight!r} for the class 2; expected a finite number of 0 or more"
    with pytest.raises(ValueError, match=re.escape(words)):
        MLPClassifier(class_weight={2: weight}, **QUICK).fit(X, y)


@pytest.mark.parametrize("asked", [{"allow_nan": True}, {"categorical_features": [0]}, {}])
def test_no_rows_and_no_columns(asked):
    X, y = rows("multi-class")
    with pytest.raises(ValueError, match=r"Found array with 0 sample\(s\)"):
        MLPClassifier(**asked, **QUICK).fit(X[:0], y[:0])
    if "categorical_features" not in asked:
        with pytest.raises(ValueError, match=r"(Found array with )?0 feature\(s\)"):
            MLPClassifier(**asked, **QUICK).fit(X[:, :0], y)


def test_nothing_but_gaps():
    X, y = rows("multi-class")
    gaps = np.full_like(X, np.nan)
    with pytest.raises(ValueError, match="X has no values: everything in it is missing"):
        MLPClassifier(allow_nan=True, **QUICK).fit(gaps, y)
    with pytest.raises(ValueError, match="X has no values: everything in it is missing"):
        MLPClassifier(allow_nan=True, categorical_features=[0, 1, 2, 3, 4, 5], **QUICK).fit(gaps, y)
    gaps[:, 2] = X[:, 2]
    assert fit(MLPClassifier(allow_nan=True, **QUICK), gaps, y).predict(gaps).shape == y.shape


@pytest.mark.parametrize("item", [1.5, None, [0]])
def test_categorical_features(item):
    X, y = rows("multi-class")
    with pytest.raises(ValueError, match="categorical_features must be an array-like of bool, int or str, got"):
        MLPClassifier(categorical_features=[item], **QUICK).fit(X, y)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda net, X, y: net.check(X, y, n_weights=0), "n_weights must be a whole number of 1 or more, got 0"),
        (lambda net, X, y: net.check(X, y, n_weights="a"), "n_weights must be a whole number of 1 or more, got 'a'"),
        (lambda net, X, y: net.check(X, y, n_rows=0), "n_rows must be a whole number of 1 or more, got 0"),
        (lambda net, X, y: net.check(X, y, seed=-1), "seed must be a whole number of 0 or more, got -1"),
        (lambda net, X, y: net.check(X, y, seed=10**30), "seed must be a whole number of 0 or more, got 1000"),
        (lambda net, X, y: net.explain(X, y, 1.5), "row must be a whole number, got 1.5"),
        (lambda net, X, y: net.explain(X, y, -1), "there is no row -1; rows are 0 to 119"),
        (lambda net, X, y: net.explain(X, y, 120), "there is no row 120; rows are 0 to 119"),
        (lambda net, X, y: net.explain(X, y, weight=5), "no weight 5: expected a name like"),
        (lambda net, X, y: net.explain(X, y, unit=5), "no unit 5: expected a name like"),
        (lambda net, X, y: net.set_theta(net.theta_ + 1j), "theta has the type complex128; expected real numbers"),
        (lambda net, X, y: net.cost_and_grad("abc", X, y), "theta has the type <U3; expected real numbers"),
    ],
)
def test_questions(call, words):
    X, y = rows("multi-class")
    net = fit(MLPClassifier(**QUICK), X, y)
    with pytest.raises(ValueError, match=re.escape(words)):
        call(net, X, y)


def test_paths(tmp_path):
    X, y = rows("multi-class")
    net = fit(MLPClassifier(**QUICK), X, y)
    net.save(bytes(tmp_path / "net.rg"))
    np.testing.assert_array_equal(load(bytes(tmp_path / "net.rg")).theta_, net.theta_)
    with pytest.raises(FileNotFoundError, match="cannot write .*net.rg"):
        net.save(tmp_path / "nowhere" / "net.rg")
    with pytest.raises(TypeError, match="not int"):
        net.save(3)


@pytest.mark.parametrize("parameters", [{}, {"solver": "lbfgs"}, {"time_limit": 1e-9}])
def test_filters_for_scikit_learns_warnings(parameters):
    X, y = rows("multi-class")
    net = MLPClassifier(**QUICK, **parameters)
    with pytest.warns(ConvergenceWarning) as told:
        net.fit(X, y)
    assert "retrograde" in told[0].filename
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=ConvergenceWarning, module="sklearn")
        net.fit(X, y)
