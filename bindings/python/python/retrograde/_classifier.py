"""The classifier."""

import numpy as np
from scipy.special import expit, log_softmax
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target
from sklearn.utils.validation import check_is_fitted

from retrograde._labels import Labels
from retrograde._multilayer import Multilayer


def _log_sigmoid(z):
    """ln σ(z), finite for every z."""
    return -np.logaddexp(z.dtype.type(0), -z)


class MLPClassifier(ClassifierMixin, Labels, Multilayer):
    """A feed-forward network that tells classes apart, by minimising their cross-entropy.

    A drop-in for ``sklearn.neural_network.MLPClassifier``: the same parameters and attributes mean the same, and the same
    ``random_state`` gives the same numbers.

    Parameters
    ----------
    hidden_layer_sizes : array-like of int, default=(100,)
        The units of each hidden layer.
    activation : str or list of str, default='relu'
        The activation of the hidden layers, or a list of one for each: 'identity', 'logistic' (or 'sigmoid'), 'tanh',
        'relu', 'leaky_relu', 'elu', 'selu', 'gelu', 'silu', 'softplus' or 'mish'.
    solver : str, default='adam'
        The parameter learning method. 'sgd', 'adam', 'adamw' and 'rmsprop' make a step for each batch; 'rprop' one for all
        rows; 'lbfgs', 'cg', 'scg' and 'lm' work on the loss of all rows, without a learning rate. 'auto' takes 'lm' for a
        squared error with up to 600 weights and ten rows or more for each, 'lbfgs' while rows × weights are at most
        5,000,000, else 'adam'; also 'adam' in ``partial_fit``, or with a batch size, dropout or weight decay.
    alpha : float, default=0.0001
        The weight of the penalty (alpha/2M) Σ‖W‖², where M is the weight of the rows of the batch at hand.
    batch_size : int or 'auto', default='auto'
        Rows of a batch; 'auto' is 200, or all where there are fewer.
    learning_rate : {'constant', 'invscaling', 'adaptive'}, default='constant'
        How the rate of 'sgd' goes on: as it is, divided by the number of rows seen to the power of `power_t`, or divided by
        5 whenever the training no longer gets better.
    learning_rate_init : float, default=0.001
        The rate at the start.
    power_t : float, default=0.5
        The exponent of 'invscaling'.
    max_iter : int, default=200
        Epochs at most, or iterations.
    shuffle : bool, default=True
        Whether each epoch has the rows in another order.
    random_state : int, RandomState instance or None, default=None
        Where starting weights, held-out rows and orders are drawn from.
    tol : float, default=1e-4
        What counts as an improvement of loss or validation score; for 'lbfgs', 'cg', 'scg' and 'lm', the largest derivative
        at the end.
    verbose : bool, default=False
        Whether to print the loss of each epoch.
    warm_start : bool, default=False
        Whether another ``fit`` goes on with the weights of the last.
    momentum : float, default=0.9
        Momentum of 'sgd'.
    nesterovs_momentum : bool, default=True
        Whether that is Nesterov's.
    early_stopping : bool, default=False
        Whether to hold rows out, and to end when their score no longer improves, with the best weights. Rows given as
        `eval_set` take their place. 'lbfgs' pays attention to those alone, as in scikit-learn. ``partial_fit`` needs them:
        it keeps the weights it has until `n_iter_no_change` calls in a row brought nothing, and then puts the best ones
        back; `stop_reason_` says so.
    validation_fraction : float, default=0.1
        The share of the rows held out.
    beta_1, beta_2 : float, default=0.9, 0.999
        How slowly 'adam' and 'adamw' forget means and mean squares; `beta_2` also for 'rmsprop'.
    epsilon : float, default=1e-8
        What they add to the root of the mean square: 'adam' before the correction, as scikit-learn, 'adamw' after it, as
        published.
    n_iter_no_change : int, default=10
        Epochs without improvement that end a training.
    max_fun : int, default=15000
        Evaluations of the loss at most, for 'lbfgs', 'cg', 'scg' and 'lm'.
    class_weight : dict, 'balanced' or None, default=None
        How much the rows of each class count, beside `sample_weight`; 'balanced' gives all classes the same sum. Not for
        several labels in a row; 'balanced' not for ``partial_fit``.
    dropout : float or list of float, default=0.0
        The share of the units of each hidden layer that a step leaves out, drawn from `random_state`; for the solvers that
        take batches. `loss_` is then that of the units that were there.
    weight_decay : float or None, default=None
        d of the decay W ← (1 − rate·d)W before each step, for the solvers that take batches; None is 0.3 for 'adamw' and 0
        for the others. Biases do not decay.
    callbacks : callable or list of callables, default=None
        ``callback(estimator, info)`` after each epoch or iteration, with a dict of `epoch`, `loss`, `validation_score`,
        `learning_rate` and `elapsed` seconds. The estimator predicts with the weights of that moment. True, or
        StopIteration, ends the training. Another exception goes to the caller of ``fit`` and leaves the estimator with
        the best weights, with `early_stopping`, else with those of the last epoch.
    time_limit : float or None, default=None
        Seconds, after which the training ends with the epoch under way and a ConvergenceWarning.
    n_jobs : int or None, default=None
        Threads; None is as many as joblib leaves, -1 all. The numbers are the same with any.
    dtype : {None, np.float32, np.float64}, default=None
        What to compute in; None is the type of X.
    allow_nan : bool, default=False
        Whether numbers may be missing: the median of the training's stands in for one, beside an input that says so.
    categorical_features : {None, 'from_dtype'} or list of str, int or bool, default=None
        Which columns are categories, each of whose levels has an input, up to 64 of them, and one is for everything else: missing,
        rare and unknown. 'from_dtype' takes the columns of a dataframe that hold texts, categories or booleans; dates become parts.

    Attributes
    ----------
    classes_ : ndarray or list of ndarray of shape (n_classes,)
        The classes.
    coefs_, intercepts_ : list of ndarray
        The weights (n_in, n_out) and biases (n_out,) of each layer.
    loss_ : float
        The loss of the last epoch.
    best_loss_ : float or None
        The lowest loss of an epoch; None with early stopping.
    loss_curve_ : list of float
        The loss of each epoch.
    layer_history_ : list of dict or None
        Of a model that the command has trained: after some epochs, what each layer was like (``epoch`` and ``layers``, in the
        words of ``retrograde inspect --json``). None after a fit.
    validation_scores_ : list of float or None
        The accuracy on the rows held out or given, after each epoch.
    best_validation_score_ : float or None
        The best of these.
    t_ : int
        How many rows were seen, again and again.
    n_iter_ : int
        Epochs or iterations.
    solver_ : str
        The solver that trained: what 'auto' came to.
    stop_reason_ : str or None
        Why the training ended: 'no_improvement', 'converged', 'max_iter', 'max_fun', 'time_limit', 'callback', 'interrupted'
        or 'not_finite'; None where ``partial_fit`` may go on.
    theta_ : ndarray of shape (n_weights,)
        All weights and biases in one vector.
    n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As in scikit-learn.
    """

    _parameter_constraints: dict = {
        **Multilayer._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }
    loss = "log_loss"
    _score_function = staticmethod(accuracy_score)

    def __init__(
        self,
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
        class_weight=None,
        dropout=0.0,
        weight_decay=None,
        callbacks=None,
        time_limit=None,
        n_jobs=None,
        dtype=None,
        allow_nan=False,
        categorical_features=None,
    ):
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
        self.class_weight = class_weight
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
    def partial_fit(self, X, y, sample_weight=None, classes=None, *, eval_set=None):
        """Trains one epoch on these rows, from where the last call ended.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            The classes.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever come; needed in the first call.
        eval_set : tuple (X, y) or (X, y, sample_weight), default=None
            Rows that are scored after it, as in ``fit``.

        Returns
        -------
        self : object
            The trained estimator.
        """
        if _check_partial_fit_first_call(self, classes):
            self._label_binarizer = LabelBinarizer()
            is_multilabel = type_of_target(y).startswith("multilabel")
            self._label_binarizer.fit(y if is_multilabel else classes)
        return self._train(X, y, sample_weight, eval_set, is_one_epoch=True)

    def predict(self, X):
        """The likeliest class of every row, or its labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            The classes.
        """
        return self._answers(self._outputs(X))

    def predict_proba(self, X):
        """The probability of each class, or of each label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.

        Returns
        -------
        y_prob : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        check_is_fitted(self)
        if self.n_outputs_ > 1:
            return self._outputs(X)
        z = self._outputs(X, "identity")
        return np.hstack([expit(-z), expit(z)])

    def predict_log_proba(self, X):
        """The logarithms of the probabilities, finite also where a probability rounds to 0.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The inputs.

        Returns
        -------
        log_y_prob : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        z = self._outputs(X, "identity")
        if self.out_activation_ == "softmax":
            return log_softmax(z, axis=1)
        if self.n_outputs_ == 1:
            return _log_sigmoid(np.hstack([-z, z]))
        # Near 1 the logarithms are those of the rounded probabilities: labels that tie by the ones tie by the others.
        likely = np.maximum(self._outputs(X), 0.5)
        return np.where(likely > 0.5, np.log(likely), _log_sigmoid(z))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = self.class_weight is None
        return tags
