"""Threads: how many, beside others, and that the numbers are the same with any."""

import os

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from numpy.testing import assert_array_equal
from problems import fit, problem
from sklearn.model_selection import cross_val_score
from threadpoolctl import threadpool_limits

from retrograde import MLPClassifier, MLPRegressor, _core
from retrograde._threads import threads

CORES = os.cpu_count() or 1
ALL = 0


@pytest.fixture(autouse=True)
def no_limit(monkeypatch):
    """Whatever started the tests may have one."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with threadpool_limits(CORES, user_api="openmp"):
        yield


def taken(n_jobs=None):
    """What a network would take here, in a thread or process of joblib's."""
    return threads(MLPClassifier(n_jobs=n_jobs))


def in_workers(n_jobs=None):
    return Parallel()(delayed(taken)(n_jobs) for _ in range(3))


def test_any_number_gives_the_same_numbers(monkeypatch):
    rng = np.random.RandomState(0)
    # Wide and many enough for several threads.
    X = rng.normal(size=(1500, 40))
    y = X[:, 0] * X[:, 1]
    nets = [
        fit(MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=3, random_state=1, n_jobs=n_jobs), X, y)
        for n_jobs in (None, 1, 2, -1, -2)
    ]
    for net in nets[1:]:
        assert_array_equal(net.coefs_[1], nets[0].coefs_[1])
        assert_array_equal(net.predict(X), nets[0].predict(X))
        assert_array_equal(net.pull(X, y), nets[0].pull(X, y))
        for layer, expected in zip(net.layer_activations(X), nets[0].layer_activations(X), strict=True):
            assert_array_equal(layer, expected)
    asked = []
    predict = _core.predict
    monkeypatch.setattr(_core, "predict", lambda *a: asked.append(a[-1]) or predict(*a))
    for net in nets:
        net.predict(X)
    assert asked == [ALL, 1, 2, ALL, max(1, CORES - 1)]
    with pytest.raises(ValueError, match="n_jobs == 0"):
        MLPRegressor(n_jobs=0).fit(X, y)


def test_limits_of_the_environment_and_of_threadpoolctl(monkeypatch):
    with threadpool_limits(1):
        assert (taken(), taken(3)) == (1, 3)
    with threadpool_limits(1, user_api="blas"):
        assert taken() == ALL
    for text, expected in [("1", 1), ("1,4", 1), ("0", ALL), ("", ALL), ("many", ALL), (str(CORES + 1), ALL)]:
        monkeypatch.setenv("OMP_NUM_THREADS", text)
        assert taken() == expected, text


@pytest.mark.parametrize("n_jobs, expected", [(3, 3), (1, 1), (-1, ALL)])
def test_what_parallel_config_says(n_jobs, expected):
    with parallel_config(n_jobs=n_jobs):
        assert (taken(), taken(2)) == (expected, 2)
    with parallel_config(backend="threading", n_jobs=n_jobs):
        assert taken() == expected
    assert taken() == ALL


@pytest.mark.parametrize("backend", ["threading", "multiprocessing"])
def test_workers_without_a_limit_of_their_own_take_one(backend):
    with parallel_config(backend=backend, n_jobs=2):
        assert in_workers() == [1, 1, 1]
        assert in_workers(2) == [2, 2, 2]


def test_threads_of_a_process_with_a_limit_take_one(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", str(CORES + 3))
    with parallel_config(backend="threading", n_jobs=2):
        assert in_workers() == [1, 1, 1]


@pytest.mark.skipif(CORES == 1, reason="a single core has nothing to share")
def test_joblibs_processes_share_the_cores():
    with parallel_config(backend="loky", n_jobs=2):
        assert in_workers() == [CORES // 2] * 3
    with parallel_config(backend="loky", n_jobs=2, inner_max_num_threads=1):
        assert in_workers() == [1] * 3


@pytest.mark.filterwarnings("ignore:.*iterations.*")
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_scores_are_the_same_in_any_backend(backend):
    _, _, X, y = problem("multi-class")
    net = MLPClassifier((12,), max_iter=5, random_state=0)
    expected = cross_val_score(net, X, y, cv=4)
    with parallel_config(backend=backend, n_jobs=2):
        assert_array_equal(cross_val_score(net, X, y, cv=4), expected)
