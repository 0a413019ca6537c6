"""The compiled core: gradients, errors, Ctrl-C, threads and pickles."""

import copy
import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from retrograde import _core

NETWORK = _core.Network([4, 5, 3], ["tanh"], "softmax", "cross-entropy")


def rows(m=20, dtype=np.float64):
    rng = np.random.RandomState(1)
    x = rng.normal(size=(m, 4)).astype(dtype)
    y = np.eye(3, dtype=dtype)[rng.randint(3, size=m)]
    return x, y, rng.uniform(0.5, 2, m).astype(dtype)


def theta(dtype=np.float64):
    return np.random.RandomState(2).normal(size=NETWORK.weight_count).astype(dtype)


def test_the_gradient_is_that_of_the_cost():
    at, data = theta(), rows()
    _, grad = _core.cost_and_grad(NETWORK, at, data, 0.7, 1)
    for i in range(len(at)):
        step = np.eye(len(at))[i] * 1e-6
        above = _core.cost_and_grad(NETWORK, at + step, data, 0.7, 1)[0]
        below = _core.cost_and_grad(NETWORK, at - step, data, 0.7, 1)[0]
        assert_allclose((above - below) / 2e-6, grad[i], atol=1e-8)


def test_the_check_is_plain_objects():
    report = _core.check(NETWORK, theta(), rows(), {"alpha": 0.1, "weights": None, "rows": 10, "seed": 1})
    assert report["verdict"] == "agrees"
    assert len(report["results"]) == NETWORK.weight_count == report["weights"]
    assert len(report["rows"]) == 10
    assert report["diagnosis"] is None


def test_a_sparse_matrix_is_the_same_rows():
    x, y, weights = rows()
    x[np.abs(x) < 0.7] = 0
    csr = sparse.csr_matrix(x)
    parts = (csr.data, csr.indices.astype(np.uint32), csr.indptr.astype(np.uintp))
    dense = _core.cost_and_grad(NETWORK, theta(), (x, y, weights), 0.1, 1)
    thin = _core.cost_and_grad(NETWORK, theta(), (parts, y, weights), 0.1, 1)
    assert dense[0] == thin[0]
    assert_array_equal(dense[1], thin[1])
    assert_array_equal(_core.predict(NETWORK, theta(), x, 1), _core.predict(NETWORK, theta(), parts, 1))


@pytest.mark.parametrize(
    "change, error, text",
    [
        (lambda a: a | {"theta": theta()[1:]}, ValueError, "weights"),
        (lambda a: a | {"theta": theta().astype(int)}, TypeError, "float32 or float64"),
        (lambda a: a | {"theta": "theta"}, TypeError, "float32 or float64"),
        (lambda a: a | {"theta": theta(np.float32)}, TypeError, "float32"),
        (lambda a: a | {"x": rows()[0][:, :3].copy()}, ValueError, "input matrix is 20×3"),
        (lambda a: a | {"x": np.asfortranarray(rows()[0])}, ValueError, "row-major"),
        (lambda a: a | {"x": rows()[0] * np.nan}, ValueError, "finite"),
        (lambda a: a | {"x": rows()[0][0]}, TypeError, "a matrix"),
        (lambda a: a | {"y": rows()[1] * 2}, ValueError, "probability"),
        (lambda a: a | {"y": rows(19)[1]}, ValueError, "target matrix"),
        (lambda a: a | {"weights": -rows()[2]}, ValueError, "0 or more"),
        (lambda a: a | {"weights": 0 * rows()[2]}, ValueError, "sum"),
        (lambda a: a | {"weights": rows()[2][1:]}, ValueError, "one for each"),
        (lambda a: a | {"alpha": -1.0}, ValueError, "lambda"),
    ],
)
def test_errors(change, error, text):
    x, y, weights = rows()
    given = change({"theta": theta(), "x": x, "y": y, "weights": weights, "alpha": 0.0})
    data = (given["x"], given["y"], given["weights"])
    with pytest.raises(error, match=text):
        _core.cost_and_grad(NETWORK, given["theta"], data, given["alpha"], 1)


@pytest.mark.parametrize(
    "arguments, text",
    [
        (([4], [], "softmax", "cross-entropy"), "layers"),
        (([4, 0, 2], ["relu"], "softmax", "cross-entropy"), "layers"),
        (([4, 2], ["rellu"], "softmax", "cross-entropy"), "rellu"),
        (([4, 2], [], "softmax", "hinge"), "hinge"),
        (([4, 2], [], "identity", "cross-entropy"), "cannot follow"),
        (([2**40, 2**40], [], "identity", "squared-error"), "weights"),
    ],
)
def test_networks_that_cannot_be(arguments, text):
    with pytest.raises(ValueError, match=text):
        _core.Network(*arguments)


