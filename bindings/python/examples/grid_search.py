"""GridSearchCV: two processes, each with its share of the cores, and the same result as one."""

from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from retrograde import MLPClassifier

if __name__ == "__main__":
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(MinMaxScaler(), MLPClassifier(max_iter=40, tol=0, random_state=0))
    grid = {"mlpclassifier__alpha": [1e-4, 1.0], "mlpclassifier__hidden_layer_sizes": [(32,), (64,)]}
    searches = [GridSearchCV(model, grid, cv=3, n_jobs=jobs).fit(X, y) for jobs in (1, 2)]
    for search in searches:
        print(f"{search.best_score_:.4f} with {search.best_params_}")
    assert (searches[0].cv_results_["mean_test_score"] == searches[1].cv_results_["mean_test_score"]).all()
