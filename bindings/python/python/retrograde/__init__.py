"""Feed-forward neural networks trained by backpropagation, instead of those of ``sklearn.neural_network``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrograde._classifier import MLPClassifier
    from retrograde._model_file import load
    from retrograde._regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "load"]

# Read when they are asked for: the command, `python -m retrograde`, does not wait for scikit-learn.
_ROOMS = {"MLPClassifier": "_classifier", "MLPRegressor": "_regressor", "load": "_model_file"}


def __getattr__(name):
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__():
    return sorted(globals().keys() | __all__)
