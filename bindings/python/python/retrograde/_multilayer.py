"""What the classifier and the regressor share."""

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from retrograde import _core, _evaluation, _losses, _solvers
from retrograde._arrays import float_type, inputs, roll, row_weights, unroll
from retrograde._columns import Columns
from retrograde._full_batch import FullBatch
from retrograde._html import Picture
from retrograde._inspection import Inspection
from retrograde._parameters import (
    SHARED,
    chosen_type,
    dropout_rates,
    hidden_activations,
    hidden_sizes,
)
from retrograde._steps import Steps, Training
from retrograde._threads import threads


class Multilayer(Picture, Inspection, Columns, BaseEstimator):
    """A multilayer perceptron, trained by the core."""

    _parameter_constraints: dict = SHARED

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, *, eval_set=None):
        """Trains on all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts; 1 by default.
        eval_set : tuple (X, y) or (X, y, sample_weight), default=None
            Rows that are scored after each epoch or iteration, into `validation_scores_`. With `early_stopping` they take
            the place of the rows that would be held out. They come as the estimator sees them: what stands before it in a
            pipeline does not touch them.

        Returns
        -------
        self : object
            The trained estimator.
        """
        return self._train(X, y, sample_weight, eval_set, is_one_epoch=False)

    def _has_steps(self):
        if _solvers.takes_partial_fit(self.solver):
            return True
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
        )

    def _train(self, X, y, sample_weight, eval_set, is_one_epoch):
        hidden = hidden_sizes(self)
        hidden_activations(self, len(hidden))
        begins = not hasattr(self, "coefs_") or not (self.warm_start or is_one_epoch)
        X, y = self._validate_input(X, y, is_one_epoch, reset=begins)
        sample_weight = row_weights(sample_weight, X)
        if y.ndim == 1:
            y = y.reshape(-1, 1)
        if not begins:
            self._expect_same_network(hidden, y.shape[1])
        self.n_outputs_ = y.shape[1]
        sample_weight = self._weigh(y, sample_weight)
        if is_one_epoch and self.early_stopping and eval_set is None:
            raise ValueError(
                "partial_fit does not support early_stopping=True without rows to score; pass eval_set=(X, y)"
            )
        random_state = check_random_state(self.random_state)
        if begins:
            self._begin([X.shape[1], *hidden, self.n_outputs_], X.dtype, random_state)
        theta = unroll(self.coefs_, self.intercepts_, chosen_type(self) or float_type(*self.coefs_))
        network = self._network()
        self.solver_ = _solvers.choose(self, network, X.shape[0], is_one_epoch)
        _solvers.expect_usable(self, self.solver_)
        try:
            self._descend(theta, network, (X, y, sample_weight, eval_set), random_state, is_one_epoch)
        finally:
            self._take_weights(theta)
        if not np.isfinite(theta).all():
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may"
                " contain large values and need to be preprocessed."
            )
        return self

    def _expect_same_network(self, hidden, n_outputs):
        """Refuses to go on with a network that is no longer the one asked for."""
        sizes = self._sizes()
        if hidden != sizes[1:-1]:
            raise ValueError(
                f"hidden_layer_sizes={self.hidden_layer_sizes!r}, but the network that the training goes on with has "
                f"{tuple(sizes[1:-1])}; set it back, or fit anew with warm_start=False"
            )
        if n_outputs != sizes[-1]:
            raise ValueError(f"y has {n_outputs} outputs; the network has {sizes[-1]}")

    def _begin(self, sizes, dtype, random_state):
        """Starting weights and accounts; the draws are scikit-learn's, in its order (Glorot & Bengio 2010)."""
        self.n_iter_ = 0
        self.t_ = 0
        self.n_layers_ = len(sizes)
        self.out_activation_ = self._output()
        self.coefs_, self.intercepts_ = [], []
        activations = hidden_activations(self, len(sizes) - 2)
        # The last layer's limits follow the activation before it: scikit-learn has one for all.
        activations += activations[-1:] or ["sigmoid" if self.activation in ("logistic", "sigmoid") else None]
        for fan_in, fan_out, activation in zip(sizes, sizes[1:], activations):
            limit = np.sqrt((2.0 if activation == "sigmoid" else 6.0) / (fan_in + fan_out))
            coef = random_state.uniform(-limit, limit, (fan_in, fan_out))
            intercept = random_state.uniform(-limit, limit, fan_out)
            self.coefs_.append(coef.astype(dtype, copy=False))
            self.intercepts_.append(intercept.astype(dtype, copy=False))
        self._best_theta = None
        self.loss_curve_, self.layer_history_ = [], None
        self._no_improvement_count = 0
        self.best_loss_ = None if self.early_stopping else np.inf
        self.validation_scores_ = [] if self.early_stopping else None
        self.best_validation_score_ = -np.inf if self.early_stopping else None

    def _descend(self, theta, network, rows, random_state, is_one_epoch):
        """Moves theta by the solver."""
        X, y, sample_weight, eval_set = rows
        steps = self.solver_ in _solvers.STEPS
        seed = 0
        if dropout_rates(self, len(self.coefs_) - 1):
            # Other units in each call of partial_fit, also where it begins with the same random_state.
            state = np.random.SeedSequence([random_state.randint(2**31 - 1), self.t_])
            seed = int(state.generate_state(1, np.uint64)[0])
        train, evaluation = None, None
        if eval_set is not None:
            evaluation = _evaluation.given(self, theta, eval_set, self.early_stopping)
        elif self.early_stopping and self.solver != "lbfgs":
            # scikit-learn's lbfgs pays no attention to early_stopping.
            train, evaluation = _evaluation.hold_out(self, theta, (X, y, sample_weight), random_state)
        rows = (X, y, sample_weight, train)
        if not steps:
            FullBatch(self, theta, rows, evaluation).run(network)
            return
        if not (is_one_epoch and getattr(getattr(self, "_optimizer", None), "solver", None) == self.solver_):
            self._optimizer = Steps(self, theta)
        self.n_iter_ = 0
        Training(self, theta, rows, random_state, evaluation).run(network, is_one_epoch, seed)

    def _take_weights(self, theta):
        self.coefs_, self.intercepts_ = roll(theta, self._sizes())

    def _sizes(self):
        return [self.coefs_[0].shape[0], *(coef.shape[1] for coef in self.coefs_)]

    def _network(self, output=None):
        """The core's network; with output "identity", the one whose outputs are z."""
        sizes = self._sizes()
        loss, constants = "squared-error", []
        if output is None:
            loss, constants = _losses.CORE_NAMES[self.loss], _losses.constants(self, sizes[-1])
        output = output or self.out_activation_
        output = "sigmoid" if output == "logistic" else output
        return _core.Network(sizes, hidden_activations(self, len(sizes) - 2), output, loss, constants)

    def _outputs(self, X, output=None):
        """What the network says of every row of X, which is checked first."""
        check_is_fitted(self)
        X = self._check(X, reset=False)
        dtype = chosen_type(self) or float_type(X, *self.coefs_)
        theta = unroll(self.coefs_, self.intercepts_, dtype)
        return _core.predict(self._network(output), theta, inputs(X, dtype), threads(self))

    def _score(self, theta, x, y, sample_weight):
        """The score of weights on rows that were held out; NaN where an answer is not finite."""
        answers = self._answers(_core.predict(self._network(), theta, x, threads(self)))
        if np.issubdtype(answers.dtype, np.floating) and not np.isfinite(answers).all():
            return float("nan")
        return float(self._score_function(y, answers, sample_weight=sample_weight))

    def _weigh(self, y, sample_weight):
        """The weights of the rows that `y` are the targets of."""
        return sample_weight

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not (self.allow_nan or self.categorical_features is not None)
        tags.input_tags.allow_nan = bool(self.allow_nan)
        tags.input_tags.categorical = self.categorical_features is not None
        return tags
