"""What the first layer looks for in digits: the experiment of scikit-learn's gallery "Visualization of MLP weights on MNIST".

The import of MLPClassifier is all that differs from a program for scikit-learn. The digits are those of 8 × 8 that come with
scikit-learn, or MNIST's where an argument is the path of an npz file that has them as x (m × 784) and y.
"""

import sys
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from retrograde import MLPClassifier

SHADES = " .:-=+*#%@"

if len(sys.argv) > 1:
    with np.load(sys.argv[1]) as file:
        X, y = file["x"], file["y"]
else:
    X, y = load_digits(return_X_y=True)
X = X / X.max()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, test_size=0.7)

net = MLPClassifier(
    (40,), solver="sgd", alpha=1e-4, learning_rate_init=0.2, max_iter=8, random_state=1, verbose=True
)
with warnings.catch_warnings():
    # So few epochs that nothing can have converged.
    warnings.simplefilter("ignore", ConvergenceWarning)
    net.fit(X_train, y_train)
curves = [net.loss_curve_]
scores = [net.score(X_train, y_train), net.score(X_test, y_test)]
print("accuracy {:.3f}, of unseen digits {:.3f}".format(*scores))

# All on one scale: a blank for the most negative weights, @ for the most positive.
weights = net.coefs_[0].T
side = int(np.sqrt(weights.shape[1]))
least, most = 0.5 * weights.min(), 0.5 * weights.max()
shades = ((weights - least) / (most - least) * (len(SHADES) - 1)).clip(0, len(SHADES) - 1).astype(int)
for start in range(0, 16, 4):
    units = shades[start : start + 4].reshape(4, side, side)
    for line in range(side):
        print("   ".join("".join(2 * SHADES[shade] for shade in unit[line]) for unit in units))
    print()
