"""scikit-learn's MLPClassifier. Its threads are its BLAS's, which the driver sets in the environment."""

import inspect
import time
import warnings

import numpy as np
import sklearn
from cases import CASES, LAMBDA, LEARNING_RATE
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from worker import CALLS, arguments, repeated, serve, timed


class Watched(MLPClassifier):
    """Notes when each epoch ends, so that the checks at the beginning of a fit are not counted."""

    def _update_no_improvement_count(self, *args, **kwargs):
        super()._update_no_improvement_count(*args, **kwargs)
        self.ends.append(time.perf_counter())


def settings(case, **others):
    return dict(hidden_layer_sizes=case.sizes[1:-1], warm_start=True, tol=0.0, random_state=1, **others)


def epochs(case):
    x, y = case.x(np.float32), case.classes()
    never = 10**9
    model = Watched(
        **settings(case, activation="relu", alpha=0.0, batch_size=case.batch, n_iter_no_change=never),
        learning_rate_init=LEARNING_RATE,
    )

    def measure_all(count):
        # The first epoch of a fit begins when nobody knows; the others begin where the one before ended.
        model.ends = []
        model.set_params(max_iter=count + 1).fit(x, y)
        return list(np.diff(model.ends)), {"cost": model.loss_}

    return measure_all


def on_all_rows(case, alpha, **others):
    """A model with the start's weights, X and the targets as several labels, which gives sigmoid outputs."""
    x, y = case.x(np.float64), case.one_hot(np.int64)
    model = MLPClassifier(
        **settings(case, activation="logistic", solver="lbfgs", alpha=alpha, max_iter=1, max_fun=10**9), **others
    )
    model.fit(x, y)
    return model, x, y


def start(model, case, dtype):
    layers = case.weights(dtype)
    model.coefs_ = [np.ascontiguousarray(weights.T) for weights, _ in layers]
    model.intercepts_ = [bias for _, bias in layers]


def evaluations(case):
    model, x, y = on_all_rows(case, 0.0)
    start(model, case, np.float64)
    # What fit() hands to its own solver.
    activations = [x] + [np.empty((case.rows, units)) for units in case.sizes[1:]]
    deltas = [np.empty_like(a) for a in activations[1:]]
    coef_grads = [np.empty_like(coef) for coef in model.coefs_]
    intercept_grads = [np.empty_like(bias) for bias in model.intercepts_]
    known = {
        "X": x,
        "y": y.astype(np.float64),
        "sample_weight": None,
        "activations": activations,
        "deltas": deltas,
        "coef_grads": coef_grads,
        "intercept_grads": intercept_grads,
    }
    given = [known[name] for name in inspect.signature(model._backprop).parameters]
    return repeated(timed(lambda: {"cost": model._backprop(*given)[0]}))


def descents(case):
    model, x, y = on_all_rows(case, LAMBDA)
    model.set_params(max_iter=100)

    def run():
        start(model, case, np.float64)
        model.fit(x, y)
        return {"iterations": model.n_iter_, "cost": model.loss_}

    return repeated(timed(run))


def predictor(case, calls):
    model = MLPClassifier(**settings(case, activation="relu", max_iter=1))
    rows = max(case.rows, 100)
    x = np.resize(case.x(np.float32), (rows, case.sizes[0]))
    model.fit(x[:100], np.arange(100) % case.sizes[-1])
    start(model, case, np.float32)
    # Two classes have one sigmoid output there.
    if case.sizes[-1] == 2:
        model.coefs_[-1] = np.ascontiguousarray(model.coefs_[-1][:, :1])
        model.intercepts_[-1] = model.intercepts_[-1][:1]
    x = x[: case.rows]
    return repeated(timed(lambda: model.predict_proba(x) is None, calls))


def main():
    args = arguments()
    case = CASES[args.case]
    warnings.simplefilter("ignore", ConvergenceWarning)
    # The rows are known to be finite: it need not look.
    sklearn.set_config(assume_finite=True)
    prepare = {
        "epoch": epochs,
        "evaluation": evaluations,
        "run": descents,
        "prediction": lambda case: predictor(case, 1),
        "call": lambda case: predictor(case, CALLS // 20),
    }[case.kind]
    serve("scikit-learn", sklearn.__version__, prepare(case))


main()
