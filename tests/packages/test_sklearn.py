"""scikit-learn fits, transforms and scores cow arrays like plain ones."""

import importlib
import warnings

import numpy as np
import pytest
from sklearn import (
    metrics,
    model_selection,
    pipeline,
    preprocessing,
    utils,
)
from sklearn.linear_model import LogisticRegression

import cow
from tests.catalogue.samples import POINTS
from tests.oracle.values import close

LABELS = np.random.default_rng(7).integers(0, 3, 30)


ESTIMATORS = """
    linear_model.LinearRegression linear_model.Ridge linear_model.Lasso
    linear_model.LogisticRegression neighbors.KNeighborsClassifier
    tree.DecisionTreeClassifier ensemble.RandomForestClassifier svm.SVC
    ensemble.GradientBoostingRegressor ensemble.HistGradientBoostingClassifier
    linear_model.SGDClassifier linear_model.ElasticNet svm.LinearSVC svm.SVR
    neighbors.KNeighborsRegressor mixture.GaussianMixture
    neural_network.MLPRegressor gaussian_process.GaussianProcessRegressor
    cluster.DBSCAN cluster.AgglomerativeClustering decomposition.FastICA
    kernel_ridge.KernelRidge impute.SimpleImputer
    preprocessing.RobustScaler
    naive_bayes.GaussianNB cluster.KMeans decomposition.PCA
    preprocessing.StandardScaler preprocessing.MinMaxScaler
    discriminant_analysis.LinearDiscriminantAnalysis
"""


@pytest.mark.parametrize("path", ESTIMATORS.split())
def test_scikit_learn_fits_and_predicts(path):
    module, _, name = path.partition(".")
    cls = getattr(importlib.import_module(f"sklearn.{module}"), name)
    seeded = {"random_state": 0} if "random_state" in cls().get_params() else {}

    def results(x, labels):
        model = cls(**seeded).fit(x, labels)
        for method in ("predict", "transform"):
            if hasattr(model, method):
                return getattr(model, method)(x)
        return model.labels_

    x, labels = cow.array(POINTS), cow.array(LABELS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        close(results(POINTS.copy(), LABELS.copy()), results(x, labels))
    assert np.array_equal(x, POINTS) and np.array_equal(labels, LABELS)


FUNCTIONS = {
    "accuracy": lambda x, y: metrics.accuracy_score(y, y[::-1]),
    "confusion": lambda x, y: metrics.confusion_matrix(y, y[::-1]),
    "f1": lambda x, y: metrics.f1_score(y, y[::-1], average="macro"),
    "r2": lambda x, y: metrics.r2_score(x[:, 0], x[:, 1]),
    "auc": lambda x, y: metrics.roc_auc_score(y > 0, x[:, 0]),
    "silhouette": lambda x, y: metrics.silhouette_score(x, y),
    "pairwise": lambda x, y: metrics.pairwise_distances(x, metric="cosine"),
    "rbf": lambda x, y: metrics.pairwise.rbf_kernel(x),
    "split": lambda x, y: model_selection.train_test_split(x, y, random_state=0),
    "cross_val": lambda x, y: model_selection.cross_val_score(
        LogisticRegression(), x, y, cv=3
    ),
    "grid": lambda x, y: (
        model_selection.GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=3)
        .fit(x, y)
        .predict(x)
    ),
    "pipeline": lambda x, y: (
        pipeline.make_pipeline(preprocessing.StandardScaler(), LogisticRegression())
        .fit(x, y)
        .predict_proba(x)
    ),
    "scale": lambda x, y: preprocessing.scale(x),
    "normalize": lambda x, y: preprocessing.normalize(x),
    "binarize": lambda x, y: preprocessing.binarize(x),
    "labels": lambda x, y: preprocessing.LabelBinarizer().fit_transform(y),
    "one hot": lambda x, y: (
        preprocessing.OneHotEncoder().fit_transform(y[:, None]).toarray()
    ),
    "polynomial": lambda x, y: preprocessing.PolynomialFeatures().fit_transform(x),
    "power": lambda x, y: preprocessing.PowerTransformer().fit_transform(x),
    "quantile": lambda x, y: preprocessing.QuantileTransformer(
        n_quantiles=5
    ).fit_transform(x),
    "check": lambda x, y: utils.check_X_y(x, y),
    "resample": lambda x, y: utils.resample(x, y, random_state=0),
    "shuffle": lambda x, y: utils.shuffle(x, y, random_state=0),
    "weights": lambda x, y: utils.compute_sample_weight("balanced", y),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_of_scikit_learn_agrees_and_leaves_its_arguments(name):
    x, labels = cow.array(POINTS), cow.array(LABELS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = FUNCTIONS[name](POINTS.copy(), LABELS.copy())
        close(expected, FUNCTIONS[name](x, labels))
    assert np.array_equal(x, POINTS) and np.array_equal(labels, LABELS)
