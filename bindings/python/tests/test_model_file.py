"""Model files, written here and by the command, read by both."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

import retrograde
from retrograde import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore:.*iterations.*")


def command(*words, **more):
    return subprocess.run(
        [sys.executable, "-m", "retrograde", *map(str, words)], capture_output=True, text=True, timeout=300, **more
    )


@pytest.fixture(scope="module")
def iris():
    return load_iris(as_frame=True, return_X_y=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["three classes", "two classes", "numbers", "several numbers", "poisson", "huber", "quantile"])
def test_what_is_saved_is_loaded(tmp_path, iris, kind, dtype):
    X, y = iris
    of, more = MLPRegressor, {}
    if kind == "three classes":
        of, y = MLPClassifier, np.array(["c", "a", "b"])[y]
    elif kind == "two classes":
        of, y = MLPClassifier, y > 1
    elif kind == "several numbers":
        X, y = X.iloc[:, :2], X.iloc[:, 2:].to_numpy()
    elif kind != "numbers":
        more["loss"] = kind
    network = of(hidden_layer_sizes=(5, 4), activation=["tanh", "gelu"], max_iter=20, random_state=1, dtype=dtype, **more)
    network.fit(X, y)
    path = tmp_path / "model.rg"
    network.save(path)
    again = retrograde.load(path)
    assert type(again) is of and type(of.load(path)) is of
    np.testing.assert_array_equal(again.predict(X), network.predict(X).astype(again.predict(X).dtype))
    for a, b in zip([*network.coefs_, *network.intercepts_], [*again.coefs_, *again.intercepts_]):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    assert again.loss == network.loss and again.n_iter_ == network.n_iter_
    assert list(again.feature_names_in_) == list(X.columns)
    np.testing.assert_array_equal(again.loss_curve_, network.loss_curve_)


def test_the_command_predicts_what_python_does(tmp_path, iris):
    X, y = iris
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    network = MLPClassifier((8,), max_iter=60, random_state=0).fit(X, names)
    network.save(tmp_path / "iris.rg")
    X.assign(target=names).to_csv(tmp_path / "iris.csv", index=False)
    found = command("predict", tmp_path / "iris.rg", tmp_path / "iris.csv", "--proba")
    assert found.returncode == 0, found.stderr
    (tmp_path / "answers.csv").write_text(found.stdout)
    answers = pd.read_csv(tmp_path / "answers.csv")
    assert (answers["target"] == network.predict(X)).all()
    np.testing.assert_allclose(answers[[f"p({name})" for name in network.classes_]], network.predict_proba(X), rtol=1e-12)
    checked = command("check", tmp_path / "iris.rg", tmp_path / "iris.csv", "--json")
    assert checked.returncode == 0 and json.loads(checked.stdout)["verdict"] == "agrees"
    scores = command("evaluate", tmp_path / "iris.rg", tmp_path / "iris.csv", "--json")
    assert json.loads(scores.stdout)["accuracy"] == pytest.approx(network.score(X, names))


@pytest.mark.parametrize("target", ["species", "petal_length"])
def test_python_predicts_what_the_command_does(tmp_path, iris, target):
    X, y = iris
    table = X.rename(columns=lambda name: name.removesuffix(" (cm)").replace(" ", "_"))
    table["species"] = np.array(["setosa", "versicolor", "virginica"])[y]
    table["seen"] = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.arange(len(table)) % 50, "D")
    table.loc[[7, 70], "sepal_width"] = np.nan
    data, model = tmp_path / "t.csv", tmp_path / "t.rg"
    table.to_csv(data, index=False)
    trained = command("train", data, "--target", target, "--epochs", 20, "--hidden", "7", "-o", model)
    assert trained.returncode == 0, trained.stderr
    found = command("predict", model, data)
    (tmp_path / "answers.csv").write_text(found.stdout)
    expected = pd.read_csv(tmp_path / "answers.csv")[target]
    network = retrograde.load(model)
    # Of a table as it was read from its file: the target and columns that the model has no use for may be there.
    read = pd.read_csv(data, parse_dates=["seen"])
    if target == "species":
        assert (network.predict(read) == expected).all()
    else:
        np.testing.assert_allclose(network.predict(read), expected, rtol=1e-6)
        assert network.score(read, read[target]) > 0
    assert network.pull(read, read[target]).shape == (len(read),)
    assert network.check(read, read[target]).verdict == "agrees"
    network.save(tmp_path / "again.rg")
    assert command("predict", tmp_path / "again.rg", data).stdout == found.stdout


def test_gaps_and_categories_go_with_the_model(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"size": rng.normal(size=90), "city": rng.choice(["Ulm", "Bern"], 90)})
    table.loc[3, "size"] = np.nan
    y = (table.city == "Ulm").to_numpy()
    network = MLPClassifier((4,), allow_nan=True, categorical_features="from_dtype", max_iter=40, random_state=0)
    network.fit(table, y)
    network.save(tmp_path / "m.rg")
    assert (retrograde.load(tmp_path / "m.rg").predict_proba(table) == network.predict_proba(table)).all()
    table.to_csv(tmp_path / "t.csv", index=False)
    found = command("predict", tmp_path / "m.rg", tmp_path / "t.csv")
    assert found.returncode == 0, found.stderr
    assert [line == "true" for line in found.stdout.split()[1:]] == list(network.predict(table))


def test_what_is_no_model_is_said(tmp_path, iris):
    X, y = iris
    with pytest.raises(FileNotFoundError):
        retrograde.load(tmp_path / "none.rg")
    (tmp_path / "text.rg").write_text("this is no model, but long enough for one")
    with pytest.raises(ValueError, match="text.rg"):
        retrograde.load(tmp_path / "text.rg")
    network = MLPClassifier((3,), max_iter=5).fit(X, y)
    with pytest.raises(OSError):
        network.save(tmp_path / "no folder" / "m.rg")
    network.save(tmp_path / "c.rg")
    with pytest.raises(ValueError, match="holds a MLPClassifier, not a MLPRegressor"):
        MLPRegressor.load(tmp_path / "c.rg")
    labels = np.column_stack([y == 0, y == 1]).astype(int)
    with pytest.raises(ValueError, match="several labels"):
        MLPClassifier((3,), max_iter=5).fit(X, labels).save(tmp_path / "m.rg")


def test_scikit_learns_own_says_the_same(iris):
    X, y = iris
    for network in [MLPClassifier((5,), max_iter=20), MLPRegressor(hidden_layer_sizes=(5,), activation="tanh", max_iter=20)]:
        network.fit(X, y)
        np.testing.assert_allclose(network.to_sklearn().predict(X), network.predict(X), rtol=1e-12)
    with pytest.raises(ValueError, match="scikit-learn has one of"):
        MLPRegressor(hidden_layer_sizes=(5,), activation="gelu", max_iter=5).fit(X, y).to_sklearn()


def test_the_command_is_a_module():
    found = command("--version")
    assert found.returncode == 0 and found.stdout.startswith("retrograde ")
    assert command("trian").returncode == 2
    assert "retrograde train" in command("help", "train").stdout


def test_what_the_command_saw_of_the_layers_is_kept(tmp_path):
    path, again = tmp_path / "model.rg", tmp_path / "again.rg"
    words = ("train", "@digits", "--hidden", "16", "--epochs", "12", "-o", path)
    assert command(*words).returncode == 0
    history = json.loads(command("inspect", path, "--json").stdout)["history"]
    seen = [{"epoch": epoch["epoch"], "layers": epoch["layers"]} for epoch in history if "layers" in epoch]
    assert len(seen) > 1 and [layer["l"] for layer in seen[0]["layers"]] == [2, 3]
    network = retrograde.load(path)
    assert network.layer_history_ == seen
    network.save(again)
    assert retrograde.load(again).layer_history_ == seen
    network.layer_history_ = [{"epoch": 99, "layers": seen[0]["layers"]}]
    with pytest.raises(ValueError, match="epoch 99"):
        network.save(again)
    network.layer_history_ = [{"epoch": 1, "layers": seen[0]["layers"][:1]}]
    with pytest.raises(ValueError, match="other layers"):
        network.save(again)


def test_a_fit_forgets_the_layers_of_another(iris):
    X, y = iris
    network = MLPClassifier((4,), max_iter=3)
    network.layer_history_ = [{"epoch": 1, "layers": []}]
    assert network.fit(X, y).layer_history_ is None
