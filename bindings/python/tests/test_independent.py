"""The trace document against an implementation that shares nothing with the core: NumPy, in f64, from the model file alone."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from scipy.special import erf, expit, log_expit, softmax

import retrograde

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "trace.schema.json").read_text())
EXACT = {"rtol": 1e-12, "atol": 1e-15}


def same(found, expected, magnitude):
    """Within 1e-12 of the magnitudes of what was added up: a − y of two numbers near 1 has an error of theirs, not of its own."""
    found, expected, magnitude = map(np.asarray, (found, expected, magnitude))
    assert found.shape == expected.shape
    assert (np.abs(found - expected) <= 1e-12 * magnitude).all(), (found, expected)


def softplus(z):
    return np.logaddexp(0, z)


ACTIVATIONS = {
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(z)), lambda z: np.where(z > 0, 1, np.exp(z))),
    "gelu": (
        lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
        lambda z: (1 + erf(z / np.sqrt(2))) / 2 + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    ),
    "silu": (lambda z: z * expit(z), lambda z: expit(z) * (1 + z * expit(-z))),
    "softplus": (softplus, expit),
    "mish": (
        lambda z: z * np.tanh(softplus(z)),
        lambda z: np.tanh(softplus(z)) + z * expit(z) / np.cosh(softplus(z)) ** 2,
    ),
    "selu": (
        lambda z: SELU * np.where(z > 0, z, ALPHA * np.expm1(z)),
        lambda z: SELU * np.where(z > 0, 1, ALPHA * np.exp(z)),
    ),
}
SELU, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
HEADS = {
    "cross-entropy, sigmoid": (expit, lambda z, a, y: a - y, lambda z, a, y: -(y * log_expit(z) + (1 - y) * log_expit(-z)).sum()),
    "cross-entropy, softmax": (softmax, lambda z, a, y: a - y, lambda z, a, y: -(y * np.log(a)).sum()),
    "squared-error, identity": (lambda z: z, lambda z, a, y: a - y, lambda z, a, y: ((a - y) ** 2).sum() / 2),
    "absolute, identity": (lambda z: z, lambda z, a, y: np.sign(a - y), lambda z, a, y: np.abs(a - y).sum()),
    "huber, identity": (
        lambda z: z,
        lambda z, a, y: np.clip(a - y, -1, 1),
        lambda z, a, y: np.where(np.abs(a - y) <= 1, (a - y) ** 2 / 2, np.abs(a - y) - 0.5).sum(),
    ),
    "poisson, exp": (np.exp, lambda z, a, y: a - y, lambda z, a, y: (a - y * z).sum()),
    "gamma, exp": (np.exp, lambda z, a, y: 1 - y / a, lambda z, a, y: (z + y / a).sum()),
}
CASES = [
    ("cross-entropy, sigmoid", ["sigmoid"], 0.0),
    ("cross-entropy, softmax", ["tanh", "relu"], 0.5),
    ("squared-error, identity", ["gelu", "silu", "softplus"], 0.0),
    ("absolute, identity", ["mish"], 0.3),
    ("huber, identity", ["elu", "selu", "leaky_relu", "sigmoid"], 1.0),
    ("poisson, exp", ["tanh"], 0.0),
    ("gamma, exp", ["identity", "sigmoid"], 0.2),
    ("cross-entropy, softmax", ["relu", "relu", "tanh", "sigmoid"], 0.0),
]


def command(*words):
    found = subprocess.run([sys.executable, "-m", "retrograde", *map(str, words)], capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr
    return found.stdout


def pass_of(layers, names, head, x, y):
    """z, a, δ of every layer and ℓ, and of every δ the magnitudes that it is the sum of."""
    a, zs = [x], []
    for (W, b), name in zip(layers, [*names, None]):
        zs.append(W @ a[-1] + b)
        a.append(ACTIVATIONS[name][0](zs[-1]) if name else HEADS[head][0](zs[-1]))
    deltas = [HEADS[head][1](zs[-1], a[-1], y)]
    sizes = [1 + np.abs(y / a[-1]) if head == "gamma, exp" else np.abs(a[-1]) + np.abs(y)]
    for l in range(len(layers) - 1, 0, -1):
        slope = ACTIVATIONS[names[l - 1]][1](zs[l - 1])
        deltas.insert(0, (layers[l][0].T @ deltas[0]) * slope)
        sizes.insert(0, (np.abs(layers[l][0]).T @ sizes[0]) * np.abs(slope))
    return zs, a, deltas, HEADS[head][2](zs[-1], a[-1], y), sizes


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{len(case[1])}-{case[2]}")
def test_every_number_of_explain(tmp_path, case):
    head, names, penalty = case
    rng = np.random.default_rng(len(names))
    rows = 40
    X = rng.normal(size=(rows, 3))
    table = pd.DataFrame(X, columns=["u", "v", "w"])
    loss, output = head.split(", ")
    if loss == "cross-entropy":
        classes = 2 if output == "sigmoid" else 3
        codes = np.argmax(X + rng.normal(size=X.shape), axis=1) % classes
        table["target"] = [f"c{code}" for code in codes]
        Y = codes[:, None] == (np.arange(classes) if classes > 2 else np.array([1]))
    else:
        y = np.exp(X[:, 0]) if output == "exp" else X[:, 0] + rng.normal(size=rows)
        table["target"] = y
        Y = y[:, None]
    Y = Y.astype(float)
    data, model = tmp_path / "t.csv", tmp_path / "m.rg"
    table.to_csv(data, index=False)
    words = ["--loss", loss, "--hidden", ",".join("4" for _ in names), "--activation", ",".join(names), "--lambda", penalty]
    if loss != "cross-entropy":
        words += ["--task", "numbers"]
    command("train", data, "--target", "target", "--dtype", "f64", "--no-standardize", "--epochs", 15, "-o", model, *words)
    network = retrograde.load(model)
    layers = [(W.T, b) for W, b in zip(network.coefs_, network.intercepts_)]
    passes = [pass_of(layers, names, head, x, y) for x, y in zip(X, Y)]
    for _ in range(25):
        row, l = int(rng.integers(rows)), int(rng.integers(len(layers)))
        i, j = int(rng.integers(layers[l][0].shape[0])), int(rng.integers(-1, layers[l][0].shape[1]))
        source = "0" if j < 0 else "uvw"[j] if l == 0 else str(j + 1)
        name = f"L{l + 1}[{i + 1},{source}]"
        text = command("explain", model, data, "--row", row, "--weight", name, "--unit", f"L{l + 2}[{i + 1}]", "--input", "--proof", "--json")
        found = json.loads(text)
        jsonschema.validate(found, SCHEMA)
        zs, a, deltas, cost, sizes = passes[row]
        np.testing.assert_allclose(found["cost"], cost, **EXACT)
        for layer, (z, after, delta, size) in zip(found["layers"][1:], zip(zs, a[1:], deltas, sizes)):
            np.testing.assert_allclose(layer["z"], z, **EXACT)
            np.testing.assert_allclose(layer["a"], after, **EXACT)
            same(layer["delta"], delta, size)
        for k, (delta, size, before) in enumerate(zip(deltas, sizes, a)):
            biased = np.concatenate([[1], before])
            products = np.outer(delta, biased)
            same(np.reshape(found["products"][f"L{k + 1}"]["data"], products.shape), products, np.outer(size, np.abs(biased)))
        weight, value = found["weight"], layers[l][1][i] if j < 0 else layers[l][0][i, j]
        sources = np.array([1 if j < 0 else p[1][l][j] for p in passes])
        pulls = np.array([p[2][l][i] for p in passes]) * sources
        magnitudes = np.array([p[4][l][i] for p in passes]) * np.abs(sources)
        assert weight["value"] == value
        same(weight["product"], pulls[row], magnitudes[row])
        everything = weight["all"]
        assert everything["rows"] == rows
        same(everything["pull_min"]["value"], pulls.min(), magnitudes[pulls.argmin()])
        same(everything["pull_max"]["value"], pulls.max(), magnitudes[pulls.argmax()])
        same(everything["grad_sum"], pulls.sum(), magnitudes.sum())
        decay = 0 if j < 0 else penalty * value / rows
        np.testing.assert_allclose(everything["l2"], decay, rtol=1e-12)
        same(everything["grad"], pulls.sum() / rows + decay, magnitudes.sum() / rows + abs(decay))
        same([by["value"] for by in found["input"]["cost"]], layers[0][0].T @ deltas[0], np.abs(layers[0][0]).T @ sizes[0])
        same(found["unit"]["delta"]["value"], deltas[l][i], sizes[l][i])
        verdicts = [weight["verdict"], everything["verdict"], found["unit"]["delta"]["verdict"]]
        verdicts += [by["verdict"] for by in found["input"]["cost"]] + [line["verdict"] for line in found["proof"]]
        assert "differs" not in verdicts, found
