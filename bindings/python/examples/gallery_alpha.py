"""How alpha smooths a decision: the experiment of scikit-learn's gallery "Varying regularization in Multi-layer Perceptron".

The import of MLPClassifier is all that differs from a program for scikit-learn.
"""

import numpy as np
from sklearn.datasets import make_circles, make_classification, make_moons
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from retrograde import MLPClassifier

SHADES = " .:-=+*#%@"
alphas = np.logspace(-1, 1, 5)


def straight():
    """Two classes that a line tells apart, moved about a little."""
    X, y = make_classification(
        n_features=2, n_redundant=0, n_informative=2, n_clusters_per_class=1, random_state=0
    )
    return X + np.random.RandomState(2).uniform(0, 2, X.shape), y


def drawn(model, X, wide=34, high=12):
    """The probability of the second class over the plane, as shades."""
    (left, low), (right, top) = X.min(axis=0) - 0.5, X.max(axis=0) + 0.5
    across, up = np.meshgrid(np.linspace(left, right, wide), np.linspace(top, low, high))
    likely = model.predict_proba(np.column_stack([across.ravel(), up.ravel()]))[:, 1]
    shades = (likely * (len(SHADES) - 1)).round().astype(int).reshape(high, wide)
    return ["".join(SHADES[shade] for shade in row) for row in shades]


problems = {
    "moons": make_moons(noise=0.3, random_state=0),
    "circles": make_circles(noise=0.2, factor=0.5, random_state=1),
    "straight": straight(),
}
losses, scores = [], []
for name, (X, y) in problems.items():
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=42)
    pictures = []
    for alpha in alphas:
        net = MLPClassifier([10, 10], solver="lbfgs", alpha=alpha, max_iter=2000, random_state=1)
        model = make_pipeline(StandardScaler(), net).fit(X_train, y_train)
        losses.append(net.loss_)
        scores.append([model.score(X_train, y_train), model.score(X_test, y_test)])
        size = sum((coef**2).sum() for coef in net.coefs_)
        print(f"{name:<9} alpha {alpha:5.2f}  loss {net.loss_:.4f}  ‖W‖² {size:7.2f}", end="  ")
        print("accuracy {:.2f}, unseen {:.2f}".format(*scores[-1]))
        pictures.append(drawn(model, X))
    print()
    # The least, the middle and the most of alpha side by side.
    for lines in zip(*pictures[::2]):
        print("   ".join(lines))
    print()
