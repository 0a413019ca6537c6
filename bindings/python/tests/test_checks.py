"""scikit-learn's own checks of estimators, without expected failures."""

import numpy as np
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from retrograde import MLPClassifier, MLPRegressor

NOTE = []
ESTIMATORS = [
    MLPClassifier(),
    MLPRegressor(),
    # What scikit-learn's have not.
    MLPClassifier(activation=["silu"], solver="adamw", class_weight="balanced", callbacks=NOTE, n_jobs=2),
    # With the decay it is adam. lbfgs takes z to ±1000 on classes that are apart: log(predict_proba) is −inf there,
    # predict_log_proba is not, and a check compares them.
    MLPClassifier(solver="auto", weight_decay=0.01, time_limit=600.0, dtype=np.float64),
    MLPRegressor("huber", activation="gelu", solver="rprop", max_iter=400),
    MLPRegressor("poisson", solver="cg", max_iter=50, delta=2.0, time_limit=600.0),
    MLPRegressor(hidden_layer_sizes=(20,), solver="scg", max_iter=50),
]


@parametrize_with_checks(ESTIMATORS)
def test_estimator(estimator, check):
    check(estimator)


def test_every_parameter_is_kept_and_cloned():
    for estimator in ESTIMATORS:
        parameters = estimator.get_params()
        again = clone(estimator)
        assert again.get_params() == parameters
        assert type(estimator)().set_params(**parameters).get_params() == parameters
        assert parameters.keys() == estimator._parameter_constraints.keys()
