"""Rows given to be scored: recorded, and with early stopping decisive."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import fit, ours_alone, problem
from scipy import sparse
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sklearn
from retrograde import MLPClassifier, MLPRegressor

QUICK = {"hidden_layer_sizes": 6, "max_iter": 8, "random_state": 1}
SOLVERS = ["sgd", "adam", "adamw", "rmsprop", "rprop", "lbfgs", "cg", "scg"]


def split(kind):
    name, further, X, y = problem(kind)
    return name, further, (X[:80], y[:80]), (X[80:], y[80:])


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", ["binary", "multi-class", "multilabel", "multi-output", "poisson"])
def test_recorded_only(kind, solver):
    name, further, (X, y), held = split(kind)
    plain = ours_alone(name, solver=solver, **QUICK, **further)
    fit(plain, X, y)
    assert plain.validation_scores_ is None
    scored = ours_alone(name, solver=solver, **QUICK, **further)
    fit(scored, X, y, eval_set=held)
    for a, b in zip(plain.coefs_, scored.coefs_):
        assert_array_equal(a, b)
    assert len(scored.validation_scores_) == scored.n_iter_ == len(scored.loss_curve_)
    assert_allclose(scored.validation_scores_[-1], scored.score(*held), rtol=1e-12)
    assert scored.best_validation_score_ == max(scored.validation_scores_)
    assert scored.best_loss_ == min(scored.loss_curve_)


@pytest.mark.parametrize("solver", SOLVERS)
def test_decides_with_early_stopping(solver):
    # The rows to score have other targets: training makes them worse sooner or later.
    _, _, (X, y), (X_held, _) = split("regression")
    _, _, _, (_, other) = split("multi-output")
    net = MLPRegressor(
        solver=solver,
        early_stopping=True,
        n_iter_no_change=3,
        tol=0,
        **QUICK | {"max_iter": 200, "learning_rate_init": 0.01},
    )
    fit(net, X, y, eval_set=(X_held, other[:, 1]))
    assert net.stop_reason_ == "no_improvement"
    assert net.n_iter_ < 200
    assert net.best_loss_ is None
    assert_allclose(net.score(X_held, other[:, 1]), net.best_validation_score_, rtol=1e-12)
    assert net.best_validation_score_ == max(net.validation_scores_)
    assert net.validation_scores_[-1] < net.best_validation_score_


def test_no_row_of_the_training_is_held_out():
    name, _, (X, y), held = split("multi-class")
    one = fit(MLPClassifier(early_stopping=True, n_iter_no_change=100, **QUICK), X, y, eval_set=held)
    assert one.t_ == 8 * len(X)
    two = fit(MLPClassifier(**QUICK), X, y)
    assert_array_equal(one.loss_curve_, two.loss_curve_)


@pytest.mark.parametrize("solver", ["cg", "scg", "lm", "auto"])
def test_methods_on_all_rows_hold_out_too(solver):
    _, _, X, y = problem("regression")
    net = MLPRegressor(hidden_layer_sizes=2, solver=solver, early_stopping=True, max_iter=20, random_state=1)
    fit(MLPRegressor(**net.get_params()).set_params(early_stopping=False), X, y)
    fit(net, X, y)
    assert len(net.validation_scores_) == net.n_iter_ > 0
    assert net.best_loss_ is None


def test_lbfgs_holds_nothing_out_as_in_scikit_learn():
    _, _, X, y = problem("regression")
    one = fit(MLPRegressor(solver="lbfgs", early_stopping=True, **QUICK), X, y)
    two = fit(MLPRegressor(solver="lbfgs", **QUICK), X, y)
    assert_array_equal(one.coefs_[0], two.coefs_[0])


def test_weights_of_the_rows_scored():
    name, _, (X, y), (X_held, y_held) = split("binary")
    weights = np.arange(len(y_held)) % 3.0
    net = fit(MLPClassifier(**QUICK), X, y, eval_set=(X_held, y_held, weights))
    assert net.validation_scores_[-1] == pytest.approx(net.score(X_held, y_held, weights))


def test_sparse_and_float32():
    _, _, (X, y), (X_held, y_held) = split("binary")
    dense = fit(MLPClassifier(**QUICK), X, y, eval_set=(X_held, y_held))
    thin = fit(MLPClassifier(**QUICK), sparse.csr_matrix(X), y, eval_set=(sparse.csc_array(X_held), y_held))
    assert dense.validation_scores_ == thin.validation_scores_
    narrow = MLPClassifier(dtype=np.float32, **QUICK)
    fit(narrow, X, y, eval_set=[X_held, y_held])
    assert narrow.validation_scores_[-1] == narrow.score(X_held, y_held)


@pytest.mark.parametrize(
    "change, error, text",
    [
        (lambda X, y: X, ValueError, r"must be \(X, y\)"),
        (lambda X, y: (X,), ValueError, r"must be \(X, y\)"),
        (lambda X, y: (X[:, :3], y), ValueError, "X has 3 features, but MLPClassifier is expecting 6"),
        (lambda X, y: (X, np.full(len(y), "perhaps")), ValueError, "classes that the training has not"),
        (lambda X, y: (X, y[1:]), ValueError, "inconsistent numbers of samples"),
        (lambda X, y: (X, y, [1.0]), ValueError, "sample_weight"),
        (lambda X, y: (X * np.nan, y), ValueError, "NaN"),
    ],
)
def test_errors(change, error, text):
    _, _, (X, y), held = split("binary")
    with pytest.raises(error, match=text):
        MLPClassifier(**QUICK).fit(X, y, eval_set=change(*held))


def test_partial_fit_ends_with_the_best_weights():
    _, _, (X, y), (X_held, _) = split("regression")
    _, _, _, (_, other) = split("multi-output")
    held = (X_held, other[:, 1])
    shape = {"hidden_layer_sizes": 6, "random_state": 1, "learning_rate_init": 0.01}
    net = MLPRegressor(early_stopping=True, n_iter_no_change=3, tol=0, **shape)
    with pytest.raises(ValueError, match="pass eval_set"):
        net.partial_fit(X, y)
    plain = MLPRegressor(**shape)
    for call in range(300):
        net.partial_fit(X, y, eval_set=held)
        if net.stop_reason_ is not None:
            break
        # Until then the calls are those of a training without.
        plain.partial_fit(X, y)
        assert_array_equal(net.coefs_[0], plain.coefs_[0])
        assert net.validation_scores_[-1] == pytest.approx(net.score(*held), rel=1e-12)
    assert net.stop_reason_ == "no_improvement"
    assert net.best_validation_score_ == max(net.validation_scores_)
    assert net.score(*held) == pytest.approx(net.best_validation_score_, rel=1e-12)
    # It may go on from there.
    net.partial_fit(X, y, eval_set=held)
    assert net.stop_reason_ is None


def test_partial_fit_records_scores():
    _, _, (X, y), held = split("multi-class")
    net = MLPClassifier(**QUICK)
    for _ in range(3):
        net.partial_fit(X, y, classes=np.unique(y), eval_set=held)
    assert len(net.validation_scores_) == 3
    assert net.validation_scores_[-1] == net.score(*held)


def test_early_stopping_after_a_fit_without():
    _, _, (X, y), held = split("multi-class")
    net = MLPClassifier(warm_start=True, **QUICK)
    fit(net, X, y)
    net.set_params(early_stopping=True)
    fit(net, X, y, eval_set=held)
    assert net.score(*held) == net.best_validation_score_
    net.set_params(early_stopping=False)
    fit(net, X, y)
    # And the other way round.
    net = MLPClassifier(warm_start=True, early_stopping=True, **QUICK)
    fit(net, X, y)
    fit(net.set_params(early_stopping=False), X, y)
    assert np.isfinite(net.best_loss_)


def test_metadata_routing():
    _, _, (X, y), held = split("regression")
    with sklearn.config_context(enable_metadata_routing=True):
        net = MLPRegressor(**QUICK).set_fit_request(sample_weight=True, eval_set=True)
        pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), net)
        fit(pipe, X, y, sample_weight=np.ones(len(y)), eval_set=held)
        found = pipe[-1]
        assert len(found.validation_scores_) == 8
        assert found.get_metadata_routing().fit.requests == {"sample_weight": True, "eval_set": True}
        with pytest.raises(TypeError, match="eval_set"):
            make_pipeline(StandardScaler(), LinearRegression()).fit(X, y, eval_set=held)
        MLPRegressor().set_partial_fit_request(sample_weight=True, eval_set=False)
