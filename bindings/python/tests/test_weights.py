"""Weights of rows and of classes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from problems import KINDS, fit, ours_alone, problem, row_weights
from sklearn.utils.class_weight import compute_sample_weight

from retrograde import MLPClassifier

QUICK = {"hidden_layer_sizes": 6, "max_iter": 4, "random_state": 1}


def assert_equal_weights(one, two):
    for a, b in zip(one.coefs_ + one.intercepts_, two.coefs_ + two.intercepts_):
        assert_allclose(a, b, rtol=1e-10, atol=1e-10)


def lopsided(kind):
    """Classes of different sizes."""
    name, _, X, y = problem(kind)
    rare = np.unique(y)[0]
    keep = (y != rare) | (np.arange(len(y)) % 3 == 0)
    return name, X[keep], y[keep]


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", ["binary", "multi-class"])
def test_classes_weigh_as_their_rows_would(kind, solver, weights, early_stopping):
    _, X, y = lopsided(kind)
    by_hand = dict(zip(np.unique(y), [3.0, 0.5, 1.25]))
    for class_weight in ("balanced", by_hand, {np.unique(y)[1]: 4.0}):
        quick = {"solver": solver, "early_stopping": early_stopping, **QUICK}
        of_rows = row_weights()[: len(y)] if weights else None
        if weights and class_weight == "balanced":
            counts = {label: of_rows[y == label].sum() for label in np.unique(y)}
            wanted = of_rows * [of_rows.sum() / (len(counts) * counts[label]) for label in y]
        else:
            wanted = compute_sample_weight(class_weight, y) * (1 if of_rows is None else of_rows)
        one = fit(MLPClassifier(class_weight=class_weight, **quick), X, y, sample_weight=of_rows)
        two = fit(MLPClassifier(**quick), X, y, sample_weight=wanted)
        assert_equal_weights(one, two)
        assert_allclose(one.loss_curve_, two.loss_curve_, rtol=1e-10)


def test_class_weights_in_partial_fit():
    _, X, y = lopsided("multi-class")
    by_hand = dict(zip(np.unique(y), [3.0, 0.5, 1.25]))
    one = MLPClassifier(class_weight=by_hand, **QUICK)
    two = MLPClassifier(**QUICK)
    for part in (slice(0, 50), slice(50, None)):
        one.partial_fit(X[part], y[part], classes=np.unique(y))
        two.partial_fit(
            X[part], y[part], compute_sample_weight(by_hand, y[part]), classes=np.unique(y)
        )
    assert_equal_weights(one, two)
    with pytest.raises(AttributeError) as raised:
        MLPClassifier(class_weight="balanced").partial_fit(X, y, classes=np.unique(y))
    assert "class_weight='balanced' is not supported for partial_fit" in str(raised.value.__cause__)


def test_class_weights_that_make_no_sense():
    _, _, X, y = problem("multilabel")
    with pytest.raises(ValueError, match="several labels"):
        MLPClassifier(class_weight="balanced", **QUICK).fit(X, y)
    _, _, X, y = problem("binary")
    with pytest.raises(ValueError, match="0 or more"):
        MLPClassifier(class_weight={"yes": -1.0}, **QUICK).fit(X, y)
    with pytest.raises(ValueError, match="not in class_weight"):
        MLPClassifier(class_weight={"ja": 1.0, "nein": 2.0}, **QUICK).fit(X, y)


@pytest.mark.parametrize("solver", ["lbfgs", "adam", "sgd", "cg", "rprop"])
@pytest.mark.parametrize("kind", KINDS)
def test_whole_weights_are_repeated_rows(kind, solver):
    name, further, X, y = problem(kind)
    counts = np.random.RandomState(5).randint(0, 4, len(X))
    # All rows in each step, in the order they lie in: what is left is the sum.
    shape = {"hidden_layer_sizes": 6, "activation": "tanh", "random_state": 1, "shuffle": False, "max_iter": 3}
    steps = {} if solver in ("lbfgs", "cg", "rprop") else {"batch_size": 10_000}
    our = ours_alone(name, **shape, **further)
    our.set_params(solver=solver, **steps)
    again = type(our)(**our.get_params())
    with pytest.warns(UserWarning):
        our.fit(X, y, sample_weight=counts.astype(float))
        again.fit(np.repeat(X, counts, axis=0), np.repeat(y, counts, axis=0))
    assert_equal_weights(our, again)
    assert_allclose(our.loss_, again.loss_, rtol=1e-10)


@pytest.mark.parametrize("kind", ["multi-class", "regression"])
def test_rows_that_weigh_nothing_are_not_there_in_scores(kind):
    name, _, X, y = problem(kind)
    our = fit(ours_alone(name, **QUICK), X, y)
    weights = (np.arange(len(y)) % 2).astype(float)
    assert our.score(X, y, weights) == pytest.approx(our.score(X[1::2], y[1::2]), abs=1e-14)
    # In early stopping too: held-out rows that weigh nothing are not judged by.
    stopping = fit(
        ours_alone(name, early_stopping=True, **QUICK), X, y, eval_set=(X, y, weights), sample_weight=1 + weights
    )
    assert stopping.validation_scores_[-1] <= stopping.best_validation_score_
    assert stopping.best_validation_score_ == pytest.approx(stopping.score(X[1::2], y[1::2]), abs=1e-14)
