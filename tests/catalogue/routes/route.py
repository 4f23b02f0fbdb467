"""A route of writing, the list of them, and arrays to write to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

RECORD = np.dtype([("u", "f8"), ("w", "i4"), ("z", "i4")])


@dataclass(frozen=True)
class Route:
    """One way of writing."""

    name: str
    write: Callable[[Any], Any]
    dtype: Any
    # NumPy or C code offers no hook here: raising is as good as working
    may_refuse: bool
    # a raw pointer, which knows no flag: "asked" of `x.ctypes`, where a cow array
    # gets memory of its own, or "taken" where it learns nothing of the purpose
    pointer: str = ""
    # a bug: before this version NumPy writes into plain read-only arrays
    mended: str = ""

    @property
    def past_the_flag(self):
        """Does this NumPy write through it into a plain read-only array?"""
        old = bool(self.mended) and np.lib.NumpyVersion(np.__version__) < self.mended
        return bool(self.pointer) or old


ROUTES: list[Route] = []


def works(dtype="f8", **marks):
    return _register(dtype, False, marks)


def may_refuse(dtype="f8", **marks):
    return _register(dtype, True, marks)


def _register(dtype, may_refuse, marks):
    def add(function):
        ROUTES.append(Route(function.__name__, function, dtype, may_refuse, **marks))
        return function

    return add


def source(dtype, shape):
    """Return a plain array whose elements are positive, unsorted, all different."""
    n = int(np.prod(shape))
    numbers = (np.arange(n) * 7919) % n + 1
    if dtype is RECORD:
        a = np.zeros(n, RECORD)
        a["u"], a["w"], a["z"] = numbers, numbers, -numbers
        return a.reshape(shape).copy()
    return numbers.astype(dtype).reshape(shape).copy()
