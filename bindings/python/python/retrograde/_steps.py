"""The step methods' rates, and the epochs of a training by them."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import shuffle

from retrograde import _core
from retrograde._arrays import inputs, threads

SMALLEST_RATE = 1e-6


class Steps:
    """A step method, the state it keeps between calls of ``partial_fit``, and its learning rate."""

    def __init__(self, estimator, theta):
        self.schedule = estimator.learning_rate if estimator.solver == "sgd" else "constant"
        self.start = float(estimator.learning_rate_init)
        self.power_t = estimator.power_t
        self.learning_rate = self.start
        if estimator.solver == "adam":
            self.method = _core.Method.adam(
                theta, estimator.beta_1, estimator.beta_2, estimator.epsilon
            )
        elif estimator.nesterovs_momentum:
            self.method = _core.Method.nesterov(theta, estimator.momentum)
        else:
            self.method = _core.Method.sgd(theta, estimator.momentum)

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

    def __init__(self, estimator, theta, rows, random_state, is_one_epoch):
        self.estimator = estimator
        self.theta = theta
        self.random_state = random_state
        self.is_one_epoch = is_one_epoch
        X, self.y, self.weights = rows
        self.held_out = None
        self.train_rows = None
        if estimator.early_stopping:
            self._hold_out(X)
        n_rows = X.shape[0] if self.train_rows is None else len(self.train_rows)
        self.places = np.arange(n_rows, dtype=int)
        self.batch = self._batch_size(n_rows)
        self.constant = estimator._cost_constant(self.y)
        self.order = None if self.train_rows is None else self.train_rows

    def run(self, network, X):
        """Trains until the estimator's rules end it."""
        y = np.ascontiguousarray(self.y, dtype=self.theta.dtype)
        weights = self.weights
        if weights is not None:
            weights = np.ascontiguousarray(weights, dtype=self.theta.dtype)
        settings = {
            "alpha": float(self.estimator.alpha),
            "batch": self.batch,
            "threads": threads(),
        }
        steps = self.estimator._optimizer
        rows = (inputs(X, self.theta.dtype), y, weights)
        try:
            _core.fit_epochs(network, self.theta, rows, steps.method, settings, self)
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.")
        if self.held_out is not None:
            self.theta[:] = self.estimator._best_theta

    def __call__(self, cost):
        if cost is not None and not self._goes_on(cost):
            return None
        if self.estimator.shuffle:
            # scikit-learn's: each epoch permutes the order of the one before.
            self.places = shuffle(self.places, random_state=self.random_state)
            order = self.places if self.train_rows is None else self.train_rows[self.places]
            self.order = order.astype(np.uint32)
        return self.order, self.estimator._optimizer.learning_rate

    def _hold_out(self, X):
        """Chooses the rows of the validation as scikit-learn does, and keeps the others' numbers instead of a copy."""
        estimator = self.estimator
        train, held = train_test_split(
            np.arange(X.shape[0]),
            random_state=self.random_state,
            test_size=estimator.validation_fraction,
            stratify=estimator._stratification(self.y),
        )
        if len(held) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' "
                "or the size of your dataset."
            )
        weights = None if self.weights is None else self.weights[held]
        y = estimator._targets(self.y[held])
        self.held_out = (inputs(X[held], self.theta.dtype), y, weights)
        self.train_rows = train.astype(np.uint32)
        if getattr(estimator, "_best_theta", None) is None:
            estimator._best_theta = self.theta.copy()

    def _batch_size(self, n_rows):
        size = self.estimator.batch_size
        if isinstance(size, str):
            return min(200, n_rows)
        if size > n_rows:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped"
            )
        return int(np.clip(size, 1, n_rows))

    def _goes_on(self, cost):
        """The estimator's account of an epoch, and whether there is another."""
        estimator, steps = self.estimator, self.estimator._optimizer
        estimator.n_iter_ += 1
        estimator.loss_ = cost + self._mean_constant()
        estimator.t_ += len(self.places)
        estimator.loss_curve_.append(estimator.loss_)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {estimator.loss_:.8f}")
        self._count()
        steps.after_epoch(estimator.t_)
        if estimator._no_improvement_count > estimator.n_iter_no_change:
            what = "Training loss" if self.held_out is None else "Validation score"
            message = (
                f"{what} did not improve more than tol={estimator.tol:f}"
                f" for {estimator.n_iter_no_change} consecutive epochs."
            )
            if steps.give_up(message, estimator.verbose):
                return False
            estimator._no_improvement_count = 0
        if self.is_one_epoch:
            return False
        if estimator.n_iter_ == estimator.max_iter:
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) "
                "reached and the optimization hasn't converged yet.",
                ConvergenceWarning,
            )
            return False
        return True

    def _count(self):
        """Counts the epochs in a row that brought no more than ``tol``."""
        estimator = self.estimator
        if self.held_out is None:
            # NaN is no improvement, and does not count as its absence either: scikit-learn's rule.
            is_worse = estimator.loss_ > estimator.best_loss_ - estimator.tol
            if estimator.loss_ < estimator.best_loss_:
                estimator.best_loss_ = estimator.loss_
        else:
            score = estimator._score(self.theta, *self.held_out)
            estimator.validation_scores_.append(score)
            if estimator.verbose:
                print(f"Validation score: {score:f}")
            is_worse = score < estimator.best_validation_score_ + estimator.tol
            if score > estimator.best_validation_score_:
                estimator.best_validation_score_ = score
                estimator._best_theta = self.theta.copy()
        estimator._no_improvement_count = estimator._no_improvement_count + 1 if is_worse else 0

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
