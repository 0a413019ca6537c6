"""Looking into a fitted network: J and its gradient, their check, each row's pull, each layer's activations."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from retrograde import _core, _explanation, _losses, _sklearn
from retrograde._arrays import as_whole, float_type, inputs, roll, row_weights, unroll
from retrograde._parameters import chosen_type
from retrograde._threads import threads


class GradientReport(dict):
    """What a gradient check found. Printed, it is a table; its items are those of the command's JSON."""

    @property
    def verdict(self):
        """'agrees', 'differs' or 'cannot tell'."""
        return self["verdict"]

    def __str__(self):
        results = self["results"]
        counts = {name: sum(r["verdict"] == name for r in results) for name in ("agrees", "differs", "cannot tell")}
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        lines = [
            f"The gradient {self.verdict}: {told}, of {self['weights']} derivatives on {len(self['rows'])} rows.",
            f"{'derivative':<14}{'backpropagation':>22}{'numerical':>22}{'uncertainty':>13}  verdict",
        ]
        # Those that are amiss first.
        order = sorted(results, key=lambda r: ("differs", "cannot tell", "agrees").index(r["verdict"]))
        for r in order[:10]:
            place = r["id"]
            source = 0 if place["source"] is None else place["source"] + 1
            name = f"L{place['layer'] + 1}[{place['unit'] + 1},{source}]"
            # A number that is not finite is null in JSON.
            found, numerical, unsure = (
                np.nan if r[key] is None else r[key] for key in ("backpropagation", "numerical", "uncertainty")
            )
            lines.append(f"{name:<14}{found:>22.14e}{numerical:>22.14e}{unsure:>13.1e}  {r['verdict']}")
        if len(order) > 10:
            lines.append(f"… and {len(order) - 10} more")
        if self["diagnosis"]:
            lines.append(self["diagnosis"]["text"])
        return "\n".join(lines)


