"""What the classifier and the regressor share."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from retrograde import _core
from retrograde._arrays import float_type, inputs, roll, threads, unroll
from retrograde._steps import Steps, Training

STEP_SOLVERS = ("sgd", "adam")
CORE_NAMES = {"logistic": "sigmoid"}
CORE_LOSSES = {"log_loss": "cross-entropy", "squared_error": "squared-error", "poisson": "poisson"}

# SciPy's default for the relative fall of the cost, by which scikit-learn's lbfgs ends.
COST_TOLERANCE = 1e7 * np.finfo(np.float64).eps
# Why lbfgs ended without being there, as SciPy's status and words.
UNFINISHED = {
    "iterations": (1, "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT"),
    "evaluations": (1, "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT"),
    "not finite": (2, "ABNORMAL: the loss or its gradient at the start is not finite"),
}


def positive(kind, least=None):
    """A parameter above 0, or of at least `least`."""
    return Interval(kind, 0 if least is None else least, None, closed="neither" if least is None else "left")


class Multilayer(BaseEstimator):
    """A multilayer perceptron, trained by the core."""

    _parameter_constraints: dict = {
        "hidden_layer_sizes": ["array-like", positive(Integral, 1)],
        "activation": [StrOptions({"identity", "logistic", "tanh", "relu"})],
        "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
        "alpha": [positive(Real, 0)],
        "batch_size": [StrOptions({"auto"}), positive(Integral, 1)],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [positive(Real)],
        "power_t": [positive(Real, 0)],
        "max_iter": [positive(Integral, 1)],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [positive(Real, 0)],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [positive(Real)],
        "n_iter_no_change": [positive(Integral, 1), Options(Real, {np.inf})],
        "max_fun": [positive(Integral, 1)],
    }

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Trains on all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts; 1 by default.

        Returns
        -------
        self : object
            The trained estimator.
        """
        return self._train(X, y, sample_weight, is_one_epoch=False)

    def _has_steps(self):
        if self.solver in STEP_SOLVERS:
            return True
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
        )

    def _train(self, X, y, sample_weight, is_one_epoch):
        hidden = self.hidden_layer_sizes
        hidden = list(hidden) if hasattr(hidden, "__iter__") else [hidden]
        if any(size <= 0 for size in hidden):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {hidden}.")
        begins = not hasattr(self, "coefs_") or not (self.warm_start or is_one_epoch)
        X, y = self._validate_input(X, y, is_one_epoch, reset=begins)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        if y.ndim == 1:
            y = y.reshape(-1, 1)
        self.n_outputs_ = y.shape[1]
        if is_one_epoch and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        random_state = check_random_state(self.random_state)
        if begins:
            self._begin([X.shape[1], *hidden, self.n_outputs_], X.dtype, random_state)
        theta = unroll(self.coefs_, self.intercepts_, float_type(*self.coefs_))
        sizes = self._sizes()
        try:
            if self.solver == "lbfgs":
                self._train_lbfgs(theta, X, y, sample_weight)
            else:
                if not (is_one_epoch and hasattr(self, "_optimizer")):
                    self._optimizer = Steps(self, theta)
                self.n_iter_ = 0
                rows = (X, y, sample_weight)
                Training(self, theta, rows, random_state, is_one_epoch).run(self._network(), X)
        finally:
            self.coefs_, self.intercepts_ = roll(theta, sizes)
        if not np.isfinite(theta).all():
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may"
                " contain large values and need to be preprocessed."
            )
        return self

    def _begin(self, sizes, dtype, random_state):
        """Starting weights and accounts; the draws are scikit-learn's, in its order (Glorot & Bengio 2010)."""
        self.n_iter_ = 0
        self.t_ = 0
        self.n_layers_ = len(sizes)
        self.out_activation_ = self._output()
        self.coefs_, self.intercepts_ = [], []
        factor = 2.0 if self.activation == "logistic" else 6.0
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            limit = np.sqrt(factor / (fan_in + fan_out))
            coef = random_state.uniform(-limit, limit, (fan_in, fan_out))
            intercept = random_state.uniform(-limit, limit, fan_out)
            self.coefs_.append(coef.astype(dtype, copy=False))
            self.intercepts_.append(intercept.astype(dtype, copy=False))
        if self.solver in STEP_SOLVERS:
            self._best_theta = None
            self.loss_curve_ = []
            self._no_improvement_count = 0
            self.best_loss_ = None if self.early_stopping else np.inf
            self.validation_scores_ = [] if self.early_stopping else None
            self.best_validation_score_ = -np.inf if self.early_stopping else None

    def _train_lbfgs(self, theta, X, y, sample_weight):
        settings = {
            "alpha": float(self.alpha),
            "max_iter": int(self.max_iter),
            "max_fun": int(self.max_fun),
            "tol": float(self.tol),
            "cost_tol": COST_TOLERANCE,
            "threads": threads(),
        }

        def report(iteration, cost):
            print(f"Iteration {iteration}, loss = {cost:.8f}")

        weights = sample_weight
        if weights is not None:
            weights = np.ascontiguousarray(weights, dtype=theta.dtype)
        rows = (inputs(X, theta.dtype), np.ascontiguousarray(y, dtype=theta.dtype), weights)
        iterations, _, cost, end = _core.fit_batch(
            self._network(), theta, rows, "lbfgs", settings, report if self.verbose else None
        )
        constant = self._cost_constant(y)
        constant = 0.0 if constant is None else float(np.average(constant, weights=sample_weight))
        self.n_iter_, self.loss_ = iterations, cost + constant
        if end in UNFINISHED:
            status, message = UNFINISHED[end]
            text = f"lbfgs failed to converge after {iterations} iteration(s) (status={status}):\n{message}\n"
            if iterations == self.max_iter:
                text += (
                    "\nIncrease the number of iterations to improve the convergence"
                    f" (max_iter={self.max_iter})."
                )
            text += (
                "\nYou might also want to scale the data as shown in:\n"
                "    https://scikit-learn.org/stable/modules/preprocessing.html"
            )
            warnings.warn(text, ConvergenceWarning, stacklevel=2)

    def _sizes(self):
        return [self.coefs_[0].shape[0], *(coef.shape[1] for coef in self.coefs_)]

    def _network(self, output=None):
        """The core's network; with output "identity", the one whose outputs are z."""
        sizes = self._sizes()
        activation = CORE_NAMES.get(self.activation, self.activation)
        loss = CORE_LOSSES[self.loss] if output is None else "squared-error"
        output = output or self.out_activation_
        return _core.Network(
            sizes, [activation] * (len(sizes) - 2), CORE_NAMES.get(output, output), loss
        )

    def _outputs(self, X, output=None):
        """What the network says of every row of X, which is checked first."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        dtype = float_type(X, *self.coefs_)
        theta = unroll(self.coefs_, self.intercepts_, dtype)
        return _core.predict(self._network(output), theta, inputs(X, dtype), threads())

    def _score(self, theta, x, y, sample_weight):
        """The score of weights on rows that were held out; NaN where an answer is not finite."""
        answers = self._answers(_core.predict(self._network(), theta, x, threads()))
        if np.issubdtype(answers.dtype, np.floating) and not np.isfinite(answers).all():
            return float("nan")
        return float(self._score_function(y, answers, sample_weight=sample_weight))

    def _cost_constant(self, y):
        """What the loss of each row has that does not depend on the weights and is not in the core's cost, or None."""
        return None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
