"""The same random_state gives scikit-learn's numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import KINDS, assert_same_weights, both, fit, problem, row_weights

ACTIVATIONS = ["identity", "logistic", "tanh", "relu"]
SHAPE = {"hidden_layer_sizes": (7, 5), "batch_size": 32, "max_iter": 5, "random_state": 11}
RATES = {"sgd": 0.05, "adam": 0.01}


def assert_same_training(our, their, X):
    assert_same_weights(our, their)
    assert our.n_iter_ == their.n_iter_
    assert our.t_ == their.t_
    assert our.n_layers_ == their.n_layers_
    assert our.n_outputs_ == their.n_outputs_
    assert our.out_activation_ == their.out_activation_
    assert our.n_features_in_ == their.n_features_in_
    assert len(our.loss_curve_) == len(their.loss_curve_)
    if not (our.loss == "squared_error" and our.n_outputs_ > 1):
        # scikit-learn reports their mean and descends their sum.
        assert_allclose(our.loss_curve_, their.loss_curve_, rtol=1e-9)
        assert_allclose(our.loss_, their.loss_, rtol=1e-9)
        if their.best_loss_ is None:
            assert our.best_loss_ is None
        else:
            assert_allclose(our.best_loss_, their.best_loss_, rtol=1e-9)
    if hasattr(their, "classes_"):
        assert_array_equal(our.classes_, their.classes_)
        assert_array_equal(our.predict(X), their.predict(X))
        assert_allclose(our.predict_proba(X), their.predict_proba(X), rtol=1e-8, atol=1e-9)
        assert_allclose(our.predict_log_proba(X), their.predict_log_proba(X), rtol=1e-8, atol=1e-9)
    else:
        assert_allclose(our.predict(X), their.predict(X), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("weights", [None, row_weights()], ids=["", "weights"])
@pytest.mark.parametrize("alpha", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_training(solver, activation, kind, alpha, weights):
    name, further, X, y = problem(kind)
    our, their = both(
        name,
        solver=solver,
        activation=activation,
        alpha=alpha,
        learning_rate_init=RATES[solver],
        **SHAPE,
        **further,
    )
    fit(our, X, y, sample_weight=weights)
    fit(their, X, y, sample_weight=weights)
    assert_same_training(our, their, X)


@pytest.mark.parametrize(
    "parameters",
    [
        {"momentum": 0},
        {"momentum": 0.8, "nesterovs_momentum": False},
        {"momentum": 1},
        {"learning_rate": "invscaling", "power_t": 0.3},
        {"learning_rate": "invscaling", "nesterovs_momentum": False},
        {"learning_rate": "adaptive", "tol": 10, "n_iter_no_change": 1, "max_iter": 9},
        {"shuffle": False},
        {"batch_size": 1, "learning_rate_init": 0.001},
        {"batch_size": "auto"},
        {"hidden_layer_sizes": 3},
        {"hidden_layer_sizes": ()},
        {"tol": 0.1, "max_iter": 100, "n_iter_no_change": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["multi-class", "regression"])
def test_parameters_of_sgd(kind, parameters):
    name, further, X, y = problem(kind)
    parameters = {**SHAPE, "solver": "sgd", "learning_rate_init": 0.02, **further, **parameters}
    our, their = both(name, **parameters)
    assert_same_training(fit(our, X, y), fit(their, X, y), X)
    assert our._optimizer.learning_rate == their._optimizer.learning_rate


@pytest.mark.parametrize(
    "parameters",
    [{"beta_1": 0.5, "beta_2": 0.9}, {"beta_1": 0, "beta_2": 0}, {"epsilon": 0.1}, {"shuffle": False}],
    ids=str,
)
def test_parameters_of_adam(parameters):
    name, further, X, y = problem("binary")
    our, their = both(name, **{**SHAPE, **further, **parameters})
    assert_same_training(fit(our, X, y), fit(their, X, y), X)


@pytest.mark.parametrize("weights", [None, row_weights()], ids=["", "weights"])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_early_stopping(solver, kind, shuffle, weights):
    name, further, X, y = problem(kind)
    if kind == "binary":
        # Up to 1.7 scikit-learn looks for NaN among the answers, which it cannot among texts.
        y = y == "yes"
    parameters = {**SHAPE, "max_iter": 30, "n_iter_no_change": 3, "tol": 1e-3, **further}
    our, their = both(
        name,
        solver=solver,
        shuffle=shuffle,
        early_stopping=True,
        validation_fraction=0.2,
        learning_rate_init=RATES[solver],
        **parameters,
    )
    fit(our, X, y, sample_weight=weights)
    fit(their, X, y, sample_weight=weights)
    assert_same_training(our, their, X)
    assert_allclose(our.validation_scores_, their.validation_scores_, rtol=1e-9)
    assert_allclose(our.best_validation_score_, their.best_validation_score_, rtol=1e-9)


@pytest.mark.parametrize("learning_rate", ["constant", "invscaling"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit(solver, kind, learning_rate):
    name, further, X, y = problem(kind)
    parameters = {**SHAPE, "learning_rate": learning_rate, **further}
    our, their = both(name, solver=solver, learning_rate_init=RATES[solver], **parameters)
    classes = {} if name == "MLPRegressor" else {"classes": np.arange(3) if kind == "multilabel" else np.unique(y)}
    for estimator in (our, their):
        for part in (slice(0, 50), slice(50, 70), slice(0, 120)):
            estimator.partial_fit(X[part], y[part], **classes)
    assert_same_training(our, their, X)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_warm_start(solver, early_stopping):
    name, further, X, y = problem("multi-class")
    parameters = {**SHAPE, "solver": solver, "early_stopping": early_stopping, **further}
    our, their = both(name, warm_start=True, **parameters)
    for _ in range(3):
        fit(our, X, y)
        fit(their, X, y)
        assert_same_training(our, their, X)
        if early_stopping:
            # In scikit-learn 1.9 the next fit moves the very arrays that are kept as the best: what it then restores
            # are the last. Ours are the best.
            their._best_coefs = [coef.copy() for coef in their._best_coefs]
            their._best_intercepts = [intercept.copy() for intercept in their._best_intercepts]


def test_a_generator_that_goes_on():
    name, _, X, y = problem("regression")
    results = []
    for estimator in both(name, **SHAPE):
        estimator.set_params(random_state=np.random.RandomState(5))
        results.append([fit(estimator, X, y).coefs_[0].copy() for _ in range(2)])
    assert_allclose(results[0], results[1], rtol=1e-9, atol=1e-9)


def test_a_rounded_batch_is_said():
    name, _, X, y = problem("regression")
    for estimator in both(name, **{**SHAPE, "batch_size": 1000}):
        with pytest.warns(UserWarning, match="Got `batch_size` less than 1 or larger than sample size"):
            fit(estimator, X, y)
