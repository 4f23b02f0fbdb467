"""Reading copies nothing, and nothing is left behind."""

import gc

import numpy as np

import cow
from cow import _core


def test_reading_copies_nothing():
    copies = []
    old = _core.set_ledger(lambda array, size, why: copies.append(size))
    try:
        x = np.ones(100_000)
        assert cow.no_mutate(lambda x: float(x.sum()))(x) == 100_000
        assert cow.no_mutate(lambda x, k: x[1:] * k)(x, k=2)[0] == 2
        assert cow.no_mutate(lambda c: c["x"].mean())({"x": x}) == 1
    finally:
        _core.set_ledger(old)
    assert copies == []


def test_nothing_is_left_behind():
    x = np.ones(5000)
    import sys

    count = sys.getrefcount(x)
    for function in (np.sum, lambda x: x, lambda x: [x[1:], 2]):
        cow.no_mutate(function)(x)
        cow.no_mutate(function, on_write="raise")(x)
        cow.no_mutate(function, on_write="report")(x)
        cow.no_mutate(function)([x])
    gc.collect()
    assert sys.getrefcount(x) == count