PLAIN = {"weight_decay": 0.0, "dropout": [], "seed": 0}
SETTINGS = {"alpha": 0.1, "batch": 7, "threads": 2, **PLAIN}


def epochs(method, at, count, order=None, data=None):
    """Runs so many epochs and returns their costs."""
    costs = []

    def next_epoch(cost):
        costs.append(cost)
        return None if len(costs) > count else (order, 0.05)

    _core.fit_epochs(NETWORK, at, data or rows(), method, SETTINGS, next_epoch)
    return costs[1:]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["sgd", "nesterov", "adam"])
def test_a_method_pickles_with_its_state(kind, dtype):
    def begin(at):
        return getattr(_core.Method, kind)(at, *((0.9, 0.999, 1e-8) if kind == "adam" else (0.9,)))

    whole = theta(dtype)
    costs = epochs(begin(whole), whole, 4, data=rows(dtype=dtype))
    parted = theta(dtype)
    method = begin(parted)
    first = epochs(method, parted, 2, data=rows(dtype=dtype))
    for transport in (lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy):
        at = parted.copy()
        second = epochs(transport(method), at, 2, data=rows(dtype=dtype))
        assert first + second == costs
        assert_array_equal(at, whole)


def test_states_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="state"):
        _core.Method(b"nonsense")
    with pytest.raises(ValueError, match="weights"):
        epochs(_core.Method.adam(theta()[1:], 0.9, 0.999, 1e-8), theta(), 1)
    with pytest.raises(TypeError, match="another type"):
        epochs(_core.Method.adam(theta(np.float32), 0.9, 0.999, 1e-8), theta(), 1)


def test_a_method_survives_errors():
    method = _core.Method.sgd(theta(), 0.9)
    with pytest.raises(ValueError, match="rows"):
        epochs(method, theta(), 1, order=np.array([20], dtype=np.uint32))
    with pytest.raises(TypeError, match="order"):
        epochs(method, theta(), 1, order=np.arange(20))
    with pytest.raises(ZeroDivisionError):
        _core.fit_epochs(NETWORK, theta(), rows(), method, SETTINGS, lambda cost: 1 / 0)
    with pytest.raises(ValueError, match="batch"):
        _core.fit_epochs(NETWORK, theta(), rows(), method, SETTINGS | {"batch": 0}, lambda cost: None)
    assert len(epochs(method, theta(), 2)) == 2


def test_a_theta_that_may_not_be_written():
    at = theta()
    at.flags.writeable = False
    with pytest.raises(ValueError, match="theta"):
        epochs(_core.Method.sgd(at, 0.9), at, 1)


def large():
    """Weights and rows of which an epoch takes seconds."""
    network = _core.Network([50, 400, 400, 1], ["relu"], "identity", "squared-error")
    rng = np.random.RandomState(0)
    x = rng.normal(size=(50_000, 50))
    at = 0.05 * rng.normal(size=network.weight_count)
    return network, at, (x, x[:, :1].copy(), None)


def soon():
    """Ctrl-C in a moment."""
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()


def forever(network, at, data):
    settings = {"alpha": 0.0, "batch": 100, "threads": 1, **PLAIN}

    def next_epoch(cost):
        if cost is None:
            return np.arange(100, dtype=np.uint32), 1e-4
        soon()
        return None, 1e-4

    _core.fit_epochs(network, at, data, _core.Method.sgd(at, 0.9), settings, next_epoch)


def by_lbfgs(network, at, data):
    settings = {"alpha": 0.0, "max_iter": 10**6, "max_fun": 10**9, "tol": 0.0, "cost_tol": -1.0, "threads": 1}
    data = tuple(None if a is None else a[:1_000].copy() for a in data)
    heard = []

    def after_iteration(iteration, cost):
        if not heard:
            heard.append(iteration)
            soon()

    _core.fit_batch(network, at, data, "lbfgs", settings, after_iteration)


@pytest.mark.parametrize("train", [forever, by_lbfgs])
def test_ctrl_c_is_heard(train):
    problem = large()
    before = problem[1].copy()
    with pytest.raises(KeyboardInterrupt):
        train(*problem)
    assert np.isfinite(problem[1]).all()
    assert not np.array_equal(problem[1], before)


def test_other_threads_run_meanwhile():
    ticks = []
    ended = threading.Event()

    def tick():
        while not ended.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.005)

    clock = threading.Thread(target=tick)
    network, at, data = large()
    settings = {"alpha": 0.0, "batch": 100, "threads": 1, **PLAIN}
    clock.start()
    try:
        seen = len(ticks)
        answers = iter([(np.arange(5_000, dtype=np.uint32), 1e-4), None])
        _core.fit_epochs(network, at, data, _core.Method.sgd(at, 0.9), settings, lambda cost: next(answers))
        seen = len(ticks) - seen
    finally:
        ended.set()
        clock.join()
    assert seen > 5


