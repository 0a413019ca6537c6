"""Imbalanced classes: class_weight, which scikit-learn's networks do not have.

One row in twenty is positive. Unweighted, the network says "no" too often; with class_weight="balanced" both classes count the same.
"""

from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split

from retrograde import MLPClassifier

X, y = make_classification(4000, 20, n_informative=6, weights=[0.95], class_sep=0.7, random_state=3)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=3)

for class_weight in [None, "balanced"]:
    network = MLPClassifier((32,), alpha=1.0, max_iter=60, class_weight=class_weight, tol=0, random_state=3)
    answers = network.fit(X_train, y_train).predict(X_test)
    recall = recall_score(y_test, answers)
    print(f"class_weight={class_weight}: balanced accuracy {balanced_accuracy_score(y_test, answers):.3f}, recall {recall:.3f}")
