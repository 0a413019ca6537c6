"""Calibration: of the rows that get 0.8, eight in ten should be positive.

An overfitted network is too sure of itself; scikit-learn's CalibratedClassifierCV takes ours as it takes its own.
"""

from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import train_test_split

from retrograde import MLPClassifier

X, y = make_classification(3000, 20, n_informative=5, flip_y=0.2, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
network = MLPClassifier((64,), alpha=0, max_iter=300, random_state=0)
for name, model in [("as it is", network), ("calibrated", CalibratedClassifierCV(network, cv=5))]:
    p = model.fit(X_train, y_train).predict_proba(X_test)[:, 1]
    print(f"{name}: Brier score {brier_score_loss(y_test, p):.3f}, log loss {log_loss(y_test, p):.3f}")
