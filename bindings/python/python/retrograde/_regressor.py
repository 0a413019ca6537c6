"""The regressor."""

from numbers import Real

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from retrograde import _losses
from retrograde._multilayer import Multilayer
from retrograde._parameters import positive, types_for


class MLPRegressor(RegressorMixin, Multilayer):
    """A feed-forward network that estimates numbers, by minimising their squared error or another loss.

    A drop-in for ``sklearn.neural_network.MLPRegressor``: the same parameters and attributes mean the same, and the same
    ``random_state`` gives the same numbers.

    Parameters
    ----------
    loss : str, default='squared_error'
        Of the residual r = a − y, summed over the outputs: 'squared_error' ½r²; 'absolute_error' |r|, which estimates
        medians; 'huber' ½r² up to |r| = `delta` and delta(|r| − delta/2) beyond; 'quantile' (1 − q)r above y and −qr below
        it, with q `quantile`. With the output a = exp(z): 'poisson', half the Poisson deviance a − y + y ln(y/a), for y of
        0 or more; 'gamma', half the gamma deviance ln(a/y) + y/a − 1, for y above 0.
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, learning_rate_init, power_t, max_iter, shuffle, \
random_state, tol, verbose, warm_start, momentum, nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2, \
epsilon, n_iter_no_change, max_fun, dropout, weight_decay, callbacks, time_limit, n_jobs, dtype, allow_nan, \
categorical_features
        As in :class:`MLPClassifier`.
    delta : float, default=1.0
        Where Huber's parabola becomes a line, in units of the target.
    quantile : float or list of float, default=0.5
        The level of 'quantile' above 0 and below 1, or one for each output.

    Attributes
    ----------
    coefs_, intercepts_, loss_, best_loss_, loss_curve_, layer_history_, validation_scores_, best_validation_score_, t_, \
n_iter_, solver_, stop_reason_, theta_, n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As in :class:`MLPClassifier`; scores are R².
    """

    _parameter_constraints: dict = {
        **Multilayer._parameter_constraints,
        "loss": [StrOptions(set(_losses.REGRESSION))],
        "delta": [positive(Real)],
        "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
    }
    _score_function = staticmethod(r2_score)

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        delta=1.0,
        quantile=0.5,
        dropout=0.0,
        weight_decay=None,
        callbacks=None,
        time_limit=None,
        n_jobs=None,
        dtype=None,
        allow_nan=False,
        categorical_features=None,
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.delta = delta
        self.quantile = quantile
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.callbacks = callbacks
        self.time_limit = time_limit
        self.n_jobs = n_jobs
        self.dtype = dtype
        self.allow_nan = allow_nan
        self.categorical_features = categorical_features

    @available_if(lambda estimator: estimator._has_steps())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, *, eval_set=None):
        """Trains one epoch on these rows, from where the last call ended.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        eval_set : tuple (X, y) or (X, y, sample_weight), default=None
            Rows that are scored after it, as in ``fit``.

        Returns
        -------
        self : object
            The trained estimator.
        """
        return self._train(X, y, sample_weight, eval_set, is_one_epoch=True)

    def predict(self, X):
        """The estimate for every row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The estimates.
        """
        return self._answers(self._outputs(X))

    def _validate_input(self, X, y, is_one_epoch, reset):
        X, y = self._check(
            X, y, multi_output=True, y_numeric=True, dtype=types_for(self, X), reset=reset
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if y.dtype.kind not in "biuf":
            # NumPy would make numbers of texts and dates.
            raise ValueError(f"y has the type {y.dtype}; what a regressor learns are numbers")
        _losses.expect_targets(self.loss, y)
        return X, y if self._has_own_unit() else self._with_unit(self._encoder.scale, y)

    def _validate_known(self, X, y):
        """Rows that are looked at and not trained on."""
        return self._validate_input(X, y, is_one_epoch=True, reset=False)

    def _output(self):
        return "exp" if self.loss in _losses.POSITIVE else "identity"

    def _answers(self, outputs):
        outputs = self._targets(outputs)
        return outputs.ravel() if outputs.shape[1] == 1 else outputs

    def _targets(self, y):
        return y if self._has_own_unit() else self._with_unit(self._encoder.unscale, y)

    def _has_own_unit(self):
        """Whether the network speaks in the target's unit: all but those that the command has trained do."""
        encoder = getattr(self, "_encoder", None)
        return encoder is None or encoder.has_plain_targets

    @staticmethod
    def _with_unit(change, y):
        columns = np.ascontiguousarray(y.reshape(len(y), -1), dtype=np.float64)
        return change(columns).reshape(y.shape)

    def _stratification(self, y):
        return None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self.loss in _losses.POSITIVE
        return tags
