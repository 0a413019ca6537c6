"""The classifier's classes: from labels to targets and back, and what each class weighs."""

from numbers import Real

import numpy as np
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import unique_labels

from retrograde._parameters import types_for


class Labels:
    """A classifier's labels; `_label_binarizer` holds the classes."""

    def _validate_input(self, X, y, is_one_epoch, reset):
        X, y = self._validate_arrays(X, y, reset)
        if not hasattr(self, "classes_") or not (self.warm_start or is_one_epoch):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            self._expect_known(unique_labels(y))
        # Of one byte each; the core gets them in the type of X.
        return X, self._label_binarizer.transform(y).astype(bool)

    def _validate_known(self, X, y):
        """Rows that are looked at and not trained on: of the known features and classes."""
        X, y = self._validate_arrays(X, y, reset=False)
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            raise ValueError(f"`y` has classes that the training has not: {unknown}, not in {self.classes_}")
        return X, self._label_binarizer.transform(y).astype(bool)

    def _validate_arrays(self, X, y, reset):
        X, y = self._check(X, y, multi_output=True, dtype=types_for(self, X), reset=reset)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _expect_known(self, classes):
        """Refuses classes that the network, which is there already, has no outputs for."""
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call"
                    f" to fit. Previously got {self.classes_}, `y` has {classes}"
                )
        elif not np.isin(classes, self.classes_).all():
            raise ValueError(
                "`y` has classes not in `self.classes_`. "
                f"`self.classes_` has {self.classes_}. 'y' has {classes}."
            )

    def _weigh(self, y, sample_weight):
        """The weight of each row, with that of its class; `y` are targets."""
        if self.class_weight is None:
            return sample_weight
        if self._label_binarizer.y_type_.startswith("multilabel"):
            raise ValueError(
                f"class_weight={self.class_weight!r} is for one class in each row, and these rows have several labels; "
                "leave class_weight=None and give sample_weight"
            )
        places = y[:, 0].astype(int) if y.shape[1] == 1 else y.argmax(axis=1)
        if self.class_weight == "balanced":
            # scikit-learn's rule, with rows that count as often as they weigh.
            counts = np.bincount(places, weights=sample_weight, minlength=len(self.classes_))
            present = counts > 0
            of_class = np.zeros(len(counts))
            of_class[present] = counts.sum() / (present.sum() * counts[present])
        else:
            for label, weight in self.class_weight.items():
                if not (isinstance(weight, Real) and 0 <= weight < np.inf):
                    raise ValueError(
                        f"class_weight has {weight!r} for the class {label!r}; expected a finite number of 0 or more"
                    )
            labels = self.classes_[places]
            of_class = compute_class_weight(self.class_weight, classes=self.classes_, y=labels)
        weights = of_class[places]
        return weights if sample_weight is None else weights * sample_weight

    def _has_steps(self):
        if isinstance(self.class_weight, str):
            # It sees some rows, and which classes are rare among all cannot be told from them.
            raise AttributeError(
                f"class_weight={self.class_weight!r} is not supported for partial_fit, which does not see all rows. Compute "
                "the weights beforehand: "
                "class_weight=dict(zip(classes, compute_class_weight('balanced', classes=classes, y=all_y)))"
            )
        return super()._has_steps()

    def _output(self):
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    def _answers(self, outputs):
        return self._label_binarizer.inverse_transform(
            outputs.ravel() if self.n_outputs_ == 1 else outputs
        )

    def _targets(self, y):
        return self._label_binarizer.inverse_transform(y)

    def _stratification(self, y):
        """Several outputs are not stratified, as in scikit-learn."""
        return y if self.n_outputs_ == 1 else None
