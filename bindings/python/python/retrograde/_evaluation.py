"""Rows that are scored after each epoch: held out of the training's, or given as `eval_set`."""

import numpy as np
from sklearn.model_selection import train_test_split

from retrograde._arrays import inputs, row_weights


class Evaluation:
    """The score after each epoch, and with early stopping the weights that had the best."""

    def __init__(self, estimator, theta, rows, decides):
        self.estimator = estimator
        self.theta = theta
        self.rows = rows
        self.decides = decides
        if decides and getattr(estimator, "_best_theta", None) is None:
            estimator._best_theta = theta.copy()
            estimator.best_validation_score_ = -np.inf
        if estimator.validation_scores_ is None:
            estimator.validation_scores_ = []
        if estimator.best_validation_score_ is None:
            estimator.best_validation_score_ = -np.inf

    def score(self):
        """The score of the weights as they are, and whether it is no improvement."""
        estimator = self.estimator
        score = estimator._score(self.theta, *self.rows)
        estimator.validation_scores_.append(score)
        if estimator.verbose:
            print(f"Validation score: {score:f}")
        # NaN is no improvement, and does not count as its absence either: scikit-learn's rule.
        is_worse = score < estimator.best_validation_score_ + estimator.tol
        if score > estimator.best_validation_score_:
            estimator.best_validation_score_ = score
            if self.decides:
                estimator._best_theta = self.theta.copy()
        return score, is_worse

    def restore(self):
        """Puts the best weights back."""
        if self.decides:
            self.theta[:] = self.estimator._best_theta


def given(estimator, theta, eval_set, decides):
    """The evaluation of `eval_set`, which is (X, y) or (X, y, sample_weight)."""
    if not isinstance(eval_set, (tuple, list)) or len(eval_set) not in (2, 3):
        raise ValueError(
            f"eval_set must be (X, y) or (X, y, sample_weight), not {type(eval_set).__name__}"
            + (f" of {len(eval_set)}" if hasattr(eval_set, "__len__") else "")
        )
    X, y, *weights = eval_set
    X, y = estimator._validate_known(X, y)
    weights = row_weights(weights[0] if weights else None, X)
    return Evaluation(estimator, theta, (inputs(X, theta.dtype), estimator._targets(y), weights), decides)


def hold_out(estimator, theta, rows, random_state):
    """Holds rows out as scikit-learn does: the numbers of the others, and the evaluation of these."""
    X, y, weights = rows
    train, held = train_test_split(
        np.arange(X.shape[0]),
        random_state=random_state,
        test_size=estimator.validation_fraction,
        stratify=estimator._stratification(y),
    )
    if len(held) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            "or the size of your dataset."
        )
    weights = None if weights is None else weights[held]
    held_rows = (inputs(X[held], theta.dtype), estimator._targets(y[held]), weights)
    return train, Evaluation(estimator, theta, held_rows, decides=True)
