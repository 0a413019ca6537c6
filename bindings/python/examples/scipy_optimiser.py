"""An optimiser of your own: J and its gradient, as a function of all weights, for SciPy.

Newton's method with conjugate gradients is none of ours; it needs nothing but cost_and_grad.
"""

import numpy as np
from scipy.optimize import check_grad, minimize
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from retrograde import MLPClassifier

X, y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
# One step makes the weights, the classes and the shape.
network = MLPClassifier((5,), activation="tanh", alpha=1.0, random_state=0).partial_fit(X, y, classes=np.unique(y))


def cost_and_grad(theta):
    return network.cost_and_grad(theta, X, y)


found = minimize(cost_and_grad, network.theta_, jac=True, method="Newton-CG", options={"maxiter": 100})
network.set_theta(found.x)
away = check_grad(lambda t: cost_and_grad(t)[0], lambda t: cost_and_grad(t)[1], found.x)
print(f"J = {found.fun:.6f} after {found.nit} iterations of {len(found.x)} weights, |gradient| = {np.abs(found.jac).max():.1e}")
print(f"SciPy's own difference quotients are {away:.0e} away; accuracy {network.score(X, y):.3f}")
