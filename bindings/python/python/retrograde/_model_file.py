"""Model files: those of the command ``retrograde``, written and read."""

import os

import numpy as np
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.validation import check_is_fitted

from retrograde import _core
from retrograde._arrays import float_type, roll, unroll
from retrograde._tables import written

# Names of the core that scikit-learn has others for.
SKLEARN_NAMES = {"sigmoid": "logistic"}
SOLVERS = {"nesterov": "sgd", "gd": "sgd", "rmsprop": "adam", "auto": "adam"}


def target_of(estimator):
    """What an estimator predicts, as the core's encoders have it."""
    taken = set(names_of(estimator))
    name = "target"
    while name in taken:
        name += "_"
    if not hasattr(estimator, "classes_"):
        count = estimator.n_outputs_
        return [name] if count == 1 else [f"{name} {i + 1}" for i in range(count)]
    if estimator._label_binarizer.y_type_.startswith("multilabel"):
        raise ValueError("a model file holds one class for each row; a network of several labels has no file")
    return name, [written(label) for label in estimator.classes_]


def names_of(estimator):
    """The names of the columns, x0, x1, … where there were none."""
    if hasattr(estimator, "feature_names_in_"):
        return [str(name) for name in estimator.feature_names_in_]
    return [f"x{i}" for i in range(estimator.n_features_in_)]


def save(estimator, path):
    """Writes a fitted estimator as a model that the command reads too: whole, or not at all."""
    check_is_fitted(estimator)
    encoder = getattr(estimator, "_encoder", None)
    if encoder is None:
        encoder = _core.Encoder.plain(names_of(estimator), target_of(estimator))
    dtype = float_type(*estimator.coefs_)
    theta = unroll(estimator.coefs_, estimator.intercepts_, dtype)
    _core.save_model(os.fspath(path), encoder, estimator._network(), theta, _about(estimator))


def _about(estimator):
    """What the training was, for who asks the model."""
    costs = [float(cost) for cost in getattr(estimator, "loss_curve_", None) or ()]
    scores = getattr(estimator, "validation_scores_", None) or []
    accuracies = [float(score) for score in scores] if hasattr(estimator, "classes_") else []
    if accuracies:
        best = int(np.nanargmax(accuracies)) + 1
    else:
        best = len(costs)
    rows, penalty = estimator.t_ // max(estimator.n_iter_, 1), float(estimator.alpha)
    return {
        "optimizer": estimator._core_solver(),
        "penalty": penalty,
        "costs": costs,
        "accuracies": accuracies,
        "best_epoch": min(best, len(costs)),
        "rows": int(rows),
        "held_out": 0,
    }


def load(path):
    """The estimator of a model file: a classifier or a regressor, ready to predict.

    Of a model that the command has trained on a table, the columns go in as they are in the table, by their names: a dataframe with
    texts, gaps and all.

    Parameters
    ----------
    path : str or path-like
        A file that :meth:`MLPClassifier.save` or the command has written.

    Returns
    -------
    estimator : MLPClassifier or MLPRegressor
        With the weights of the file.
    """
    from retrograde._classifier import MLPClassifier
    from retrograde._regressor import MLPRegressor

    found = _core.load_model(os.fspath(path))
    kind, _, classes = found["encoder"].target
    estimator = MLPClassifier() if kind == "classes" else MLPRegressor()
    _set_parameters(estimator, found)
    _set_weights(estimator, found)
    if classes is not None:
        _set_classes(estimator, classes)
    return estimator


def _set_parameters(estimator, found):
    names = [SKLEARN_NAMES.get(name, name) for name in found["activations"]]
    solver = SOLVERS.get(found["optimizer"], found["optimizer"])
    estimator.set_params(
        hidden_layer_sizes=tuple(found["sizes"][1:-1]),
        activation=names[0] if names and len(set(names)) == 1 else names or "identity",
        solver=solver,
        alpha=found["penalty"],
    )
    estimator._take_loss(found)


def _set_weights(estimator, found):
    encoder, costs, sizes = found["encoder"], found["costs"], found["sizes"]
    estimator.coefs_, estimator.intercepts_ = roll(found["theta"], sizes)
    estimator.n_layers_, estimator.n_outputs_ = len(sizes), sizes[-1]
    estimator.out_activation_ = SKLEARN_NAMES.get(found["output"], found["output"])
    estimator.loss_curve_, estimator.n_iter_ = costs, len(costs)
    estimator.t_ = found["rows"] * len(costs)
    estimator.best_loss_ = min(costs, default=np.inf)
    estimator.loss_ = costs[found["best_epoch"] - 1] if found["best_epoch"] else np.nan
    estimator.validation_scores_ = found["accuracies"] or None
    names = [name for name, _ in encoder.columns]
    estimator.n_features_in_ = len(names)
    if names != [f"x{i}" for i in range(len(names))]:
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator._encoder = None if encoder.is_plain else encoder


def _set_classes(estimator, texts):
    """The classes as NumPy has them: whole numbers, numbers or texts, in NumPy's order."""
    for kind in (int, float, str):
        try:
            labels = np.array([kind(text) for text in texts])
            break
        except ValueError:
            continue
    order = np.argsort(labels, kind="stable")
    estimator.classes_ = labels[order]
    estimator._label_binarizer = LabelBinarizer().fit(estimator.classes_)
    if (order == np.arange(len(order))).all():
        return
    if estimator.n_outputs_ == 1:
        estimator.coefs_[-1], estimator.intercepts_[-1] = -estimator.coefs_[-1], -estimator.intercepts_[-1]
    else:
        estimator.coefs_[-1] = np.ascontiguousarray(estimator.coefs_[-1][:, order])
        estimator.intercepts_[-1] = estimator.intercepts_[-1][order]
