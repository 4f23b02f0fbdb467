"""Arguments by kind: what many public functions can be called with.

An expression for each kind; the names are those of `_numbers`.
"""

import copy
import functools

import numpy as np
import pandas as pd
import scipy.cluster.hierarchy
import scipy.interpolate
import scipy.sparse
import scipy.spatial.distance
import scipy.stats
import sklearn.linear_model

# Tried in this order: the more special ones come first.
KINDS = """
    scores, X
    image, 3
    image, 1.5
    image, kernel
    image, labels
    labels
    labels, labels2
    labels, scores
    labels, scores2
    X, labels
    X, scores
    X, X2
    X
    X, 2
    square
    square, b
    square, b, b
    square, square2
    square, X
    square, 2
    square, 0.5
    square, square2, square
    square, square2, square, square2
    spd
    spd, b
    spd, (0.2, 10.0)
    complex_square
    triangle, b
    rows
    rows, b
    (1, 1), rows, b
    (rows, True), b
    u, y
    u, y, u2
    u, y, 2
    u, X
    [u, y]
    u2, spline
    spline
    spline, 1
    0.1, 0.5, spline
    u, Xt
    x
    x, y
    x, y, y2
    x, y, y2, x2
    x, 3
    x, 0.3
    x, 2, 3
    x, 2, 0.5
    x, (1, 2)
    x, u
    3, x
    0.5, x
    positive
    positive, positive2
    positive, 0.5
    probabilities
    probabilities, 0.1
    counts
    counts, counts2
    counts, 2
    counts, 3.0
    [x, y, y2]
    x, [1.0, -0.4]
    [1.0, -0.4], x
    [1.0, -0.4], [1.0, 0.2], x
    [1.0, -0.4], [1.0, 0.2], 5
    sos, x
    2, 0.3
    complex_x
    complex_x, 3
    integers
    booleans
    booleans, booleans
    condensed
    linkage
    linkage, 3
    linkage, condensed
    linkage, linkage
    linkage, integers
    sparse
    sparse, b
    sparse, 0, 3
    sparse, 1
    sparse, labels
    [sparse, sparse]
    sparse, positive
    table
    table2
    table, 1
    table, table
    cube
    cube, 1
    cube, (2, 2)
    cloud
    cloud, cloud2
    cloud, cloud_y, cloud2
    objective, x, gradient
    objective, x
    objective, x, square
    residuals, x
    line, u, y
    parabola, -1.0, 2.5
    parabola, (-1.0, 2.5)
    integrand, 0.0, 1.0
    derivative, (0.0, 1.0), x
    parabola, u
    objective, bounds
    rv, x
    x, cdf
    x, "norm"
    (x, y), statistic
    (x, y), mean_difference
    x, y, mean_difference
    estimator, X, labels
    regressor, X, scores
    regressor, X
    X, X2, X
    labels, proba
    proba, labels
    labels, X
    ar, x
    X, [0]
    X, scores, X2
    X, 1.0
    X, b3
    3, X
    x, 0, 3
    x, x2, u, y
    b, square
    b, spd, 3
    b3, X
    b3, spd3
    y, 2, 5
    scores, X, 3
    scores, X, 1.0
    scores, X, labels
    scores, frame
    frame
    series
    series, 2
    integers, integers
    x, 3, 5
    scores, X, [0, 1]
    x, b
"""
# What is only of use for some modules
ONLY = {"frame": "statsmodels", "series": "statsmodels"}


def for_module(module):
    """Return the kinds that are worth a trial for a module's functions."""
    kinds = [line.strip() for line in KINDS.strip().splitlines()]
    if module == "sklearn estimator":
        return ["X, labels", "X, scores", "X**2, labels"]
    if module == "statsmodels model":
        return ["scores, X", "labels, X", "rows_counts, X", "y, None", "Xt, None"]
    return [
        kind
        for kind in kinds
        if all(
            part not in kind or module.startswith(only) for part, only in ONLY.items()
        )
    ]


def make(kind, size):
    """Make the arguments of a kind, for the size "small" or "large"."""
    code = compile(f"({kind},)", kind, "eval")
    known = _numbers(size)
    names = {name: copy.deepcopy(known[name]) for name in code.co_names}
    return eval(code, names)


def use_estimator(cls, X, y, give=lambda array: array):
    """Fit, and give what the fitted estimator says of X.

    `give` makes what each call gets: whether it is what the estimator has already
    is seen in the last bits of distances.
    """
    made = cls().fit(give(X), give(y))
    told = [getattr(made, name)(give(X)) for name in TOLD if hasattr(made, name)]
    return vars(made), told


TOLD = ("predict", "transform", "predict_proba", "decision_function", "score_samples")


