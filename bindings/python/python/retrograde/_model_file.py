"""Model files: those of the command ``retrograde``, written and read."""

import json
import os

import numpy as np
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.validation import check_is_fitted

from retrograde import _core
from retrograde._arrays import float_type, roll, unroll
from retrograde._losses import CORE_NAMES
from retrograde._solvers import MINI_BATCH
from retrograde._tables import written

# Names of the core that scikit-learn has others for.
SKLEARN_NAMES = {"sigmoid": "logistic"}
# The command's methods by the names of solvers.
SAME_SOLVER = {"nesterov": "sgd", "gd": "sgd", "auto": "adam"}
ANSWERS = {"false": False, "true": True}
SKLEARN_LOSSES = {core: name for name, core in CORE_NAMES.items()}


def target_of(estimator):
    """What an estimator predicts, as the core's encoders have it; under the names of the file that it comes from, if it does."""
    name = "target"
    while name in names_of(estimator):
        name += "_"
    count = estimator.n_outputs_
    names = [name] if count == 1 else [f"{name} {i + 1}" for i in range(count)]
    names = getattr(estimator, "_target_names", None) or names
    if not hasattr(estimator, "classes_"):
        return names
    if estimator._label_binarizer.y_type_.startswith("multilabel"):
        raise ValueError("a model file holds one class for each row; a network of several labels has no file")
    name = (getattr(estimator, "_target_names", None) or [name])[0]
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
    elif encoder.has_plain_targets:
        encoder = encoder.with_target(target_of(estimator))
    dtype = float_type(*estimator.coefs_)
    theta = unroll(estimator.coefs_, estimator.intercepts_, dtype)
    _core.save_model(os.fsdecode(path), encoder, estimator._network(), theta, _about(estimator))


def _about(estimator):
    """What the training was, for who asks the model."""
    costs = [float(cost) for cost in estimator.loss_curve_ or ()]
    scores = [float(score) for score in estimator.validation_scores_ or ()]
    best = len(costs)
    if estimator.early_stopping and np.isfinite(scores).any():
        best = int(np.nanargmax(scores)) + 1
    rows = estimator.t_ // max(estimator.n_iter_, 1)
    return {
        "optimizer": estimator.solver_,
        "penalty": _penalty(estimator, rows),
        "costs": costs,
        "accuracies": scores if hasattr(estimator, "classes_") else [],
        "best_epoch": min(best, len(costs)),
        "rows": int(rows),
        "held_out": 0,
        "layers": json.dumps(getattr(estimator, "layer_history_", None) or []),
    }


def _penalty(estimator, rows):
    """λ of the course: `alpha` is over the rows of a batch, λ over all."""
    alpha = float(estimator.alpha)
    if estimator.solver_ not in MINI_BATCH or rows == 0:
        return alpha
    batch = 200 if isinstance(estimator.batch_size, str) else int(estimator.batch_size)
    return alpha * rows / min(batch, rows)


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

    found = _core.load_model(os.fsdecode(path))
    kind, names, classes = found["encoder"].target
    estimator = MLPClassifier() if kind == "classes" else MLPRegressor()
    _set_parameters(estimator, found)
    _set_weights(estimator, found)
    estimator._target_names = names
    if classes is not None:
        _set_classes(estimator, classes)
    return estimator


def _set_parameters(estimator, found):
    names = [SKLEARN_NAMES.get(name, name) for name in found["activations"]]
    solver = SAME_SOLVER.get(found["optimizer"], found["optimizer"])
    estimator.set_params(
        hidden_layer_sizes=tuple(found["sizes"][1:-1]),
        activation=names[0] if names and len(set(names)) == 1 else names or "identity",
        solver=solver,
        alpha=found["penalty"],
    )
    estimator.solver_, estimator.loss = solver, SKLEARN_LOSSES[found["loss"]]
    if "delta" in found:
        estimator.delta = found["delta"]
    if "levels" in found:
        levels = found["levels"]
        estimator.quantile = levels[0] if len(levels) == 1 else levels


def _set_weights(estimator, found):
    encoder, costs, sizes = found["encoder"], found["costs"], found["sizes"]
    estimator.coefs_, estimator.intercepts_ = roll(found["theta"], sizes)
    estimator.n_layers_, estimator.n_outputs_ = len(sizes), sizes[-1]
    estimator.out_activation_ = SKLEARN_NAMES.get(found["output"], found["output"])
    estimator.loss_curve_, estimator.n_iter_ = costs, len(costs)
    estimator.t_ = found["rows"] * len(costs)
    estimator.best_loss_ = min(costs, default=np.inf)
    estimator.stop_reason_ = None
    estimator.loss_ = costs[found["best_epoch"] - 1] if found["best_epoch"] else np.nan
    estimator.validation_scores_ = found["accuracies"] or None
    estimator.layer_history_ = json.loads(found["layers"]) or None
    names = [name for name, _ in encoder.columns]
    estimator.n_features_in_ = len(names)
    if names != [f"x{i}" for i in range(len(names))]:
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator.dtype = estimator.coefs_[0].dtype.type if estimator.coefs_[0].dtype == np.float32 else None
    is_plain = encoder.has_plain_inputs and encoder.has_plain_targets
    estimator._encoder = None if is_plain else encoder
    if not is_plain:
        estimator.set_params(allow_nan=True, categorical_features="from_dtype")
    estimator._best_theta, estimator._no_improvement_count = None, 0
    estimator.best_validation_score_ = max(found["accuracies"], default=None)


def _set_classes(estimator, texts):
    """The classes as NumPy has them: no and yes, whole numbers, numbers or texts, in NumPy's order."""
    for kind in (ANSWERS.__getitem__, int, float, str):
        try:
            labels = np.array([kind(text) for text in texts])
            break
        except (KeyError, ValueError):
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
