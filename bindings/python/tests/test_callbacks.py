"""Callbacks, the time limit and types."""

import pickle
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import fit, problem
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from retrograde import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": 6, "max_iter": 6, "random_state": 1}
SOLVERS = ["adam", "sgd", "rprop", "lbfgs", "cg", "scg"]


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_what_a_callback_is_told(solver, early_stopping):
    _, _, X, y = problem("multi-class")
    told, seen = [], []

    def note(estimator, info):
        told.append(info)
        seen.append(estimator.score(X[80:], y[80:]))

    net = MLPClassifier(solver=solver, callbacks=[note], early_stopping=early_stopping, **QUICK)
    fit(net, X[:80], y[:80], eval_set=(X[80:], y[80:]))
    assert [info["epoch"] for info in told] == list(range(1, net.n_iter_ + 1))
    assert [info["loss"] for info in told] == net.loss_curve_
    assert [info["validation_score"] for info in told] == net.validation_scores_ == seen
    elapsed = [info["elapsed"] for info in told]
    assert elapsed == sorted(elapsed)
    assert elapsed[0] > 0
    rates = {info["learning_rate"] for info in told}
    assert rates == ({0.001} if solver in ("adam", "sgd", "rprop") else {None})
    # They change nothing.
    plain = clone(net).set_params(callbacks=None)
    fit(plain, X[:80], y[:80], eval_set=(X[80:], y[80:]))
    assert_array_equal(plain.coefs_[0], net.coefs_[0])


def test_the_rate_told_is_that_of_the_epoch():
    _, _, X, y = problem("regression")
    rates = []
    net = MLPRegressor(
        solver="sgd",
        learning_rate="invscaling",
        callbacks=lambda _, info: rates.append(info["learning_rate"]),
        **QUICK,
    )
    fit(net, X, y)
    assert_allclose(rates, [0.001] + [0.001 / np.sqrt(len(X) * k + 1) for k in range(1, 6)])


def stop(estimator, info):
    return info["epoch"] == 3


def stop_by_exception(estimator, info):
    if info["epoch"] == 3:
        raise StopIteration


@pytest.mark.parametrize("callback", [stop, stop_by_exception])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_ends_the_training(solver, callback):
    _, _, X, y = problem("regression")
    after = []
    net = MLPRegressor(
        solver=solver, callbacks=[callback, lambda _, info: after.append(info["epoch"])], **QUICK
    )
    net.fit(X, y)
    assert net.n_iter_ == 3
    assert net.stop_reason_ == "callback"
    assert after == [1, 2, 3]
    wanted = fit(MLPRegressor(solver=solver, **QUICK | {"max_iter": 3}), X, y)
    assert_array_equal(net.coefs_[0], wanted.coefs_[0])


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_an_exception_leaves_the_best_weights(solver, early_stopping):
    _, _, X, y = problem("regression")
    held = (X[80:], -y[80:])  # which training makes worse

    def fail(estimator, info):
        if info["epoch"] == 4:
            raise ZeroDivisionError("a defect of the callback")

    shape = QUICK | {"max_iter": 50, "early_stopping": early_stopping, "learning_rate_init": 0.02}
    net = MLPRegressor(solver=solver, callbacks=fail, **shape)
    with pytest.raises(ZeroDivisionError, match="a defect of the callback"):
        net.fit(X[:80], y[:80], eval_set=held)
    assert net.n_iter_ == 4
    assert len(net.validation_scores_) == 4
    wanted = max(net.validation_scores_) if early_stopping else net.validation_scores_[-1]
    assert_allclose(net.score(*held), wanted, rtol=1e-12)
    assert net.validation_scores_[-1] < max(net.validation_scores_)
    # Fitted, to be pickled and gone on with.
    net.set_params(callbacks=None, max_iter=2)
    pickle.loads(pickle.dumps(net)).predict(X)
    fit(net, X, y)


def test_partial_fit_calls_back():
    _, _, X, y = problem("regression")
    told = []
    net = MLPRegressor(callbacks=lambda _, info: told.append(info["loss"]), **QUICK)
    net.partial_fit(X, y).partial_fit(X, y)
    assert told == net.loss_curve_
    assert len(told) == 2


def test_callbacks_that_are_none():
    _, _, X, y = problem("regression")
    with pytest.raises(TypeError, match="callables of"):
        MLPRegressor(callbacks=["print"], **QUICK).fit(X, y)
    with pytest.raises(ValueError, match="The 'callbacks' parameter"):
        MLPRegressor(callbacks=3, **QUICK).fit(X, y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_time_limit(solver):
    _, _, X, y = problem("regression")
    shape = QUICK | {"max_iter": 10**6, "n_iter_no_change": 10**6, "tol": 0}
    net = MLPRegressor(solver=solver, time_limit=0.2, callbacks=lambda *_: time.sleep(0.01), **shape)
    start = time.perf_counter()
    with pytest.warns(ConvergenceWarning, match=r"time_limit=0.2 s after \d+ epochs"):
        net.fit(X, y)
    assert time.perf_counter() - start < 20
    assert net.stop_reason_ == "time_limit"
    assert net.n_iter_ >= 1
    assert np.isfinite(net.predict(X)).all()
    with pytest.raises(ValueError, match="The 'time_limit' parameter"):
        MLPRegressor(time_limit=0).fit(X, y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype("float32"), np.float64, "float64"])
def test_the_type_to_compute_in(dtype, solver):
    _, _, X, y = problem("multi-class")
    for given in (X, X.astype(np.float32)):
        net = fit(MLPClassifier(dtype=dtype, solver=solver, **QUICK), given, y)
        assert {coef.dtype for coef in net.coefs_ + net.intercepts_} == {np.dtype(dtype)}
        assert net.predict_proba(given).dtype == np.dtype(dtype)
        assert clone(net).get_params()["dtype"] == dtype
    with pytest.raises(ValueError, match="The 'dtype' parameter"):
        MLPClassifier(dtype=np.int32).fit(X, y)
