"""Explanations, and what is asked about."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris

from retrograde import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore:.*iterations.*")


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def network(iris):
    return MLPClassifier((5, 4), activation=["tanh", "relu"], alpha=0.5, max_iter=20, random_state=0).fit(*iris)


def test_it_is_what_the_network_computes(iris, network):
    X, y = iris
    found = network.explain(X, y, 70)
    assert found["schema"] == "retrograde.trace/1" and found["row"] == 70
    for layer, expected in zip(found["layers"][1:], network.layer_activations(X[70:71])):
        np.testing.assert_allclose(layer["a"], expected[0], rtol=1e-12)
    products = np.concatenate([np.ravel(found["products"][f"L{l}"]["data"]) for l in (1, 2, 3)])
    assert np.linalg.norm(products) == pytest.approx(network.pull(X, y)[70], rel=1e-12)
    assert str(found).startswith("row 70") and "\x1b" not in str(found)
    assert found._repr_html_().startswith("<pre>row 70")


@pytest.mark.parametrize("name, place", [("L1[1,x2]", 2), ("L1[5,4]", 19), ("L1[2,0]", 21), ("L2[1,1]", 25), ("L3[3,0]", 63)])
def test_a_weight_is_its_entry_of_the_gradient(iris, network, name, place):
    _, gradient = network.cost_and_grad(network.theta_, *iris)
    found = network.explain(*iris, 3, weight=name)["weight"]
    assert found["all"]["grad"] == pytest.approx(gradient[place], rel=1e-9, abs=1e-14)
    assert found["verdict"] == "agrees" and found["all"]["verdict"] == "agrees"
    assert found["value"] == network.theta_[place]


def test_everything_at_once(iris, network):
    found = network.explain(*iris, 1, weight="L2[1,1]", unit="L4[1]", input=True, proof=True)
    assert all(line["verdict"] != "differs" for line in found["proof"])
    assert len(found["input"]["cost"]) == 4 and found["unit"]["name"] == "L4[1]"
    for part in ["the weight L2[1,1]", "the unit L4[1]", "by the inputs", "proof, line by line"]:
        assert part in str(found)


def test_sparse_rows_weights_and_regressors(iris):
    X, y = iris
    network = MLPRegressor(hidden_layer_sizes=(3,), max_iter=20, random_state=0, dtype=np.float32).fit(X, y)
    weights = np.arange(1.0, len(y) + 1)
    dense = network.explain(X, y, 2, weights, weight="L1[1,x0]")
    assert dense["row_weight"] == 3.0
    assert network.explain(sparse.csr_array(X), y, 2, weights, weight="L1[1,x0]") == dense


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"row": 150}, "rows are 0 to 149"),
        ({"row": -1}, "rows are 0 to 149"),
        ({"weight": "W"}, "expected a name like"),
        ({"weight": "L4[1,1]"}, "the layers are L1 to L3"),
        ({"weight": "L1[6,1]"}, "feeds units 1 to 5"),
        ({"weight": "L1[1,size]"}, "reads x0, x1"),
        ({"weight": "L2[1,9]"}, "1 to 5, and 0 for the bias"),
        ({"unit": "L1[1]"}, "the layers are L2 to L4"),
        ({"unit": "L2[9]"}, "has units 1 to 5"),
    ],
)
def test_what_is_not_there_is_said(iris, network, asked, message):
    with pytest.raises(ValueError, match=message):
        network.explain(*iris, **asked)
