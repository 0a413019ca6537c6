"""The further solvers, what they refuse, what 'auto' takes, and dropout."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import KINDS, fit, ours_alone, problem
from sklearn.base import clone

from retrograde import MLPClassifier, MLPRegressor

MINI_BATCH = ["sgd", "adam", "adamw", "rmsprop"]
FULL_BATCH = ["lbfgs", "cg", "scg", "lm"]
QUICK = {"hidden_layer_sizes": 6, "activation": "tanh", "max_iter": 6, "random_state": 1}


@pytest.mark.parametrize("solver", [*MINI_BATCH, "rprop", *FULL_BATCH])
@pytest.mark.parametrize("kind", KINDS)
def test_every_solver_lowers_the_loss(kind, solver):
    name, further, X, y = problem(kind)
    net = ours_alone(name, solver=solver, **QUICK | {"max_iter": 30}, **further)
    fit(net, X, y)
    assert net.solver_ == solver
    assert net.loss_curve_[-1] < 0.99 * net.loss_curve_[0]
    assert net.loss_ == net.loss_curve_[-1]
    assert len(net.loss_curve_) == net.n_iter_
    again = fit(clone(net), X, y)
    assert_array_equal(again.coefs_[0], net.coefs_[0])


@pytest.mark.parametrize("solver", ["cg", "scg", "lm"])
def test_methods_on_all_rows_find_the_optimum_of_lbfgs(solver):
    _, _, X, y = problem("regression")
    shape = {"hidden_layer_sizes": (), "alpha": 1.0, "tol": 1e-9, "max_iter": 500, "random_state": 1}
    wanted = fit(MLPRegressor(solver="lbfgs", **shape), X, y)
    found = fit(MLPRegressor(solver=solver, **shape), X, y)
    # All end where the loss falls by less than 2e-9 of it: their weights are the root of that apart.
    assert_allclose(found.coefs_[0], wanted.coefs_[0], rtol=0, atol=1e-4)
    assert_allclose(found.loss_, wanted.loss_, rtol=1e-8)
    assert found.stop_reason_ == "converged"


def step_by_hand(net, solver, theta, grad, state, t):
    """One step of the published methods."""
    rate, (p, q) = net.learning_rate_init, state
    if solver == "adamw":
        p, q = 0.9 * p + 0.1 * grad, 0.999 * q + 0.001 * grad**2
        is_weight = np.concatenate(
            [part for c, b in zip(net.coefs_, net.intercepts_) for part in (np.ones(c.size), np.zeros(b.size))]
        )
        theta = theta - rate * net.weight_decay * theta * is_weight
        step = rate * (p / (1 - 0.9**t)) / (np.sqrt(q / (1 - 0.999**t)) + 1e-8)
    elif solver == "rmsprop":
        q = 0.999 * q + 0.001 * grad**2
        step = rate * grad / (np.sqrt(q) + 1e-8)
    else:
        raise ValueError(solver)
    return theta - step, (p, q)


@pytest.mark.parametrize("solver", ["adamw", "rmsprop"])
def test_the_published_steps(solver):
    _, _, X, y = problem("regression")
    decay = {"weight_decay": 0.7} if solver == "adamw" else {}
    net = MLPRegressor(solver=solver, batch_size=len(X), **QUICK, **decay)
    net.partial_fit(X, y)
    start = MLPRegressor(solver="sgd", learning_rate_init=1e-300, batch_size=len(X), **QUICK)
    theta = start.partial_fit(X, y).theta_
    state, thetas = (0.0, 0.0), []
    for t in range(1, 7):
        _, grad = net.cost_and_grad(theta, X, y)
        theta, state = step_by_hand(net, solver, theta, grad, state, t)
        thetas.append(theta)
    assert_allclose(net.theta_, thetas[0], rtol=1e-12, atol=1e-12)
    pickle.loads(pickle.dumps(net)).partial_fit(X, y)
    for wanted in thetas[1:]:
        net.partial_fit(X, y)
        assert_allclose(net.theta_, wanted, rtol=1e-11, atol=1e-12)


def test_the_decay_of_adamw_has_a_default():
    _, _, X, y = problem("regression")
    one = fit(MLPRegressor(solver="adamw", **QUICK), X, y)
    two = fit(MLPRegressor(solver="adamw", weight_decay=0.3, **QUICK), X, y)
    none = fit(MLPRegressor(solver="adamw", weight_decay=0, **QUICK), X, y)
    assert_array_equal(one.coefs_[0], two.coefs_[0])
    assert np.linalg.norm(one.coefs_[0]) < np.linalg.norm(none.coefs_[0])


@pytest.mark.parametrize(
    "parameters, text",
    [
        ({"solver": "lbfgs", "dropout": 0.5}, "dropout=0.5 does not go with solver='lbfgs'"),
        ({"solver": "rprop", "dropout": [0.5]}, "does not go with solver='rprop'"),
        ({"solver": "cg", "weight_decay": 0.1}, "weight_decay=0.1 does not go with solver='cg'"),
        ({"solver": "rprop", "batch_size": 10}, "all rows; leave batch_size='auto', not 10"),
        ({"solver": "lm", "loss": "absolute_error"}, "squared-error, cross-entropy, poisson or gamma"),
        ({"solver": "lm", "hidden_layer_sizes": (900,)}, "memory"),
        ({"solver": "newton"}, "The 'solver' parameter"),
        ({"weight_decay": -1.0}, "The 'weight_decay' parameter"),
        ({"dropout": 1.0}, "The 'dropout' parameter"),
        ({"dropout": [1.0]}, "at least 0 and below 1"),
        ({"dropout": [0.1, 0.2]}, "2 entries for 1 hidden layers"),
    ],
)
def test_what_does_not_go_together(parameters, text):
    _, _, X, y = problem("regression")
    with pytest.raises(ValueError, match=text):
        MLPRegressor(**QUICK | parameters).fit(X, y)


def test_partial_fit_is_for_mini_batches():
    for solver in [*MINI_BATCH, "auto"]:
        assert hasattr(MLPRegressor(solver=solver), "partial_fit")
    for solver in ["rprop", *FULL_BATCH]:
        assert not hasattr(MLPClassifier(solver=solver), "partial_fit")


def test_auto():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(1000, 3))
    y = X[:, 0] * X[:, 1]
    few = {"hidden_layer_sizes": 4, "solver": "auto", "max_iter": 3, "random_state": 1}

    def choice(cls=MLPRegressor, y=y, **parameters):
        return fit(cls(**few | parameters), X, y).solver_

    assert choice() == "lm"
    assert choice(loss="absolute_error") == "lbfgs"
    assert choice(cls=MLPClassifier, y=y > 0) == "lbfgs"
    assert choice(hidden_layer_sizes=50) == "lbfgs"
    assert choice(hidden_layer_sizes=(100, 100)) == "adam"
    for parameters in ({"dropout": 0.1}, {"weight_decay": 0.1}, {"batch_size": 10}):
        assert choice(**parameters) == "adam"
    net = fit(MLPRegressor(**few), X, y)
    assert net.solver_ == "lm"
    assert net.partial_fit(X, y).solver_ == "adam"
    chosen = fit(MLPRegressor(**few | {"solver": "lm"}), X, y)
    assert_array_equal(fit(MLPRegressor(**few), X, y).coefs_[0], chosen.coefs_[0])


@pytest.mark.parametrize("solver", MINI_BATCH)
def test_dropout(solver):
    _, _, X, y = problem("multi-class")
    shape = QUICK | {"hidden_layer_sizes": (20, 10), "solver": solver}
    plain = fit(MLPClassifier(**shape), X, y)
    none = fit(MLPClassifier(dropout=[0.0, 0.0], **shape), X, y)
    assert_array_equal(plain.coefs_[0], none.coefs_[0])
    one = fit(MLPClassifier(dropout=0.4, **shape), X, y)
    two = fit(MLPClassifier(dropout=(0.4, 0.4), **shape), X, y)
    assert_array_equal(one.coefs_[0], two.coefs_[0])
    assert np.abs(one.coefs_[0] - plain.coefs_[0]).max() > 1e-4
    other = fit(MLPClassifier(dropout=0.4, **shape | {"random_state": 2}), X, y)
    assert np.abs(other.coefs_[0] - one.coefs_[0]).max() > 1e-4
    # Predictions are those of all units.
    assert_array_equal(one.predict_proba(X), one.predict_proba(X))


def test_dropped_units_make_no_step():
    # Of one hidden layer whose units are nearly all dropped, few have moved after one step; the others have not.
    _, _, X, y = problem("regression")
    net = MLPRegressor(
        hidden_layer_sizes=200, solver="sgd", batch_size=1, dropout=0.9, random_state=1, alpha=0, momentum=0
    )
    start = MLPRegressor(hidden_layer_sizes=200, solver="sgd", learning_rate_init=1e-300, random_state=1, alpha=0)
    net.partial_fit(X[:1], y[:1])
    start.partial_fit(X[:1], y[:1])
    moved = (net.coefs_[0] != start.coefs_[0]).any(axis=0)
    assert 2 <= moved.sum() <= 40
    # Others in the next call, also with a random_state that is a number.
    before = net.coefs_[0].copy()
    net.partial_fit(X[:1], y[:1])
    again = (net.coefs_[0] != before).any(axis=0)
    assert (again != moved).any()


def test_dropout_keeps_the_rest_of_the_streams():
    # The starting weights and the rows held out are drawn as without.
    _, _, X, y = problem("regression")
    shape = QUICK | {"learning_rate_init": 1e-300, "max_iter": 1}
    one = fit(MLPRegressor(dropout=0.5, **shape), X, y)
    two = fit(MLPRegressor(**shape), X, y)
    assert_allclose(one.coefs_[0], two.coefs_[0], rtol=0, atol=1e-290)
