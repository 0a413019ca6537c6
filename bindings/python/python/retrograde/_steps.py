"""The step methods' rates, and the epochs of a training by them."""

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import shuffle

from retrograde import _core, _losses
from retrograde._arrays import inputs
from retrograde._parameters import dropout_rates
from retrograde._progress import Progress
from retrograde._solvers import weight_decay
from retrograde._threads import threads
from retrograde._warnings import warn

SMALLEST_RATE = 1e-6


def new_method(estimator, solver, theta):
    """The core's method at its beginning."""
    if solver == "adam":
        return _core.Method.adam(theta, estimator.beta_1, estimator.beta_2, estimator.epsilon)
    if solver == "adamw":
        return _core.Method.adamw(theta, estimator.beta_1, estimator.beta_2, estimator.epsilon)
    if solver == "rmsprop":
        return _core.Method.rmsprop(theta, estimator.beta_2, estimator.epsilon)
    if solver == "rprop":
        return _core.Method.rprop(theta)
    if estimator.nesterovs_momentum:
        return _core.Method.nesterov(theta, estimator.momentum)
    return _core.Method.sgd(theta, estimator.momentum)


class Steps:
    """A step method, the state it keeps between calls of ``partial_fit``, and its learning rate."""

    def __init__(self, estimator, theta):
        self.solver = estimator.solver_
        self.schedule = estimator.learning_rate if self.solver == "sgd" else "constant"
        self.start = float(estimator.learning_rate_init)
        self.power_t = estimator.power_t
        self.learning_rate = self.start
        self.method = new_method(estimator, self.solver, theta)

    def after_epoch(self, rows_seen):
        if self.schedule == "invscaling":
            self.learning_rate = self.start / (rows_seen + 1) ** self.power_t

    def give_up(self, message, verbose):
        """Whether a training that no longer gets better ends, or goes on with a smaller rate."""
        ends = self.schedule != "adaptive" or self.learning_rate <= SMALLEST_RATE
        if self.schedule != "adaptive":
            message += " Stopping."
        elif ends:
            message += " Learning rate too small. Stopping."
        else:
            self.learning_rate /= 5.0
            message += f" Setting learning rate to {self.learning_rate:f}"
        if verbose:
            print(message)
        return ends


