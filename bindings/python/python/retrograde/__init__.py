"""Feed-forward neural networks trained by backpropagation, instead of those of ``sklearn.neural_network``."""

from retrograde._classifier import MLPClassifier
from retrograde._regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
