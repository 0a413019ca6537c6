"""The regressor's losses: values, gradients, what they estimate, and what they refuse."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from problems import fit, problem
from scipy.special import xlogy

from retrograde import MLPRegressor

FORMULAS = {
    "squared_error": lambda a, y: (a - y) ** 2 / 2,
    "absolute_error": lambda a, y: np.abs(a - y),
    "huber": lambda a, y: np.where(
        np.abs(a - y) <= 0.7, (a - y) ** 2 / 2, 0.7 * (np.abs(a - y) - 0.35)
    ),
    "quantile": lambda a, y: np.maximum(0.8 * (y - a), 0.2 * (a - y)),
    "poisson": lambda a, y: a - y + xlogy(y, y) - y * np.log(a),
    "gamma": lambda a, y: np.log(a / y) + y / a - 1,
}
FURTHER = {"huber": {"delta": 0.7}, "quantile": {"quantile": 0.8}}
QUICK = {"hidden_layer_sizes": 5, "activation": "tanh", "alpha": 0.5, "max_iter": 4, "random_state": 1}


def data(loss, outputs=1):
    _, _, X, z = problem("multi-output")
    z = z[:, :outputs]
    y = np.exp(0.3 * z) if loss == "gamma" else np.round(np.exp(0.3 * z)) if loss == "poisson" else z
    return X, y[:, 0] if outputs == 1 else y


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize("loss", FORMULAS)
def test_the_loss_is_the_function_descended(loss, solver, outputs):
    X, y = data(loss, outputs)
    net = MLPRegressor(loss, solver=solver, **FURTHER.get(loss, {}), **QUICK)
    fit(net, X, y)
    assert len(net.loss_curve_) == net.n_iter_
    assert net.loss_curve_[-1] < net.loss_curve_[0]
    a, penalty = net.predict(X), sum((coef**2).sum() for coef in net.coefs_)
    wanted = FORMULAS[loss](a, y).sum() / len(X) + 0.5 * penalty / 2 / len(X)
    found, grad = net.cost_and_grad(net.theta_, X, y)
    assert_allclose(found, wanted, rtol=1e-12)
    if solver == "lbfgs":
        assert_allclose(net.loss_, wanted, rtol=1e-12)
    for i in range(0, len(grad), 7):
        step = np.eye(len(grad))[i] * 1e-6
        above, below = (net.cost_and_grad(net.theta_ + s, X, y)[0] for s in (step, -step))
        # Some rows of the losses with corners may lie within the step.
        assert_allclose((above - below) / 2e-6, grad[i], rtol=1e-5, atol=1e-7)
    assert net.check(X, y).verdict == "agrees"


def test_what_they_estimate():
    # No inputs to speak of: the best constant of each loss is known.
    rng = np.random.RandomState(0)
    y, X = rng.gamma(2, size=2001), np.zeros((2001, 1))
    wanted = {
        "squared_error": y.mean(),
        "absolute_error": np.median(y),
        "quantile": np.quantile(y, 0.8),
        "poisson": y.mean(),
        "gamma": y.mean(),
    }
    for loss, best in wanted.items():
        net = MLPRegressor(
            loss,
            (),
            solver="rprop",
            quantile=0.8,
            alpha=0,
            max_iter=400,
            n_iter_no_change=np.inf,
            learning_rate_init=0.1,
            random_state=1,
        )
        fit(net, X, y)
        assert net.predict([[0.0]])[0] == pytest.approx(best, abs=5e-3), loss


def test_a_level_for_each_output():
    rng = np.random.RandomState(0)
    y = rng.normal(size=1001)
    net = MLPRegressor(
        "quantile",
        (),
        solver="rprop",
        quantile=[0.1, 0.5, 0.9],
        alpha=0,
        max_iter=400,
        n_iter_no_change=np.inf,
        random_state=1,
    )
    fit(net, np.zeros((1001, 1)), np.column_stack([y, y, y]))
    assert_allclose(net.predict([[0.0]])[0], np.quantile(y, [0.1, 0.5, 0.9]), atol=5e-3)


@pytest.mark.parametrize(
    "parameters, y, text",
    [
        ({"loss": "poisson"}, [1.0, -1.0], "loss='poisson' requires non-negative y; row 1 has -1.0"),
        ({"loss": "gamma"}, [0.0, 1.0], "loss='gamma' requires strictly positive y; row 0 has 0.0"),
        ({"loss": "gamma"}, [[1.0, 2], [1, -3]], "row 1 has -3.0"),
        ({"loss": "huber", "delta": 0.0}, [1.0, 2.0], "The 'delta' parameter"),
        ({"loss": "quantile", "quantile": 1.0}, [1.0, 2.0], "The 'quantile' parameter"),
        ({"loss": "quantile", "quantile": [0.1, 0.9]}, [1.0, 2.0], "2 levels for 1 outputs"),
        ({"loss": "quantile", "quantile": [0.0, 0.9]}, [[1.0, 2], [1, 3]], "above 0 and below 1"),
        ({"loss": "absolute"}, [1.0, 2.0], "The 'loss' parameter"),
    ],
)
def test_errors(parameters, y, text):
    with pytest.raises(ValueError, match=text):
        MLPRegressor(**parameters).fit([[1.0], [2.0]], y)