class Inspection:
    """A fitted network's weights as one vector θ, and functions of it."""

    @property
    def theta_(self):
        """All weights and biases in one vector, copied: of each layer the weights unit by unit, then the biases."""
        if "coefs_" not in vars(self):
            # As an attribute that is not there yet, whatever asks.
            raise AttributeError(f"This {type(self).__name__} instance is not fitted yet: it has no theta_.")
        return unroll(self.coefs_, self.intercepts_, float_type(*self.coefs_))

    def set_theta(self, theta):
        """Puts all weights and biases in their places.

        Parameters
        ----------
        theta : array-like of shape (n_weights,)
            In the order of `theta_`.

        Returns
        -------
        self : object
            The estimator, which predicts with them.
        """
        check_is_fitted(self)
        # A copy: who gave it may go on with it.
        theta = np.array(self._checked(theta), dtype=float_type(*self.coefs_))
        self.coefs_, self.intercepts_ = roll(theta, self._sizes())
        return self

    def cost_and_grad(self, theta, X, y, sample_weight=None):
        """J and its gradient at `theta`, of one function: what ``fit`` descends, alpha and class weights included.

        For optimizers of one's own. With SciPy::

            found = scipy.optimize.minimize(net.cost_and_grad, net.theta_, (X, y), jac=True, method="BFGS")
            net.set_theta(found.x)

        Parameters
        ----------
        theta : array-like of shape (n_weights,)
            Weights and biases in the order of `theta_`. They stay the caller's: the estimator's are not touched.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.

        Returns
        -------
        cost : float
            J.
        grad : ndarray of shape (n_weights,)
            ∂J/∂θ, in float32 if theta is, else in float64.
        """
        check_is_fitted(self)
        theta = self._checked(theta)
        rows, y = self._rows(X, y, sample_weight, theta.dtype)
        cost, grad = _core.cost_and_grad(self._network(), theta, rows, float(self.alpha), threads(self))
        return cost + _losses.mean_constant(self.loss, y, rows[2]), grad

    def check(self, X, y, sample_weight=None, *, n_weights=64, n_rows=256, seed=1):
        """Compares backpropagation's derivatives, at the weights as they are, with numerical and with dual ones.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        n_weights : int or None, default=64
            How many derivatives, spread over the layers; None for all.
        n_rows : int, default=256
            Of how many rows at most.
        seed : int, default=1
            Chooses the weights and rows.

        Returns
        -------
        report : GradientReport
            A dict to look into; printed it is a table. `report.verdict` is 'agrees', 'differs' or 'cannot tell'.
        """
        check_is_fitted(self)
        theta = unroll(self.coefs_, self.intercepts_, np.float64)
        rows, _ = self._rows(X, y, sample_weight, theta.dtype)
        settings = {
            "alpha": float(self.alpha),
            "weights": None if n_weights is None else as_whole("n_weights", n_weights, 1),
            "rows": as_whole("n_rows", n_rows, 1),
            "seed": as_whole("seed", seed, 0),
        }
        return GradientReport(_core.check(self._network(), theta, rows, settings))

    def explain(
        self, X, y, row=0, sample_weight=None, *, weight=None, unit=None, input=False, proof=False
    ):
        """The calculus of one row: forward, backward, and each number beside a numerical one.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs of all rows, which a weight's derivative is the mean of.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        row : int, default=0
            Which row, from 0.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        weight : str or None, default=None
            A weight in this row and in all: 'L1[2,x0]' leads to unit 2 of the first hidden layer, counted from 1, from the
            input x0; 'L2[1,0]' is a bias.
        unit : str or None, default=None
            A unit, such as 'L2[3]': the first hidden layer is layer 2.
        input : bool, default=False
            Whether to derive by the inputs too.
        proof : bool, default=False
            Whether to prove ∂J/∂θ = a·δ line by line on this row.

        Returns
        -------
        explanation : Explanation
            The document that ``retrograde explain --json`` prints, as a dict; printed it is the command's text.
        """
        check_is_fitted(self)
        theta = unroll(self.coefs_, self.intercepts_, np.float64)
        rows, y = self._rows(X, y, sample_weight, theta.dtype)
        if not 0 <= as_whole("row", row) < len(y):
            raise ValueError(f"there is no row {row}; rows are 0 to {len(y) - 1}")
        question = {
            "alpha": float(self.alpha),
            "row": int(row),
            "weight": weight,
            "unit": unit,
            "input": bool(input),
            "proof": bool(proof),
            "threads": threads(self),
        }
        return _explanation.explain(self, theta, rows, question)

    def pull(self, X, y, sample_weight=None):
        """How hard each row pulls at the weights: the norm of its own gradient, ‖∇J_k‖ with J_k = w_k ℓ_k, without `alpha`.

        Rows that pull much harder than the rest are rare, wrong or important.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.

        Returns
        -------
        norms : ndarray of shape (n_samples,)
            In float64.
        """
        check_is_fitted(self)
        theta = self._theta_to_compute_with()
        rows, _ = self._rows(X, y, sample_weight, theta.dtype)
        return _core.pull(self._network(), theta, rows, threads(self))

    def layer_activations(self, X):
        """What every layer says of every row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.

        Returns
        -------
        activations : list of ndarray of shape (n_samples, n_units)
            Those of the layer that `coefs_[0]` leads to first, the outputs last.
        """
        check_is_fitted(self)
        X = self._check(X, reset=False)
        dtype = chosen_type(self) or float_type(X, *self.coefs_)
        theta = unroll(self.coefs_, self.intercepts_, dtype)
        return _core.layers(self._network(), theta, inputs(X, dtype), threads(self))

    def to_sklearn(self):
        """The same network as scikit-learn's own estimator, fitted: for what knows only that, such as skl2onnx.

        Returns
        -------
        estimator : sklearn.neural_network.MLPClassifier or MLPRegressor
            It predicts the same, from its own copies of the weights.
        """
        check_is_fitted(self)
        return _sklearn.same(self)

    def _theta_to_compute_with(self):
        return unroll(self.coefs_, self.intercepts_, chosen_type(self) or float_type(*self.coefs_))

    def _checked(self, theta):
        """θ as the core takes it."""
        theta = np.asarray(theta)
        if theta.dtype.kind not in "biuf":
            raise ValueError(f"theta has the type {theta.dtype}; expected real numbers")
        if theta.dtype != np.float32:
            theta = theta.astype(np.float64, copy=False)
        n_weights = sum(part.size for part in (*self.coefs_, *self.intercepts_))
        if theta.shape != (n_weights,):
            raise ValueError(f"theta has shape {theta.shape}; expected ({n_weights},), as theta_ has")
        return np.ascontiguousarray(theta)

    def _rows(self, X, y, sample_weight, dtype):
        """Rows as the core takes them, and their targets."""
        X, y = self._validate_known(X, y)
        y = y.reshape(len(y), -1)
        if y.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {y.shape[1]} outputs; the network has {self.n_outputs_}")
        weights = self._weigh(y, row_weights(sample_weight, X))
        if weights is not None:
            weights = np.ascontiguousarray(weights, dtype=dtype)
        return (inputs(X, dtype), np.ascontiguousarray(y, dtype=dtype), weights), y