def use_model(cls, y, X):
    """Fit a model of statsmodels."""
    fitted = (cls(y) if X is None else cls(y, X)).fit()
    return fitted.params, fitted.predict(), getattr(fitted, "resid", None)


def objective(p):
    return ((p - 1.5) ** 2).sum()


def cdf(x):
    return 1 / (1 + np.exp(-2 * x))


def gradient(p):
    return 2 * (p - 1.5)


def residuals(p):
    return p**3 - 1.5


def line(t, a, b):
    return a * t + b


def parabola(t):
    return t**2 - 2.0


def integrand(t):
    return np.exp(-t)


def derivative(t, y):
    return -0.5 * y


def statistic(x, axis=-1):
    return np.mean(x, axis=axis)


def mean_difference(x, y, axis=-1):
    return np.mean(x, axis=axis) - np.mean(y, axis=axis)


@functools.cache
def _numbers(size):
    rng = np.random.default_rng(7)
    small = size == "small"
    n, m, rows = (24, 5, 24) if small else (2600, 51, 750)  # each above 16 KiB
    x = rng.normal(size=n)
    u = np.arange(1.0, n + 1) / n
    y = np.sin(6 * u) + 0.1 * x
    X = rng.normal(size=(rows, 3))
    scores = X @ [1.0, -2.0, 0.5] + rng.normal(size=rows)
    labels = (scores + rng.normal(size=rows) > 0).astype(int)
    square = rng.normal(size=(m, m)) + m * np.eye(m)
    spd = square @ square.T / m
    cloud = rng.normal(size=(n // 4 if small else n // 2, 2))
    points = rng.normal(size=(n // 20 + 10, 3))
    return {
        # vectors
        "x": x,
        "x2": rng.normal(size=n),
        "y": y,
        "y2": np.cos(5 * u),
        "u": u,
        "u2": u * 0.9 + 0.01,
        "complex_x": x + 1j * y,
        "positive": np.abs(x) + 0.1,
        "positive2": np.abs(y) + 0.1,
        "probabilities": rng.uniform(size=n),
        "counts": rng.integers(1, 9, size=n),
        "counts2": rng.integers(9, 20, size=n),
        "integers": rng.integers(0, 5, size=n),
        "booleans": x > 0,
        "ar": np.array([1.0, -0.5]),
        # observations
        "X": X,
        "X2": rng.normal(size=(rows, 3)),
        "Xt": np.cumsum(X, axis=0),
        "scores": scores,
        "scores2": scores + rng.normal(size=rows),
        "labels": labels,
        "labels2": np.roll(labels, 1),
        "rows_counts": rng.poisson(np.exp(X @ [0.3, 0.2, 0.1])),
        "proba": np.column_stack([1 / (1 + np.exp(scores)), 1 / (1 + np.exp(-scores))]),
        "frame": pd.DataFrame(X, columns=list("abc")),
        "series": pd.Series(y),
        "b3": rng.normal(size=3),
        "spd3": np.cov(X.T),
        "cloud": cloud,
        "cloud2": rng.normal(size=cloud.shape),
        "cloud_y": rng.normal(size=len(cloud)),
        "condensed": scipy.spatial.distance.pdist(points),
        "linkage": scipy.cluster.hierarchy.linkage(points),
        # matrices
        "square": square,
        "square2": rng.normal(size=(m, m)),
        "spd": spd,
        "complex_square": square + 1j * spd,
        "triangle": np.triu(square),
        "rows": np.array([[0.0, *[-1.0] * (m - 1)], [4.0] * m, [-1.0] * m]),
        "b": rng.normal(size=m),
        "sparse": scipy.sparse.csr_array(square * (np.abs(square) > 1)),
        "table": rng.integers(5, 60, size=(m, m)),
        "table2": np.array([[8, 2], [1, 5]]),
        "image": rng.normal(size=(m + 3, m + 3)),
        "kernel": np.ones((3, 3)) / 9,
        "cube": rng.normal(size=(4, m, m // 2)),
        # others
        "spline": scipy.interpolate.splrep(u, y),
        "sos": np.array([[1.0, 0.2, 0.1, 1.0, -0.3, 0.1]]),
        "bounds": [(-1.0, 2.0), (-1.0, 2.0)],
        "rv": scipy.stats.norm(),
        "cdf": cdf,
        "estimator": sklearn.linear_model.LogisticRegression(),
        "regressor": sklearn.linear_model.LinearRegression(),
        "objective": objective,
        "gradient": gradient,
        "residuals": residuals,
        "line": line,
        "parabola": parabola,
        "integrand": integrand,
        "derivative": derivative,
        "statistic": statistic,
        "mean_difference": mean_difference,
    }
