"""SciPy's public functions give the same with cow arrays as with plain ones.

Some 700 functions; those that call the user's function, sparse solvers and the
classes of spatial are in test_scipy_solvers.py.
"""

import gc
import importlib
import warnings

import numpy as np
import pytest
from scipy import sparse

import cow
from tests.catalogue.samples import IMAGE, POINTS, B, M, S, X, Y
from tests.catalogue.scipy_calls import CALLS, GONE
from tests.oracle.values import close

ARRAYS = {
    "x": X,
    "y": Y,
    "m": M,
    "s": S,
    "b": B,
    "p": POINTS,
    "i": IMAGE,
    "w": abs(X),
    "u": np.linspace(0.05, 0.95, 40),
    "n": np.arange(40) % 5,
    "g": IMAGE > 0,
}
EACH = [
    pytest.param(module, name, arguments, id=f"{module}.{name}")
    for module, table in CALLS.items()
    for arguments, names in table.items()
    for name in names.split()
]


def dense(result):
    return result.toarray() if sparse.issparse(result) else result


def result_of(module, name, arguments, arrays):
    function = getattr(importlib.import_module(f"scipy.{module}"), name)
    np.random.seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dense(eval(f"f({arguments})", {"f": function, "np": np, **arrays}))


@pytest.mark.parametrize(("module", "name", "arguments"), EACH)
def test_function_of_scipy_agrees_and_leaves_its_arguments(module, name, arguments):
    plain = {key: a.copy() for key, a in ARRAYS.items()}
    cows = {key: cow.array(a) for key, a in ARRAYS.items()}
    if f"{module}.{name}" in GONE:  # from this release of SciPy: is it?
        assert not hasattr(importlib.import_module(f"scipy.{module}"), name)
        return
    expected = result_of(module, name, arguments, plain)
    result = result_of(module, name, arguments, cows)
    close(expected, result)
    del result
    for key, a in ARRAYS.items():
        assert np.array_equal(a, cows[key]), key
        cow._core.check(cows[key])
    if any(cow.is_shared(c) for c in cows.values()):
        gc.collect()  # SciPy left a cycle
    assert not [key for key, c in cows.items() if cow.is_shared(c)]


def test_the_sample_is_broad():
    assert len(EACH) > 700
    wanted = "linalg sparse signal ndimage stats interpolate spatial.distance special"
    assert set(wanted.split()) <= set(CALLS)
