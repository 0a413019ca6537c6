"""scikit-learn's own tests of its multilayer perceptrons, with ours standing in."""

import importlib.util
from unittest.mock import patch

import sklearn.neural_network

import retrograde

LEFT_OUT = {
    "test_gradient": "calls the private _loss_grad_lbfgs; test_core.py checks gradients",
    "test_lbfgs_classification_maxfun": "ours is there after 10 evaluations; test_lbfgs.py has a smaller limit",
}


def stand_in():
    """The tests' module, whose imports find our classes."""
    spec = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    module = importlib.util.module_from_spec(spec)
    ours = {name: getattr(retrograde, name) for name in ("MLPClassifier", "MLPRegressor")}
    with patch.multiple(sklearn.neural_network, **ours):
        spec.loader.exec_module(module)
    assert module.MLPClassifier is retrograde.MLPClassifier
    return module


THEIRS = {name: test for name, test in vars(stand_in()).items() if name.startswith("test_")}
assert LEFT_OUT.keys() <= THEIRS.keys()
globals().update({name: test for name, test in THEIRS.items() if name not in LEFT_OUT})
