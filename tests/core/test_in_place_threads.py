"""x[i] op= y and x op= y lose nothing that others write meanwhile, as with NumPy."""

import sys
import threading

import numpy as np
import pytest

import cow

ROUNDS, THREADS = 3000, 4


class Converted:
    """An operand whose conversion runs code."""

    def __init__(self, size, wrote=None):
        self.size, self.wrote = size, wrote

    def __array__(self, dtype=None, copy=None):
        if self.wrote is not None:
            self.wrote[0] = 100.0
        return np.ones(self.size)


def one():
    return 1


LINES = [
    "a[2:5] += [1, 1, 1]",
    "a[2:5] += (1, 1, 1)",
    "a[2:5] += closed",
    "a[2:5] += one()",
    "a[2:5] += np.float64(1)",
    "a[2:5] += np.ones(3)",
    "a[2:5] += Converted(3)",
    "a[2:5] -= -one()",
    "a[...] += one()",
    "a[2:5] += closed * one()",
    "a[2:5] += memoryview(np.ones(3))",
    "m[0] += [1, 1, 1]",
    "m[0, :] += one()",
    "m[:, 2] += [1, 1]",
    "m[0:1] += [[1, 1, 1]]",
    "np.add(a, Converted(8), out=a)",
    "np.add(a, memoryview(np.ones(8)), out=a)",
    "a.__iadd__(Converted(8))",
]


@pytest.mark.parametrize("line", LINES)
def test_each_addition_of_each_thread_lands(line):
    a, m = cow.zeros(8), cow.zeros((2, 3))
    names = {"a": a, "m": m, "np": np, "one": one, "Converted": Converted}
    names["closed"] = cow.readonly(cow.ones(3))
    exec(f"def work():\n    for _ in range({ROUNDS}):\n        {line}", names)
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=names["work"]) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(old)
    assert (m[0, 2] if line.startswith("m") else a[2]) == ROUNDS * THREADS


@pytest.mark.parametrize("size", [10, 200_000])
def test_what_the_operand_writes_is_not_lost(size):
    for kind in (np.zeros, cow.zeros):
        x = kind(size)

        def wrote(x=x):
            x[3] = 100.0
            return 1.0

        x[2:5] += wrote()
        assert x[2:5].tolist() == [1.0, 101.0, 1.0]
        x[:] += Converted(size, x)
        assert x[:4].tolist() == [101.0, 1.0, 2.0, 102.0]
        x += Converted(size, x)
        assert x[:2].tolist() == [101.0, 2.0]
        s = x[...]
        x[:5] += wrote()
        assert x[3] == 101.0 and (kind is np.zeros or s[3] == 103.0)


def test_operand_that_writes_is_converted_before_the_others_are_read():
    for kind in (np.zeros, cow.zeros):
        x = kind(5)
        assert (x + Converted(5, x))[0] == 101.0
        assert np.add(Converted(5, x), x)[0] == 101.0
