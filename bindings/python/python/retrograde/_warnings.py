"""Warnings that the filters of programs for scikit-learn see."""

import sys
import warnings

# What such programs write: warnings.filterwarnings("ignore", category=ConvergenceWarning, module="sklearn").
MODULE = "sklearn.neural_network.retrograde"


def warn(text, category=UserWarning):
    """Warns from where it is called, under a module's name of scikit-learn's."""
    caller = sys._getframe(1)
    registry = caller.f_globals.setdefault("__warningregistry__", {})
    place = caller.f_code.co_filename, caller.f_lineno
    warnings.warn_explicit(text, category, *place, module=MODULE, registry=registry)
