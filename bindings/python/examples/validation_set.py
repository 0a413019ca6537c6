"""A validation set of your own, and a callback: eval_set in the place of a random tenth.

Rows of one writer are alike: those who judge must be other writers'. Digits come from 43 of them, in blocks.
"""

from sklearn.datasets import load_digits

from retrograde import MLPClassifier

X, y = load_digits(return_X_y=True)
X = X / 16
train, judge, test = slice(0, 1100), slice(1100, 1400), slice(1400, None)


def every_tenth(network, epoch):
    if epoch["epoch"] % 10 == 0:
        print(f"epoch {epoch['epoch']:3}: loss {epoch['loss']:.4f}, validation {epoch['validation_score']:.3f}")


network = MLPClassifier((64,), early_stopping=True, callbacks=[every_tenth], random_state=0)
network.fit(X[train], y[train], eval_set=(X[judge], y[judge]))
print(f"ended after {network.n_iter_} epochs; accuracy {network.score(X[test], y[test]):.3f} on later writers")
