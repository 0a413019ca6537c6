"""pandas, polars and pyarrow tables, and what a notebook shows."""

import html
import warnings

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from problems import fit, problem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from retrograde import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": 6, "max_iter": 4, "random_state": 1}
NAMES = [f"column {j}" for j in range(6)]
TABLES = {
    "pandas": lambda module, columns: module.DataFrame(columns),
    "polars": lambda module, columns: module.DataFrame(columns),
    "pyarrow": lambda module, columns: module.table(columns),
}


def expect_names_in(table):
    """Skips the rest where this scikit-learn sees no names: 1.7 does not in the tables of polars 2."""
    if not hasattr(StandardScaler().fit(table), "feature_names_in_"):
        pytest.skip("scikit-learn sees no names here")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("library", TABLES)
def test_tables(library, dtype):
    module = pytest.importorskip(library)
    _, _, X, y = problem("binary")
    X = X.astype(dtype)
    make = lambda X: TABLES[library](module, dict(zip(NAMES, X.T.copy())))
    wanted = fit(MLPClassifier(**QUICK), X, y, eval_set=(X, y))
    found = MLPClassifier(**QUICK)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "X (does not|has)")
        fit(found, make(X), y, eval_set=(make(X), y))
        assert_array_equal(found.predict_proba(make(X)), wanted.predict_proba(X))
        assert_array_equal(found.pull(make(X), y), wanted.pull(X, y))
        assert_array_equal(found.layer_activations(make(X))[0], wanted.layer_activations(X)[0])
    assert found.validation_scores_ == wanted.validation_scores_
    assert found.coefs_[0].dtype == dtype
    expect_names_in(make(X))
    assert list(found.feature_names_in_) == NAMES
    swapped = make(X[:, ::-1])
    swapped = (
        swapped.rename(columns=dict(zip(NAMES, NAMES[::-1])))
        if library == "pandas"
        else swapped.rename(dict(zip(NAMES, NAMES[::-1])))
        if library == "polars"
        else swapped.rename_columns(NAMES[::-1])
    )
    with pytest.raises(ValueError, match="feature names should match"):
        found.predict(swapped)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_targets_and_weights_from_tables(library):
    module = pytest.importorskip(library)
    _, _, X, y = problem("regression")
    weights = np.linspace(0.5, 2, len(y))
    wanted = fit(MLPRegressor(**QUICK), X, y, sample_weight=weights)
    found = fit(MLPRegressor(**QUICK), X, module.Series(y), sample_weight=module.Series(weights))
    assert_array_equal(found.coefs_[0], wanted.coefs_[0])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_behind_a_transformer_that_makes_tables(library):
    module = pytest.importorskip(library)
    _, _, X, y = problem("regression")
    table = TABLES[library](module, dict(zip(NAMES, X.T.copy())))
    expect_names_in(table)
    pipe = make_pipeline(StandardScaler(), MLPRegressor(**QUICK)).set_output(transform=library)
    fit(pipe, table, y)
    assert list(pipe[-1].feature_names_in_) == NAMES
    assert_allclose(pipe.predict(table), fit(sklearn.base.clone(pipe), X, y).predict(X), rtol=1e-12)


def test_what_a_notebook_shows():
    _, _, X, y = problem("multi-class")
    net = MLPClassifier(activation=["tanh", "gelu"], **QUICK | {"hidden_layer_sizes": (6, 5)})
    new = net._repr_html_()
    assert "MLPClassifier" in new
    assert "<polyline" not in new
    fit(net, X, y)
    shown = net._repr_html_()
    bundle = net._repr_mimebundle_()["text/html"]
    assert shown.split("<div><code>")[1] == bundle.split("<div><code>")[1]
    assert "6 → 6 tanh → 5 gelu → 3 softmax · 95 weights · 4 epochs by adam, log_loss" in html.unescape(shown)
    points = shown.split('<polyline points="')[1].split('"')[0].split()
    assert len(points) == 4
    assert points[0] == "0.0,0.0"
    assert "MLPClassifier" in make_pipeline(StandardScaler(), net)._repr_html_()
    with sklearn.config_context(display="text"):
        assert not hasattr(net, "_repr_html_")
        assert "text/html" not in net._repr_mimebundle_()


def test_the_picture_is_small_and_escaped():
    _, _, X, y = problem("regression")
    net = fit(MLPRegressor(solver="lbfgs", **QUICK | {"max_iter": 600, "tol": 0}), X, y)
    net.loss_curve_ = [1.0, float("nan"), float("inf")] + [1.0 / k for k in range(1, 20_000)]
    net.solver_ = "<script>alert(1)</script>"
    picture = net._repr_html_()[len(MLPRegressor(**net.get_params())._repr_html_()) // 2 :]
    assert "<script>alert" not in picture
    assert "nan" not in picture.split("<polyline")[1]
    assert len(picture.split("<svg")[1]) < 4000
    for curve in ([], [1.0], [float("nan")] * 3, [2.0, 2.0]):
        net.loss_curve_ = curve
        assert ("<polyline" in net._repr_html_()) == (curve == [2.0, 2.0])
