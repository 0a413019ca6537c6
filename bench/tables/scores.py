"""The measures, computed here from the predictions of both."""

import numpy as np

# A class that was given no probability at all costs no more than this one's.
LEAST = 1e-15


def of_classes(truth, names, probabilities):
    places = {name: k for k, name in enumerate(names)}
    # A class that no training row had was given the probability 0 by all.
    known = np.array([places.get(name, -1) for name in truth])
    given = np.where(known < 0, 0.0, probabilities[np.arange(len(truth)), known])
    hits = np.argmax(probabilities, axis=1) == known
    return {"accuracy": float(hits.mean()), "log_loss": float(-np.log(np.clip(given, LEAST, 1.0)).mean())}


def of_numbers(truth, predicted):
    """Of several targets together: a constant one has no R² of its own."""
    squares = (truth - predicted) ** 2
    spread = (truth - truth.mean(axis=0)) ** 2
    return {"rmse": float(np.sqrt(squares.mean())), "r2": float(1 - squares.sum() / spread.sum())}


def of(set_, truth, answer):
    if set_.classes:
        return of_classes(truth, answer.columns, answer.values)
    return of_numbers(truth, answer.values)
