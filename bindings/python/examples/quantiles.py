"""Quantiles: an interval that holds nine of ten, learned as two numbers that the target is below of.

The noise grows with x, and the interval with it.
"""

import numpy as np

from retrograde import MLPRegressor

rng = np.random.default_rng(1)
x = rng.uniform(0, 1, 4000)
y = np.sin(6 * x) + (0.05 + 0.4 * x) * rng.normal(size=len(x))
X, train = x[:, None], np.arange(len(x)) < 3000

bounds = {}
for level in [0.05, 0.5, 0.95]:
    network = MLPRegressor("quantile", (32, 32), quantile=level, activation="tanh", max_iter=150, random_state=1)
    bounds[level] = network.fit(X[train], y[train]).predict(X[~train])

inside = (bounds[0.05] <= y[~train]) & (y[~train] <= bounds[0.95])
print(f"inside the interval: {inside.mean():.1%} of {len(inside)} rows that the networks have not seen (wanted 90 %)")
for name, rows in [("x < 0.2", x[~train] < 0.2), ("x > 0.8", x[~train] > 0.8)]:
    print(f"width where {name}: {(bounds[0.95] - bounds[0.05])[rows].mean():.2f}")
