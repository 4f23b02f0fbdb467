"""Public functions of SciPy and scikit-learn under cow.protect; see protected_calls."""

import json
import os

import pytest


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("mode", ["early", "late"])
def test_functions_compute_what_they_compute_and_write_copies(mode, size, python):
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    program = "tests.catalogue.protected_calls"
    done = python("-m", program, mode, size, env={**os.environ, **threads})
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["calls"] > (600 if size == "small" else 200)
    # attempts to write, into copies, and into what is lent
    assert found["written"] > 100 and found["refused"] > 5
    assert sum(counts["guarded"] for counts in found["counts"]) > 200
    assert sum(counts["lent"] for counts in found["counts"]) > 5


CLONE = """
import sys
import numpy as np, cow
if sys.argv[1] == "late":
    from sklearn.base import clone
    from sklearn.cluster import KMeans
with cow.protect("sklearn") as wall:
    from sklearn.base import clone
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler
    X = np.random.default_rng(0).normal(size=(int(sys.argv[2]), 4))
    before = X.copy()
    model = clone(KMeans(2, init=X[:2], n_init=1))
    assert model.fit(X).inertia_ > 0
    scaled = StandardScaler(copy=False).fit_transform(X)
    assert abs(scaled.std() - 1) < 1e-9
    assert np.array_equal(X, before)
    assert wall.counts()["guarded"] >= 5
StandardScaler(copy=False).fit_transform(X)
assert not np.array_equal(X, before)
"""


@pytest.mark.parametrize("rows", ["50", "3000"])
@pytest.mark.parametrize("mode", ["early", "late"])
def test_estimators_are_cloned_and_write_copies(mode, rows, python):
    done = python("-W", "ignore", "-c", CLONE, mode, rows)
    assert done.returncode == 0, done.stderr
