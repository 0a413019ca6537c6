"""J and its gradient for others, the check, each row's pull, each layer's activations."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import KINDS, fit, ours_alone, problem, row_weights
from scipy import sparse
from scipy.optimize import check_grad, minimize
from sklearn.exceptions import NotFittedError

from retrograde import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": (5, 4), "activation": "tanh", "max_iter": 4, "random_state": 1}


def fitted(kind, **parameters):
    name, further, X, y = problem(kind)
    net = ours_alone(name, **QUICK | further | parameters)
    return fit(net, X, y), X, y


@pytest.mark.parametrize("weights", [None, row_weights()], ids=["", "weights"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_that_of_the_cost(kind, weights):
    net, X, y = fitted(kind, alpha=0.3)
    theta = net.theta_ + 0.1
    cost, grad = net.cost_and_grad(theta, X, y, weights)
    assert isinstance(cost, float)
    assert grad.shape == theta.shape
    error = check_grad(
        lambda t: net.cost_and_grad(t, X, y, weights)[0],
        lambda t: net.cost_and_grad(t, X, y, weights)[1],
        theta,
        epsilon=1e-7,
    )
    assert error < 1e-5 * (1 + np.linalg.norm(grad))
    # The estimator's own weights are not touched.
    assert_array_equal(net.theta_ + 0.1, theta)


@pytest.mark.parametrize("kind", ["binary", "regression", "poisson"])
def test_scipy_trains_it(kind):
    net, X, y = fitted(kind, hidden_layer_sizes=(), alpha=1.0)
    found = minimize(net.cost_and_grad, net.theta_, (X, y), jac=True, method="BFGS", options={"gtol": 1e-9})
    net.set_theta(found.x)
    name, further, _, _ = problem(kind)
    shape = QUICK | {"hidden_layer_sizes": (), "alpha": 1.0, "tol": 1e-9, "max_iter": 500}
    other = fit(ours_alone(name, solver="lbfgs", **shape, **further), X, y)
    assert_allclose(found.fun, other.loss_, rtol=1e-9)
    assert_allclose(net.theta_, other.theta_, rtol=1e-4, atol=1e-6)
    assert_allclose(net.predict(X[:5]) == other.predict(X[:5]) if kind == "binary" else 1, 1)


def test_class_weights_are_in_it():
    net, X, y = fitted("multi-class", class_weight="balanced", solver="lbfgs")
    assert_allclose(net.cost_and_grad(net.theta_, X, y)[0], net.loss_, rtol=1e-12)


def test_theta():
    net, X, _ = fitted("regression")
    answers, theta = net.predict(X), net.theta_
    w = net.coefs_[0]
    assert_array_equal(theta[: w.size], w.T.ravel())
    assert_array_equal(theta[w.size : w.size + 5], net.intercepts_[0])
    theta[:] = 0
    assert_array_equal(net.predict(X), answers)
    assert_array_equal(net.set_theta(theta).predict(X), np.zeros(len(X)))
    theta[:] = 1
    assert not net.theta_.any()
    assert not hasattr(MLPRegressor(), "theta_")
    narrow, _, _ = fitted("regression", dtype=np.float32)
    assert narrow.theta_.dtype == narrow.set_theta(theta).coefs_[0].dtype == np.float32


def test_errors():
    net, X, y = fitted("regression")
    with pytest.raises(ValueError, match=r"shape \(3,\); expected \(64,\)"):
        net.set_theta([1.0, 2, 3])
    with pytest.raises(ValueError, match="shape"):
        net.cost_and_grad(net.theta_[None], X, y)
    with pytest.raises(ValueError, match="features"):
        net.pull(X[:, 1:], y)
    with pytest.raises(ValueError, match="2 outputs; the network has 1"):
        net.pull(X, np.column_stack([y, y]))
    for call in (
        lambda new: new.cost_and_grad(net.theta_, X, y),
        lambda new: new.set_theta(net.theta_),
        lambda new: new.check(X, y),
        lambda new: new.pull(X, y),
        lambda new: new.layer_activations(X),
    ):
        with pytest.raises(NotFittedError):
            call(MLPRegressor())


@pytest.mark.parametrize("kind", KINDS)
def test_the_check(kind):
    net, X, y = fitted(kind, alpha=0.3)
    report = net.check(X, y, n_weights=None, n_rows=20)
    assert report.verdict == report["verdict"] == "agrees"
    assert len(report["results"]) == report["weights"] == len(net.theta_)
    assert len(report["rows"]) == 20
    text = str(report)
    assert text.startswith(f"The gradient agrees: {len(net.theta_)} agrees, of {len(net.theta_)} derivatives on 20")
    assert "L1[1,1]" in text
    assert len(net.check(X, y, n_weights=5)["results"]) >= 5


def test_the_check_of_a_network_in_float32():
    net, X, y = fitted("multi-class", dtype=np.float32)
    assert net.check(X, y).verdict == "agrees"


@pytest.mark.parametrize("weights", [None, row_weights()], ids=["", "weights"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_pull_is_the_norm_of_a_rows_own_gradient(kind, weights):
    net, X, y = fitted(kind)
    norms = net.pull(X, y, weights)
    net.set_params(alpha=0.0)
    for k in range(0, len(X), 3):
        # J of a row alone is its loss, whatever it weighs.
        _, grad = net.cost_and_grad(net.theta_, X[[k]], y[[k]])
        weight = 1 if weights is None else weights[k]
        assert_allclose(norms[k], weight * np.linalg.norm(grad), rtol=1e-12, atol=1e-15)
    assert_array_equal(net.pull(sparse.csr_array(X), y, weights), norms)


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer(kind):
    net, X, y = fitted(kind)
    X = np.where(np.abs(X) < 0.3, 0, X)
    layers = net.layer_activations(X)
    assert [layer.shape for layer in layers] == [(len(X), 5), (len(X), 4), (len(X), net.n_outputs_)]
    assert_allclose(layers[0], np.tanh(X @ net.coefs_[0] + net.intercepts_[0]), rtol=1e-12)
    assert_allclose(layers[1], np.tanh(layers[0] @ net.coefs_[1] + net.intercepts_[1]), rtol=1e-12)
    outputs = net.predict_proba(X) if isinstance(net, MLPClassifier) else net.predict(X)
    outputs = outputs[:, 1:] if kind == "binary" else outputs.reshape(len(X), -1)
    assert_allclose(layers[2], outputs, rtol=1e-12)
    for a, b in zip(net.layer_activations(sparse.csc_matrix(X)), layers):
        assert_array_equal(a, b)
    assert net.layer_activations(X.astype(np.float32))[0].dtype == np.float64
