"""What is told and asked after each epoch or iteration: callbacks and the clock."""

import time

from sklearn.exceptions import ConvergenceWarning

from retrograde._warnings import warn


class Progress:
    """The callbacks and the time limit of a training that begins now."""

    def __init__(self, estimator, theta):
        self.estimator = estimator
        self.theta = theta
        callbacks = estimator.callbacks
        self.callbacks = [callbacks] if callable(callbacks) else list(callbacks or [])
        for callback in self.callbacks:
            if not callable(callback):
                raise TypeError(
                    f"callbacks must be callables of (estimator, info), but one of them is {callback!r}"
                )
        self.start = time.perf_counter()

    def ends(self, score=None, learning_rate=None):
        """Why the training ends here: "callback", "time_limit" or None."""
        elapsed = time.perf_counter() - self.start
        if self._is_asked_to_end(score, learning_rate, elapsed):
            return "callback"
        limit = self.estimator.time_limit
        return "time_limit" if limit is not None and elapsed >= limit else None

    def _is_asked_to_end(self, score, learning_rate, elapsed):
        estimator, ends = self.estimator, False
        if self.callbacks:
            # Copies: the weights of this epoch, whatever becomes of the training.
            estimator._take_weights(self.theta)
        for callback in self.callbacks:
            info = {
                "epoch": estimator.n_iter_,
                "loss": estimator.loss_,
                "validation_score": score,
                "learning_rate": learning_rate,
                "elapsed": elapsed,
            }
            try:
                answer = callback(estimator, info)
            except StopIteration:
                answer = True
            ends = ends or (answer is not None and bool(answer))
        return ends

    def warn_of_time(self):
        """Says that the time ended the training."""
        warn(
            f"Training ended by time_limit={self.estimator.time_limit} s after {self.estimator.n_iter_} epochs, "
            "and the optimization hasn't converged yet.",
            ConvergenceWarning,
        )
