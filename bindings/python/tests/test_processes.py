"""Fits in many threads at once, and in processes that begin after a fit."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.datasets import make_classification

from retrograde import MLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore:.*iterations.*", "ignore:.*fork.*:DeprecationWarning")


def fit(seed):
    """Large enough for a batch to be shared among threads."""
    X, y = make_classification(2000, 60, n_informative=20, n_classes=3, random_state=seed)
    return MLPClassifier((128, 64), batch_size=500, max_iter=2, random_state=seed).fit(X, y).theta_


def test_fifty_fits_in_threads():
    expected = [fit(seed) for seed in range(5)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fit, [seed % 5 for seed in range(50)], timeout=300))
    for place, theta in enumerate(found):
        np.testing.assert_array_equal(theta, expected[place % 5])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_after_a_fit(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    expected = fit(1)
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = pool.map_async(fit, [1, 1]).get(timeout=120)
    for theta in found:
        np.testing.assert_array_equal(theta, expected)
