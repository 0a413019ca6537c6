"""Explain: why a row is what the network says, in a notebook or a terminal.

The row that pulls hardest, the weight that it pulls hardest at, and the proof of that weight's derivative on this very row.
"""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

from retrograde import MLPClassifier

X, y = load_iris(as_frame=True, return_X_y=True)
X = StandardScaler().set_output(transform="pandas").fit_transform(X)
network = MLPClassifier((4,), activation="tanh", solver="lbfgs", alpha=0.1, random_state=0).fit(X, y)

hardest = int(np.argmax(network.pull(X, y)))
found = network.explain(X, y, hardest, weight="L2[2,1]", proof=True)
print(found)

# The same as numbers: in a notebook, `found` alone shows the text.
assert found["weight"]["verdict"] == "agrees"
print(f"\n{found['weight']['name']}: this row {found['weight']['product']:+.4f}, all rows {found['weight']['all']['mean']:+.6f}")
