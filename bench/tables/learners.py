"""Both learners: each is given a training file and a test file, and gives its predictions for the second."""

import io
import json
import subprocess
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# Levels of a category with an input of their own: retrograde's default.
MAX_LEVELS = 64


@dataclass
class Answer:
    """What a learner predicts for the test rows, and what it took."""

    seconds: float
    inputs: int
    epochs: int
    best_epoch: int
    # Classes: their names and a column of probabilities for each. Numbers: a column for each target.
    columns: list
    values: np.ndarray


class Failed(Exception):
    """The command's own words."""


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith(("error", "  hint"))]
        raise Failed(" ".join(line.strip() for line in said) or f"exit {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def command_of(set_, dealt, seed, extra):
    """The one command, but for the program and where the model goes."""
    targets = [word for target in set_.targets for word in ("--target", target)]
    # Other rows need no other seed; where the rows are always the same, it is all that can change.
    seeds = ["--seed", str(seed)] if dealt.fixed and seed > 1 else []
    return ["train", str(dealt.train), *targets, *dealt.options, *set_.options, *seeds, *extra]


def retrograde(program, set_, dealt, seed, extra):
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "model.rg")
        begun = time.perf_counter()
        done = json.loads(
            run([program, *command_of(set_, dealt, seed, extra), "-o", model, "--quiet", "--json"])
        )
        seconds = time.perf_counter() - begun
        # Labels are no columns of the test images; nothing else of its options is left out.
        read = [] if "--labels" in dealt.test_options else dealt.test_options
        probabilities = ["--proba"] if set_.classes else []
        text = run([program, "predict", model, str(dealt.test), *read, *probabilities, "--quiet"])
    found = pd.read_csv(io.StringIO(text))
    values = found[found.columns[1:]] if set_.classes else found[set_.targets]
    names = done["classes"] if set_.classes else set_.targets
    inputs = done["network"]["layers"][0]["units"]
    return Answer(seconds, inputs, done["epochs"], done["best_epoch"], names, values.to_numpy(float))


def expanded(frame, dates):
    """Dates as what a person would make of them."""
    frame = frame.copy()
    for name in dates:
        moment = pd.to_datetime(frame.pop(name), utc=True)
        for part in ("year", "month", "day", "dayofweek"):
            frame[f"{name} {part}"] = getattr(moment.dt, part).astype(float)
        frame[f"{name} second"] = (moment.dt.hour * 3600 + moment.dt.minute * 60 + moment.dt.second).astype(float)
    return frame


def encoding(frame):
    numbers = [c for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c]) and frame[c].dtype != bool]
    texts = [c for c in frame.columns if c not in numbers]
    one_hot = OneHotEncoder(handle_unknown="ignore", max_categories=MAX_LEVELS, sparse_output=False)
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("texts", make_pipeline(SimpleImputer(strategy="constant", fill_value="missing"), one_hot), texts),
        ]
    )


def features(frame, set_):
    frame = expanded(frame.drop(columns=set_.targets), set_.dates)
    # Truth values and gaps in one column are text as far as one-hot columns are concerned.
    is_text = [c for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c]) or frame[c].dtype == bool]
    for name in is_text:
        frame[name] = frame[name].astype(object).where(frame[name].isna(), frame[name].astype(str))
        frame[name] = frame[name].where(frame[name].notna(), np.nan)
    return frame


def labels(frame, set_):
    """Classes as they are written, whole numbers without a point."""
    return frame[set_.targets[0]].map(lambda v: str(int(v)) if isinstance(v, (int, float)) else str(v)).to_numpy()


def truth(frame, set_):
    return labels(frame, set_) if set_.classes else frame[set_.targets].to_numpy(float)


def scikit_learn(set_, dealt, seed):
    begun = time.perf_counter()
    frame = dealt.read(dealt.train, dealt.options).dropna(subset=set_.targets)
    x, y = features(frame, set_), truth(frame, set_)
    if set_.classes:
        network = MLPClassifier(random_state=seed)
        model = make_pipeline(encoding(x), network)
    else:
        network = MLPRegressor(random_state=seed)
        scaled = TransformedTargetRegressor(regressor=network, transformer=StandardScaler())
        model = make_pipeline(encoding(x), scaled)
        y = y.ravel() if y.shape[1] == 1 else y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Fewer rows than its batch: it says so and takes what there is.
        warnings.simplefilter("ignore", UserWarning)
        model.fit(x, y)
    seconds = time.perf_counter() - begun
    last = model[-1] if set_.classes else model[-1].regressor_
    test = features(dealt.read(dealt.test, dealt.test_options).dropna(subset=set_.targets), set_)
    values = model.predict_proba(test) if set_.classes else model.predict(test).reshape(len(test), -1)
    names = list(model.classes_) if set_.classes else set_.targets
    return Answer(seconds, last.n_features_in_, last.n_iter_, last.n_iter_, names, values)
