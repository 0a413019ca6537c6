"""Which solvers there are, what each can do, and what 'auto' stands for."""

import numpy as np

from retrograde._arrays import as_numbers

MINI_BATCH = ("sgd", "adam", "adamw", "rmsprop")
# One step for each gradient; rprop's is that of all rows.
STEPS = (*MINI_BATCH, "rprop")
# Iterations on the cost of all rows.
FULL_BATCH = ("lbfgs", "cg", "scg", "lm")
SOLVERS = (*STEPS, *FULL_BATCH)

# AdamW's, where nobody chose one.
WEIGHT_DECAY = 0.3


def takes_partial_fit(solver):
    return solver in MINI_BATCH or solver == "auto"


def choose(estimator, network, n_rows, is_one_epoch):
    """The solver that `estimator.solver` stands for, with these rows of this network."""
    if estimator.solver != "auto":
        return estimator.solver
    asks_for_steps = (
        is_one_epoch
        or estimator.batch_size != "auto"
        or np.any(as_numbers("dropout", estimator.dropout))
        or estimator.weight_decay
    )
    return "adam" if asks_for_steps else network.automatic(n_rows)


def expect_usable(estimator, solver):
    """Refuses what was asked for and the solver would leave undone."""
    if solver in MINI_BATCH:
        return
    several = ", ".join(repr(name) for name in MINI_BATCH)
    if np.any(as_numbers("dropout", estimator.dropout)):
        raise ValueError(
            f"dropout={estimator.dropout!r} does not go with solver='{solver}', whose steps need one and the same function "
            f"of the weights; choose one of {several}"
        )
    if estimator.weight_decay:
        raise ValueError(
            f"weight_decay={estimator.weight_decay!r} does not go with solver='{solver}'; "
            f"choose one of {several}, or use alpha"
        )
    if solver == "rprop" and estimator.batch_size != "auto":
        raise ValueError(
            f"solver='rprop' steps by the gradient of all rows; leave batch_size='auto', "
            f"not {estimator.batch_size!r}"
        )


def weight_decay(estimator, solver):
    """d of W ← (1 − ηd)W before each step."""
    if estimator.weight_decay is None:
        return WEIGHT_DECAY if solver == "adamw" else 0.0
    return float(estimator.weight_decay)
