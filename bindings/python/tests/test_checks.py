"""scikit-learn's own checks of estimators, without expected failures."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from retrograde import MLPClassifier, MLPRegressor


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_estimator(estimator, check):
    check(estimator)
