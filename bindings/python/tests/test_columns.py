"""Gaps, categories and dates in the columns of dataframes and arrays."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from retrograde import MLPClassifier, MLPRegressor

ROWS = 120
SETTINGS = {"hidden_layer_sizes": (6,), "max_iter": 30, "random_state": 0, "tol": 0}


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    found = pd.DataFrame(
        {
            "size": rng.normal(size=ROWS),
            "city": rng.choice(["Ulm", "Graz", "Bern"], ROWS),
            "member": rng.random(ROWS) < 0.5,
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, ROWS), "D"),
        }
    )
    found.loc[[3, 5], "size"] = np.nan
    found.loc[[4], "city"] = None
    return found


@pytest.fixture
def answers(table):
    return np.where((table["size"].fillna(0) > 0) ^ (table.city == "Bern"), "yes", "no")


def fitted(table, answers, **more):
    return MLPClassifier(allow_nan=True, categorical_features="from_dtype", **SETTINGS, **more).fit(table, answers)


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_columns_become_inputs_by_their_types(table, answers):
    network = fitted(table, answers)
    assert network.n_features_in_ == 4
    assert list(network.feature_names_in_) == ["size", "city", "member", "when"]
    names = network.input_names_
    assert names[:2] == ["size", "size is missing"]
    assert [name for name in names if name.startswith("city")][-1] == "city=unseen or missing"
    assert len(names) == network.coefs_[0].shape[0]
    assert any(name.startswith("when") for name in names)


@pytest.mark.filterwarnings("ignore:.*iterations.*")
@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_polars_and_pyarrow_say_the_same(table, answers, convert):
    expected = fitted(table, answers).predict_proba(table)
    network = fitted(convert(table), answers)
    assert (network.predict_proba(convert(table)) == expected).all()


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_plain_numbers_stay_what_they_are():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.integers(0, 2, 50)
    plain = MLPClassifier(**SETTINGS).fit(X, y)
    encoded = MLPClassifier(allow_nan=True, **SETTINGS).fit(X, y)
    for a, b in zip(plain.coefs_, encoded.coefs_):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_a_gap_is_the_median_beside_a_sign_that_it_is_one():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(51, 2)), rng.normal(size=51)
    X[:10, 1] = np.nan
    network = MLPRegressor(allow_nan=True, **SETTINGS).fit(X, y)
    assert network.input_names_ == ["x0", "x1", "x1 is missing"]
    filled = np.where(np.isnan(X[:, 1]), np.nanmedian(X[:, 1]), X[:, 1])
    by_hand = np.column_stack([X[:, 0], filled, np.isnan(X[:, 1])])
    same = MLPRegressor(**SETTINGS).fit(by_hand, y)
    np.testing.assert_array_equal(network.predict(X), same.predict(by_hand))


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_unknown_levels_and_missing_ones_are_taken(table, answers):
    network = fitted(table, answers)
    other = table.assign(city="Paris", member=None)
    missing = table.assign(city=None, member=None)
    assert (network.predict_proba(other) == network.predict_proba(missing)).all()


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_categories_by_place_name_and_mask():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=60), rng.integers(0, 3, 60)])
    y = (X[:, 1] == 1).astype(int)
    found = [
        MLPClassifier(categorical_features=which, **SETTINGS).fit(X, y).predict_proba(X)
        for which in ([1], [False, True], np.array([1]))
    ]
    assert all((each == found[0]).all() for each in found)
    frame = pd.DataFrame(X, columns=["a", "b"])
    named = MLPClassifier(categorical_features=["b"], **SETTINGS).fit(frame, y)
    assert [name for name in named.input_names_ if name.startswith("b=")][-1] == "b=unseen or missing"
    with pytest.raises(ValueError, match="names 'c', which is no column"):
        MLPClassifier(categorical_features=["c"], **SETTINGS).fit(frame, y)
    with pytest.raises(ValueError, match="boolean mask should have shape"):
        MLPClassifier(categorical_features=[True], **SETTINGS).fit(frame, y)
    with pytest.raises(ValueError, match="should be in"):
        MLPClassifier(categorical_features=[7], **SETTINGS).fit(frame, y)


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_what_was_not_asked_for_is_refused(table, answers):
    with pytest.raises(ValueError, match="contains NaN"):
        MLPClassifier(categorical_features="from_dtype", **SETTINGS).fit(table, answers)
    with pytest.raises(ValueError, match="holds no numbers: name it in categorical_features"):
        MLPClassifier(allow_nan=True, **SETTINGS).fit(table, answers)
    with pytest.raises(ValueError, match="infinity"):
        fitted(table.assign(size=np.inf), answers)
    with pytest.raises(ValueError, match="[Ff]eature names|no column 'city'"):
        fitted(table, answers).predict(table.drop(columns="city"))


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_it_pickles_clones_and_cross_validates(table, answers):
    network = fitted(table, answers)
    again = pickle.loads(pickle.dumps(network))
    assert (again.predict_proba(table) == network.predict_proba(table)).all()
    assert clone(network).get_params() == network.get_params()
    assert np.isfinite(cross_val_score(clone(network), table, answers, cv=3)).all()


@pytest.mark.filterwarnings("ignore:.*iterations.*")
def test_rows_that_judge_are_encoded_too(table, answers):
    network = MLPClassifier(allow_nan=True, categorical_features="from_dtype", early_stopping=True, **SETTINGS)
    network.fit(table[:80], answers[:80], eval_set=(table[80:], answers[80:]))
    assert len(network.validation_scores_) == network.n_iter_
    assert max(network.validation_scores_) == pytest.approx(network.score(table[80:], answers[80:]))
