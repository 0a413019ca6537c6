"""The losses: the core's names and constants, what targets they take, and what is constant in them."""

import numpy as np
from scipy.special import xlogy

from retrograde._arrays import as_numbers

CORE_NAMES = {
    "log_loss": "cross-entropy",
    "squared_error": "squared-error",
    "absolute_error": "absolute",
    "huber": "huber",
    "quantile": "quantile",
    "poisson": "poisson",
    "gamma": "gamma",
}
REGRESSION = [name for name in CORE_NAMES if name != "log_loss"]
# Their output is exp(z).
POSITIVE = ("poisson", "gamma")


def constants(estimator, n_outputs):
    """The numbers the core's loss is made with: Huber's delta, or a quantile level for each output."""
    if estimator.loss == "huber":
        return [float(estimator.delta)]
    if estimator.loss == "quantile":
        levels = as_numbers("quantile", estimator.quantile)
        if levels.ndim > 1 or not ((levels > 0) & (levels < 1)).all():
            raise ValueError(
                f"quantile must be above 0 and below 1, one for all outputs or a list of one for each; "
                f"got {estimator.quantile!r}"
            )
        if levels.ndim == 1 and len(levels) != n_outputs:
            raise ValueError(
                f"quantile has {len(levels)} levels for {n_outputs} outputs; give one for each, or one for all"
            )
        return np.broadcast_to(levels, n_outputs).tolist()
    return []


def expect_targets(loss, y):
    """Refuses targets that the loss is not defined for."""
    if loss not in POSITIVE:
        return
    bad = ~(y > 0) if loss == "gamma" else ~(y >= 0)
    if bad.any():
        row = np.argwhere(bad)[0]
        wanted = "strictly positive" if loss == "gamma" else "non-negative"
        raise ValueError(f"loss='{loss}' requires {wanted} y; row {row[0]} has {y[tuple(row)]}")


def row_constant(loss, y):
    """What the loss of each row has beside the core's cost, which leaves out what does not depend on the weights; or None.

    The core's costs of Poisson and gamma are the likelihoods', a − y ln a and ln a + y/a. Half the deviances, 0 where
    a = y, have y ln y − y and −ln y − 1 beside them.
    """
    if loss == "poisson":
        return (xlogy(y, y) - y).sum(axis=1, dtype=np.float64)
    if loss == "gamma":
        return (-np.log(y) - 1).sum(axis=1, dtype=np.float64)
    return None


def mean_constant(loss, y, sample_weight):
    """The average of :func:`row_constant`."""
    constant = row_constant(loss, y)
    return 0.0 if constant is None else float(np.average(constant, weights=sample_weight))
