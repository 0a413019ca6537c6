"""The experiments of scikit-learn's gallery of neural networks, by one program each: with our class and with scikit-learn's."""

import contextlib
import io
import warnings
from pathlib import Path
from unittest.mock import patch

import numpy as np
import sklearn.neural_network as theirs
from numpy.testing import assert_allclose
from sklearn.exceptions import ConvergenceWarning

import retrograde as ours

EXAMPLES = Path(__file__).parents[1] / "examples"
OURS, THEIRS = "from retrograde import MLPClassifier\n", "from sklearn.neural_network import MLPClassifier\n"


def run(name, line, expected_class):
    """What a program leaves behind and prints, with this line in the place of the one import."""
    path = EXAMPLES / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    assert text.count(OURS) == text.count("retrograde") == 1
    space, printed = {"__name__": "__main__"}, io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed), patch("sys.argv", [str(path)]):
        warnings.simplefilter("ignore", ConvergenceWarning)
        exec(compile(text.replace(OURS, line), str(path), "exec"), space)
    assert space["MLPClassifier"] is expected_class
    return space, printed.getvalue()


def both(name):
    return run(name, OURS, ours.MLPClassifier), run(name, THEIRS, theirs.MLPClassifier)


def test_alpha():
    (our, printed), (their, _) = both("gallery_alpha")
    assert printed.count("accuracy") == 15
    # Two methods named lbfgs may end in two minima of one penalised cost, which the weakest alpha has most of.
    ratios = np.divide(our["losses"], their["losses"]).reshape(3, 5)
    assert_allclose(ratios[:, 0], 1, rtol=0.3)
    assert_allclose(ratios[:, 1:], 1, rtol=0.03)
    assert np.median(np.abs(ratios - 1)) < 0.01, ratios
    # Of 40 unseen rows.
    assert_allclose(our["scores"], their["scores"], atol=0.1)


def test_training_curves():
    (our, printed), (their, _) = both("gallery_training_curves")
    assert printed.count(" after ") == 28
    for mine, wanted in zip(our["curves"], their["curves"], strict=True):
        assert len(mine) == len(wanted)
        assert_allclose(mine, wanted, rtol=1e-6)
    assert_allclose(our["scores"], their["scores"], rtol=0, atol=1e-12)


def test_filters():
    (our, printed), (their, expected) = both("gallery_filters")
    assert printed == expected
    assert_allclose(our["curves"], their["curves"], rtol=1e-9)
    assert_allclose(our["net"].coefs_[0], their["net"].coefs_[0], rtol=1e-7, atol=1e-9)
    assert our["scores"] == their["scores"]