class Training:
    """Epoch after epoch of an estimator. It is called before each: ``training(cost of the one before)``."""

    def __init__(self, estimator, theta, rows, random_state, evaluation):
        """`rows` are X, y, weights and the numbers of those that train, or None for all; `evaluation` may be None."""
        self.estimator = estimator
        self.theta = theta
        self.random_state = random_state
        self.evaluation = evaluation
        self.X, self.y, self.weights, train_rows = rows
        self.train_rows = None if train_rows is None else train_rows.astype(np.uint32)
        self.decides = evaluation is not None and evaluation.decides
        n_rows = self.X.shape[0] if train_rows is None else len(train_rows)
        self.places = np.arange(n_rows, dtype=int)
        self.batch = self._batch_size(n_rows)
        self.constant = _losses.row_constant(estimator.loss, self.y)
        self.order = self.train_rows
        self.is_one_epoch = False
        if not self.decides and estimator.best_loss_ is None:
            estimator.best_loss_ = np.inf

    def run(self, network, is_one_epoch, seed):
        """Trains until the estimator's rules end it, or for one epoch; `seed` chooses the units that dropout drops."""
        estimator, dtype = self.estimator, self.theta.dtype
        self.is_one_epoch = is_one_epoch
        weights = self.weights
        if weights is not None:
            weights = np.ascontiguousarray(weights, dtype=dtype)
        settings = {
            "alpha": float(estimator.alpha),
            "batch": self.batch,
            "threads": threads(estimator),
            "weight_decay": weight_decay(estimator, estimator.solver_),
            "dropout": dropout_rates(estimator, len(estimator.coefs_) - 1),
            "seed": seed,
        }
        rows = (inputs(self.X, dtype), np.ascontiguousarray(self.y, dtype=dtype), weights)
        estimator.stop_reason_ = None
        self.progress = Progress(estimator, self.theta)
        goes_on_later = False
        try:
            _core.fit_epochs(network, self.theta, rows, estimator._optimizer.method, settings, self)
            # Between calls of partial_fit the weights are those that the next call goes on from.
            goes_on_later = is_one_epoch and estimator.stop_reason_ is None
        except KeyboardInterrupt:
            estimator.stop_reason_ = "interrupted"
            warn("Training interrupted by user.")
        finally:
            if self.decides and not goes_on_later:
                self.evaluation.restore()

    def __call__(self, cost):
        if cost is not None:
            self.estimator.stop_reason_ = self._ends(cost)
            if self.is_one_epoch or self.estimator.stop_reason_ is not None:
                return None
        if self.estimator.shuffle:
            # scikit-learn's: each epoch permutes the order of the one before.
            self.places = shuffle(self.places, random_state=self.random_state)
            order = self.places if self.train_rows is None else self.train_rows[self.places]
            self.order = order.astype(np.uint32)
        return self.order, self.estimator._optimizer.learning_rate

    def _batch_size(self, n_rows):
        size = self.estimator.batch_size
        if self.estimator.solver_ == "rprop":
            return n_rows
        if isinstance(size, str):
            return min(200, n_rows)
        if size > n_rows:
            warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped"
            )
        return int(np.clip(size, 1, n_rows))

    def _ends(self, cost):
        """The estimator's account of an epoch, and why there is no other, or None."""
        estimator, steps = self.estimator, self.estimator._optimizer
        rate = steps.learning_rate
        estimator.n_iter_ += 1
        estimator.loss_ = cost + self._mean_constant()
        estimator.t_ += len(self.places)
        estimator.loss_curve_.append(estimator.loss_)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {estimator.loss_:.8f}")
        score = self._count()
        steps.after_epoch(estimator.t_)
        asked = self.progress.ends(score, rate)
        if estimator._no_improvement_count > estimator.n_iter_no_change:
            what = "Validation score" if self.decides else "Training loss"
            message = (
                f"{what} did not improve more than tol={estimator.tol:f}"
                f" for {estimator.n_iter_no_change} consecutive epochs."
            )
            if steps.give_up(message, estimator.verbose):
                if self.decides and self.is_one_epoch:
                    estimator._no_improvement_count = 0
                return "no_improvement"
            estimator._no_improvement_count = 0
        if asked == "callback" or self.is_one_epoch:
            return asked if asked == "callback" else None
        if estimator.n_iter_ == estimator.max_iter:
            warn(
                f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) "
                "reached and the optimization hasn't converged yet.",
                ConvergenceWarning,
            )
            return "max_iter"
        if asked is not None:
            self.progress.warn_of_time()
        return asked

    def _count(self):
        """Counts the epochs in a row that brought no more than ``tol``. Returns the validation score, if there is one."""
        estimator, score = self.estimator, None
        if self.evaluation is not None:
            score, is_worse = self.evaluation.score()
        if not self.decides:
            # NaN is no improvement, and does not count as its absence either: scikit-learn's rule.
            is_worse = estimator.loss_ > estimator.best_loss_ - estimator.tol
            if estimator.loss_ < estimator.best_loss_:
                estimator.best_loss_ = estimator.loss_
        estimator._no_improvement_count = estimator._no_improvement_count + 1 if is_worse else 0
        return score

    def _mean_constant(self):
        """What the loss has beside the core's cost: the average of a constant of each row, batch by batch."""
        if self.constant is None:
            return 0.0
        order = self.places if self.order is None else self.order
        constant, starts = self.constant[order], np.arange(0, len(order), self.batch)
        if self.weights is None:
            return float(constant.mean())
        weights, rows = self.weights[order], np.diff(np.append(starts, len(order)))
        total = np.add.reduceat(weights, starts)
        sums = np.add.reduceat(weights * constant, starts)
        means = np.divide(sums, total, out=np.zeros_like(total), where=total > 0)
        return float(means @ rows / len(order))
