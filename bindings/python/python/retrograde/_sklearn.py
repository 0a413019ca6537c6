"""A network as scikit-learn's own estimator."""

from copy import deepcopy

from sklearn import neural_network

ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
OUTPUTS = ("identity", "logistic", "softmax")
# What scikit-learn's estimators have after a fit.
ATTRIBUTES = (
    "classes_",
    "coefs_",
    "intercepts_",
    "loss_",
    "loss_curve_",
    "n_features_in_",
    "feature_names_in_",
    "n_iter_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "t_",
    "_label_binarizer",
)


def same(estimator):
    """scikit-learn's estimator with the weights of ours."""
    names = estimator.activation
    names = {names} if isinstance(names, str) else set(names)
    names = {"logistic" if name == "sigmoid" else name for name in names} or {"identity"}
    if len(names) > 1 or not names <= set(ACTIVATIONS):
        raise ValueError(
            f"activation={estimator.activation!r}: scikit-learn has one of {', '.join(ACTIVATIONS)} for all layers"
        )
    if estimator.out_activation_ not in OUTPUTS:
        raise ValueError(
            f"loss={estimator.loss!r} has the output exp(z), which scikit-learn's own estimators do not all have"
        )
    if getattr(estimator, "_encoder", None) is not None:
        raise ValueError("this network encodes its columns, which scikit-learn's own does not")
    of = neural_network.MLPClassifier if hasattr(estimator, "classes_") else neural_network.MLPRegressor
    hidden = tuple(coef.shape[1] for coef in estimator.coefs_[:-1])
    found = of(hidden_layer_sizes=hidden, activation=names.pop(), alpha=estimator.alpha)
    for name in ATTRIBUTES:
        if hasattr(estimator, name):
            setattr(found, name, deepcopy(getattr(estimator, name)))
    return found
