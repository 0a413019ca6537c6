"""The rows that pull hardest: wrong labels have large gradients.

One label in twenty of the digits is made wrong. The rows are ordered by the norm of their own gradient.
"""

import numpy as np
from sklearn.datasets import load_digits

from retrograde import MLPClassifier

X, y = load_digits(return_X_y=True)
rng = np.random.default_rng(0)
flipped = rng.choice(len(y), len(y) // 20, replace=False)
noisy = y.copy()
noisy[flipped] = (y[flipped] + rng.integers(1, 10, len(flipped))) % 10

network = MLPClassifier((32,), alpha=1.0, max_iter=30, tol=0, random_state=0).fit(X / 16, noisy)
hardest = np.argsort(-network.pull(X / 16, noisy))[: len(flipped)]
print(f"of the {len(flipped)} rows that pull hardest, {np.isin(hardest, flipped).mean():.0%} have a wrong label (by chance: 5 %)")