def test_two_trainings_cannot_share_weights():
    at = theta()
    method = _core.Method.sgd(at, 0.9)

    def next_epoch(cost):
        if cost is not None:
            return None
        with pytest.raises(RuntimeError, match="another training"):
            epochs(method, theta(), 1)
        # θ may be looked at between two epochs.
        _core.predict(NETWORK, at, rows()[0], 1)
        return None, 0.1

    _core.fit_epochs(NETWORK, at, rows(), method, SETTINGS, next_epoch)


def test_constants_of_losses():
    for loss, constants in (("huber", [0.5]), ("quantile", [0.1, 0.5, 0.9]), ("absolute", [])):
        network = _core.Network([4, 5, 3], ["tanh"], "identity", loss, constants)
        cost, grad = _core.cost_and_grad(network, theta(), rows(), 0.0, 1)
        step = 1e-7 * grad
        above = _core.cost_and_grad(network, theta() + step, rows(), 0.0, 1)[0]
        assert_allclose((above - cost) / 1e-7, grad @ grad, rtol=1e-4)
    for loss, constants, text in (
        ("huber", [], "needs one constant"),
        ("huber", [-1.0], "positive"),
        ("quantile", [0.5], "one for each of the 3 outputs"),
        ("quantile", [0.5, 0.5, 1.0], "between 0 and 1"),
        ("squared-error", [1.0], "has no constants"),
        ("squared", [], "is no loss; choose one of"),
    ):
        with pytest.raises(ValueError, match=text):
            _core.Network([4, 5, 3], ["tanh"], "identity", loss, constants)


@pytest.mark.parametrize(
    "new",
    [
        lambda at: _core.Method.adamw(at, 0.9, 0.999, 1e-8),
        lambda at: _core.Method.rmsprop(at, 0.99, 1e-8),
        lambda at: _core.Method.rprop(at),
    ],
)
def test_further_methods_go_on_from_a_pickle(new):
    settings = {"alpha": 0.1, "batch": 7, "threads": 1, "weight_decay": 0.5, "dropout": [0.0, 0.3], "seed": 5}

    def epochs(count):
        left = iter([(None, 0.01)] * count)
        return lambda _: next(left, None)

    def run(at, method, count):
        _core.fit_epochs(NETWORK, at, rows(), method, settings, epochs(count))

    at = theta()
    method = new(at)
    run(at, method, 2)
    other, copied = pickle.loads(pickle.dumps(method)), at.copy()
    run(at, method, 2)
    run(copied, other, 2)
    assert_array_equal(at, copied)
    assert np.abs(at - theta()).max() > 1e-3
    for change in ({"dropout": [0.3, 0.3]}, {"dropout": [0, 0, 1.0]}, {"weight_decay": -1.0}):
        network = _core.Network([4, 5, 5, 3], ["tanh"], "softmax", "cross-entropy")
        wide = np.zeros(network.weight_count)
        with pytest.raises(ValueError, match="dropout|decay"):
            _core.fit_epochs(network, wide, rows(), new(wide), settings | {"dropout": [0, 0, 0]} | change, epochs(1))


def test_layers_and_pulls_refuse_other_shapes():
    x, y, weights = rows()
    assert [a.shape for a in _core.layers(NETWORK, theta(), x, 2)] == [(20, 5), (20, 3)]
    assert _core.layers(NETWORK, theta(), x[:0], 2)[1].shape == (0, 3)
    with pytest.raises(ValueError, match="x has 3 columns; expected 4"):
        _core.layers(NETWORK, theta(), x[:, :3].copy(), 1)
    with pytest.raises(ValueError, match="weights"):
        _core.layers(NETWORK, theta()[1:], x, 1)
    with pytest.raises(ValueError, match="target matrix"):
        _core.pull(NETWORK, theta(), (x, y[1:], weights), 1)
    assert _core.pull(NETWORK, theta(np.float32), rows(dtype=np.float32), 1).dtype == np.float64


def test_what_suits_a_network():
    assert NETWORK.automatic(1000) == "lbfgs"
    assert NETWORK.automatic(10**6) == "adam"
    assert _core.Network([4, 5, 3], ["tanh"], "identity", "squared-error").automatic(1000) == "lm"


def test_after_each_iteration_theta_is_moved():
    at, seen = theta(), []
    settings = {"alpha": 0.1, "max_iter": 5, "max_fun": 100, "tol": 0.0, "cost_tol": 0.0, "threads": 1}

    def look(iteration, cost):
        assert_allclose(_core.cost_and_grad(NETWORK, at, rows(), 0.1, 1)[0], cost, rtol=1e-13)
        seen.append(iteration)
        if iteration == 3:
            raise KeyError("of the caller")

    with pytest.raises(KeyError, match="of the caller"):
        _core.fit_batch(NETWORK, at, rows(), "lbfgs", settings, look)
    assert seen == [1, 2, 3]
