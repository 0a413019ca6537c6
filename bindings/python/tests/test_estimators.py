"""Arrays of every order and type, pickles, forks, and what our classes do better."""

import multiprocessing
import os
import pickle
import signal
import threading
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import KINDS, both, fit, problem
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from retrograde import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": 8, "max_iter": 4, "random_state": 1}


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_float32(kind, solver):
    name, further, X, y = problem(kind)
    our, _ = both(name, solver=solver, **QUICK, **further)
    fit(our, X.astype(np.float32), y)
    assert {weights.dtype for weights in our.coefs_ + our.intercepts_} == {np.dtype(np.float32)}
    X = X.astype(np.float32)
    outputs = our.predict_proba(X) if name == "MLPClassifier" else our.predict(X)
    assert outputs.dtype == np.float32
    if name == "MLPClassifier":
        assert our.predict_log_proba(X).dtype == np.float32


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_orders_and_sparse_containers_change_nothing(solver, early_stopping):
    name, _, X, y = problem("multi-class")
    X[np.abs(X) < 0.5] = 0
    wanted, _ = both(name, solver=solver, early_stopping=early_stopping, **QUICK)
    fit(wanted, X, y)
    wide = sparse.csr_array(X)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    unsorted = sparse.csc_matrix(X).tocsr()
    for row in range(unsorted.shape[0]):
        part = slice(unsorted.indptr[row], unsorted.indptr[row + 1])
        unsorted.indices[part] = unsorted.indices[part][::-1].copy()
        unsorted.data[part] = unsorted.data[part][::-1].copy()
    unsorted.has_sorted_indices = False
    unsorted.has_canonical_format = False
    frozen = X.copy()
    frozen.flags.writeable = False
    others = [np.asfortranarray(X), X[::-1][::-1], sparse.csr_matrix(X), sparse.csc_array(X), wide, unsorted, frozen]
    for other in others:
        found = fit(clone(wanted), other, y)
        for a, b in zip(found.coefs_, wanted.coefs_):
            assert_array_equal(a, b)
        assert_array_equal(found.predict_proba(other), wanted.predict_proba(X))


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_pickle_goes_on_where_it_was(solver):
    name, _, X, y = problem("multi-class")
    our, _ = both(name, solver=solver, **QUICK)
    our.partial_fit(X, y, classes=np.unique(y))
    other = pickle.loads(pickle.dumps(our))
    our.partial_fit(X, y)
    other.partial_fit(X, y)
    for a, b in zip(our.coefs_, other.coefs_):
        assert_array_equal(a, b)


def test_no_log_probability_is_infinite():
    name, _, X, y = problem("binary")
    our = fit(MLPClassifier(hidden_layer_sizes=(), random_state=1, max_iter=1), X, y)
    our.coefs_, our.intercepts_ = [np.array([[1.0]])], [np.zeros(1)]
    our.n_features_in_ = 1
    z = np.array([[-745.0], [-40], [0], [40], [745]])
    found = our.predict_log_proba(z)
    tail = -np.exp(-40.0)
    wanted = [[0, -745], [tail, -40], [-np.log(2), -np.log(2)], [-40, tail], [-745, 0]]
    assert_allclose(found, wanted, rtol=1e-12, atol=1e-300)
    assert_allclose(our.predict_proba(z)[3], [np.exp(-40.0), 1], rtol=1e-12)


def test_weights_that_somebody_put_there_are_used():
    name, _, X, y = problem("regression")
    our, their = both(name, **QUICK)
    fit(our, X, y)
    fit(their, X, y)
    for estimator in (our, their):
        estimator.coefs_[0][:] = np.linspace(-1, 1, estimator.coefs_[0].size).reshape(estimator.coefs_[0].shape)
    assert_allclose(our.predict(X), their.predict(X), rtol=1e-9)


class Interrupted(MLPRegressor):
    """Somebody presses Ctrl-C soon after the first epoch."""

    def _score(self, *arguments):
        if self.n_iter_ == 1:
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        return super()._score(*arguments)


def test_ctrl_c_keeps_what_was_learnt():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(5_000, 50))
    our = Interrupted(
        hidden_layer_sizes=(200, 200), max_iter=10**6, early_stopping=True, n_iter_no_change=10**6
    )
    with pytest.warns(UserWarning, match="Training interrupted by user."):
        our.fit(X, X[:, 0])
    assert 1 <= our.n_iter_ < 10**6
    assert np.isfinite(our.predict(X[:5])).all()


def _fit_in_child(queue):
    name, _, X, y = problem("regression")
    queue.put(fit(both(name, **QUICK)[0], X, y).coefs_[0])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_trains_too():
    name, _, X, y = problem("regression")
    here = fit(both(name, **QUICK)[0], X, y).coefs_[0]
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = context.Process(target=_fit_in_child, args=(queue,))
        child.start()
    there = queue.get(timeout=60)
    child.join(60)
    assert_array_equal(here, there)


def test_inside_joblib():
    name, _, X, y = problem("multi-class")
    our, _ = both(name, **QUICK)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_array_equal(cross_val_score(our, X, y, n_jobs=2), cross_val_score(our, X, y))


def test_lbfgs_has_no_partial_fit():
    for estimator in (MLPClassifier(solver="lbfgs"), MLPRegressor(solver="lbfgs")):
        assert not hasattr(estimator, "partial_fit")


def test_targets_that_the_loss_does_not_know():
    with pytest.raises(ValueError, match="non-negative y; row 1 has -1.0"):
        MLPRegressor("poisson").fit([[1.0], [2.0]], [1.0, -1.0])
