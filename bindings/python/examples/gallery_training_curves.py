"""Ways to go down: the experiment of scikit-learn's gallery "Compare Stochastic learning strategies for MLPClassifier".

The import of MLPClassifier is all that differs from a program for scikit-learn.
"""

import warnings

import numpy as np
from sklearn.datasets import load_digits, load_iris, make_circles, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import minmax_scale

from retrograde import MLPClassifier

# Not all of them arrive in so few epochs.
warnings.simplefilter("ignore", ConvergenceWarning)

sgd = {"solver": "sgd", "learning_rate_init": 0.2}
classical, nesterov = {"momentum": 0.9, "nesterovs_momentum": False}, {"momentum": 0.9}
falling = {"learning_rate": "invscaling"}
strategies = {
    "constant rate": {**sgd, "momentum": 0},
    "with momentum": {**sgd, **classical},
    "with Nesterov's": {**sgd, **nesterov},
    "falling rate": {**sgd, **falling, "momentum": 0},
    "falling, momentum": {**sgd, **falling, **classical},
    "falling, Nesterov's": {**sgd, **falling, **nesterov},
    "adam": {"solver": "adam", "learning_rate_init": 0.01},
}
problems = {
    "iris": (*load_iris(return_X_y=True), 400),
    "digits": (*load_digits(return_X_y=True), 15),
    "circles": (*make_circles(noise=0.2, factor=0.5, random_state=1), 400),
    "moons": (*make_moons(noise=0.3, random_state=0), 400),
}


def drawn(curve, highest, wide=40):
    """A curve in one line: a bar for its mean in each of `wide` parts."""
    parts = [part.mean() for part in np.array_split(curve, min(wide, len(curve)))]
    return "".join("▁▂▃▄▅▆▇█"[min(7, int(8 * part / highest))] for part in parts)


curves, scores = [], []
for name, (X, y, epochs) in problems.items():
    X = minmax_scale(X)
    print(f"{name}, {epochs} epochs at most")
    nets = [
        MLPClassifier(max_iter=epochs, random_state=0, **how).fit(X, y) for how in strategies.values()
    ]
    highest = max(net.loss_curve_[0] for net in nets)
    for strategy, net in zip(strategies, nets):
        curves.append(net.loss_curve_)
        scores.append(net.score(X, y))
        end = f"{scores[-1]:.3f} after {net.n_iter_:3}, loss {net.loss_:.4f}"
        print(f"  {strategy:<20} {end}  {drawn(net.loss_curve_, highest)}")
