"""What comes in as X: arrays as scikit-learn checks them, or columns with gaps and categories, which are encoded."""

import numpy as np
from sklearn.utils import assert_all_finite, check_X_y
from sklearn.utils.validation import validate_data

from retrograde import _model_file, _tables
from retrograde._parameters import chosen_type

NO_TARGET = "no_validation"


class Columns:
    """An estimator's own check of X, and of y beside it."""

    @property
    def input_names_(self):
        """What each input of the network is: a column, a level of one, or that a value is missing."""
        if "coefs_" not in vars(self):
            raise AttributeError(f"This {type(self).__name__} instance is not fitted yet: it has no input_names_.")
        encoder = getattr(self, "_encoder", None)
        return _model_file.names_of(self) if encoder is None else encoder.names

    def _check(self, X, y=NO_TARGET, *, reset, **rules):
        """X, or X and y, as arrays of numbers without gaps; with `reset` the columns are learned."""
        if reset:
            self._encoder, self._target_names = None, None
        asked = self.allow_nan or self.categorical_features is not None
        if not (asked if reset else getattr(self, "_encoder", None) is not None):
            return validate_data(self, X, y, reset=reset, accept_sparse=["csr", "csc"], **rules)
        if reset:
            validate_data(self, X, skip_check_array=True, reset=True)
            places = _tables.places(self.categorical_features, _model_file.names_of(self))
            columns = _tables.columns_of(X, places)
        else:
            columns = _tables.known_columns(X, self._encoder, _model_file.names_of(self))
        if not (columns and len(columns[0].values)):
            what = "sample(s)" if columns else "feature(s)"
            raise ValueError(f"Found array with 0 {what} while a minimum of 1 is required by {type(self).__name__}.")
        if not self.allow_nan:
            for column in columns:
                if column.kind == "number":
                    assert_all_finite(column.values, input_name="X", estimator_name=type(self).__name__)
        if reset:
            self._encoder = _tables.fit(columns)
        X = _tables.transform(self._encoder, columns, chosen_type(self) or np.float64)
        if isinstance(y, str) and y == NO_TARGET:
            return X
        rules = {name: rules[name] for name in ("multi_output", "y_numeric") if name in rules}
        return X, check_X_y(X, y, dtype=None, **rules)[1]

    def save(self, path):
        """Writes a model file that the command ``retrograde`` reads too, and :func:`retrograde.load`: whole, or not at all.

        Nothing in it can run: weights as in the format safetensors, and a description in JSON. A network of several labels has no
        such file.

        Parameters
        ----------
        path : str or path-like
            Where it goes, such as ``model.rg``.
        """
        _model_file.save(self, path)

    @classmethod
    def load(cls, path):
        """The estimator of a model file, see :func:`retrograde.load`.

        Parameters
        ----------
        path : str or path-like
            A file of ``save`` or of the command.

        Returns
        -------
        estimator : object
            With the weights of the file.
        """
        found = _model_file.load(path)
        if not isinstance(found, cls):
            raise ValueError(f"{path} holds a {type(found).__name__}, not a {cls.__name__}")
        return found
