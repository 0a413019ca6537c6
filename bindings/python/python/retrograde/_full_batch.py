"""Training by the methods that work on the cost of all rows: lbfgs, cg, scg and lm."""

import sys

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from retrograde import _core, _losses
from retrograde._arrays import inputs
from retrograde._progress import Progress
from retrograde._threads import threads
from retrograde._warnings import warn

# SciPy's default for the relative fall of the cost, by which scikit-learn's lbfgs ends.
COST_TOLERANCE = 1e7 * np.finfo(np.float64).eps
# Why a method ended without being there, as SciPy's status and words.
UNFINISHED = {
    "iterations": (1, "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT"),
    "evaluations": (1, "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT"),
    "not finite": (2, "ABNORMAL: the loss or its gradient at the start is not finite"),
}
REASONS = {"iterations": "max_iter", "evaluations": "max_fun", "not finite": "not_finite"}


class FullBatch:
    """The iterations of an estimator. It is called after each: ``training(iteration, cost)``."""

    def __init__(self, estimator, theta, rows, evaluation):
        """`rows` are X, y, weights and the numbers of those that train, or None for all; `evaluation` may be None."""
        self.estimator = estimator
        self.theta = theta
        X, y, weights, train = rows
        if train is not None:
            X, y, weights = X[train], y[train], None if weights is None else weights[train]
        self.X, self.y, self.weights = X, y, weights
        self.evaluation = evaluation
        self.decides = evaluation is not None and evaluation.decides
        self.constant = _losses.mean_constant(estimator.loss, y, weights)

    def run(self, network):
        """Trains until the method or the estimator's rules end it."""
        estimator, dtype = self.estimator, self.theta.dtype
        settings = {
            "alpha": float(estimator.alpha),
            "max_iter": min(int(estimator.max_iter), sys.maxsize),
            "max_fun": min(int(estimator.max_fun), sys.maxsize),
            "tol": float(estimator.tol),
            "cost_tol": COST_TOLERANCE,
            "threads": threads(estimator),
        }
        weights = self.weights
        if weights is not None:
            weights = np.ascontiguousarray(weights, dtype=dtype)
        rows = (inputs(self.X, dtype), np.ascontiguousarray(self.y, dtype=dtype), weights)
        estimator.stop_reason_ = None
        self.progress = Progress(estimator, self.theta)
        try:
            iterations, _, cost, end = _core.fit_batch(
                network, self.theta, rows, estimator.solver_, settings, self
            )
        finally:
            if self.decides:
                self.evaluation.restore()
        estimator.n_iter_, estimator.loss_ = iterations, cost + self.constant
        if iterations == 0:
            self._note_best()
        if end == "asked":
            if estimator.stop_reason_ == "time_limit":
                self.progress.warn_of_time()
            return
        estimator.stop_reason_ = REASONS.get(end, "converged")
        if end in UNFINISHED:
            self._warn(end)

    def __call__(self, iteration, cost):
        """The estimator's account of an iteration, and whether there is another."""
        estimator = self.estimator
        estimator.n_iter_, estimator.loss_ = iteration, cost + self.constant
        estimator.loss_curve_.append(estimator.loss_)
        if estimator.verbose:
            print(f"Iteration {iteration}, loss = {estimator.loss_:.8f}")
        self._note_best()
        score, is_worse = (None, False) if self.evaluation is None else self.evaluation.score()
        reason = self.progress.ends(score)
        if self.decides:
            count = estimator._no_improvement_count + 1 if is_worse else 0
            estimator._no_improvement_count = count
            if count > estimator.n_iter_no_change:
                reason = reason or "no_improvement"
        estimator.stop_reason_ = reason
        return reason is None

    def _note_best(self):
        estimator = self.estimator
        if not self.decides:
            best = np.inf if estimator.best_loss_ is None else estimator.best_loss_
            estimator.best_loss_ = min(best, estimator.loss_)

    def _warn(self, end):
        estimator = self.estimator
        status, message = UNFINISHED[end]
        iterations = estimator.n_iter_
        text = (
            f"{estimator.solver_} failed to converge after {iterations} iteration(s) (status={status}):\n"
            f"{message}\n"
        )
        if iterations == estimator.max_iter:
            text += (
                "\nIncrease the number of iterations to improve the convergence"
                f" (max_iter={estimator.max_iter})."
            )
        text += (
            "\nYou might also want to scale the data as shown in:\n"
            "    https://scikit-learn.org/stable/modules/preprocessing.html"
        )
        warn(text, ConvergenceWarning)
