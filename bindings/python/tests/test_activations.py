"""Activations by the core's names, one for all hidden layers or one for each."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import fit, problem
from scipy.special import erf, expit, softmax

from retrograde import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": (5, 4), "max_iter": 3, "random_state": 1}
FORMULAS = {
    "identity": lambda z: z,
    "logistic": expit,
    "sigmoid": expit,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(z)),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(z)),
    "gelu": lambda z: z * 0.5 * (1 + erf(z / np.sqrt(2))),
    "silu": lambda z: z * expit(z),
    "softplus": lambda z: np.logaddexp(0, z),
    "mish": lambda z: z * np.tanh(np.logaddexp(0, z)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_formula(name):
    _, _, X, y = problem("regression")
    our = fit(MLPRegressor(activation=name, **QUICK), X, y)
    a = X
    for coef, intercept in zip(our.coefs_[:-1], our.intercepts_[:-1]):
        a = FORMULAS[name](a @ coef + intercept)
    assert_allclose(our.predict(X), (a @ our.coefs_[-1] + our.intercepts_[-1]).ravel(), rtol=1e-11, atol=1e-13)


def test_each_layer_has_its_own():
    _, _, X, y = problem("multi-class")
    our = fit(MLPClassifier(activation=["tanh", "gelu"], **QUICK), X, y)
    a = np.tanh(X @ our.coefs_[0] + our.intercepts_[0])
    a = FORMULAS["gelu"](a @ our.coefs_[1] + our.intercepts_[1])
    wanted = softmax(a @ our.coefs_[2] + our.intercepts_[2], axis=1)
    assert_allclose(our.predict_proba(X), wanted, rtol=1e-11)


@pytest.mark.parametrize("name", ["logistic", "relu"])
def test_a_list_of_one_name_is_that_name(name):
    _, _, X, y = problem("binary")
    one = fit(MLPClassifier(activation=name, **QUICK), X, y)
    two = fit(MLPClassifier(activation=(name, name), **QUICK), X, y)
    for a, b in zip(one.coefs_, two.coefs_):
        assert_array_equal(a, b)


def test_sigmoid_is_logistic():
    _, _, X, y = problem("binary")
    one = fit(MLPClassifier(activation="logistic", **QUICK), X, y)
    two = fit(MLPClassifier(activation="sigmoid", **QUICK), X, y)
    assert_array_equal(one.coefs_[0], two.coefs_[0])
    # Without hidden layers too: the name alone decides the limits of the starting weights.
    shape = QUICK | {"hidden_layer_sizes": ()}
    one = fit(MLPClassifier(activation="logistic", **shape), X, y)
    two = fit(MLPClassifier(activation="sigmoid", **shape), X, y)
    assert_array_equal(one.coefs_[0], two.coefs_[0])


@pytest.mark.parametrize(
    "activation, text",
    [
        (["tanh"], "1 entries for 2 hidden layers"),
        (["tanh", "swish"], "'swish' in it; choose from identity, logistic"),
        (["tanh", None], "None in it"),
        ("swish", "The 'activation' parameter"),
    ],
)
def test_errors(activation, text):
    _, _, X, y = problem("regression")
    with pytest.raises(ValueError, match=text):
        MLPRegressor(activation=activation, **QUICK).fit(X, y)
