"""The package `fort` that tests protect: its files, and their text."""

PACKAGE = {
    "__init__.py": """
from fort._impl import bands, frames, solve, table
from fort._impl import Base as _Base
from fort import outer

__all__ = ["bands", "frames", "solve", "table", "outer", "Grid", "instance"]

class Grid(_Base):
    def __init__(self, x):
        x[0] = 99
        self.x = x

    def step(self, u):
        self.bc(u)
        self._hidden(u)
        return u

    def bc(self, u):
        u[0] = 1.0

    def _hidden(self, u):
        self.bc(u[1:])

    @classmethod
    def make(cls, x):
        x[0] = 98
        return cls(x)

    @staticmethod
    def scaled(x):
        x *= 2
        return x

    @property
    def data(self):
        return self.x

    @data.setter
    def data(self, x):
        x[0] = 97
        self.x = x

    def __call__(self, x):
        x[0] = 96
        return x

instance = Grid(__import__("numpy").zeros(3))
""",
    "_impl.py": """
import sys, warnings
import numpy as np
from math import sqrt

def fill(x):
    x[0] = 1.0

def solve(x, out=None):
    fill(x)
    bands(x)
    return x

def bands(x):
    x[1] = 2.0
    return x

TABLE = {bands: "bands", solve: "solve"}

def table(f):
    return TABLE[f], any(f is each for each in TABLE)

def frames(x):
    x[0] = 5
    warnings.warn("old", DeprecationWarning, stacklevel=2)
    return sys._getframe(1).f_locals, sys._getframe(1).f_code

class Base:
    def inherited(self, x):
        x[0] = 95
        return x
""",
    "outer.py": """
from fort import bands as _bands
import fort
import numpy as np

def through(x):
    "calls public names in all ways, to write"
    _bands(x)
    fort.solve(x)
    from fort import Grid
    Grid(x)
    fort.instance.bc(x)
    return x

def apply(f, x):
    f(x)
    return x

def at_home(x):
    x[0] = 93
    import warnings
    warnings.warn("old", DeprecationWarning, stacklevel=2)
    return x

KEPT = at_home

def is_kept(f):
    return f is KEPT, f is at_home

def parameters(a, b, /, c=3, *more, d, e="e", **rest):
    a[0] = 91
    return a, b, c, more, d, e, rest

def cached(x, memo={}):
    memo.setdefault("n", []).append(x[0])
    return len(memo["n"])

def deep(n):
    return n if n == 0 else deep(n - 1)

class Fault(Exception):
    def __init__(self, x):
        x[0] = 90

    def method(self, x):
        x[0] = 89

class Sum:
    def __matmul__(self, x):
        x[0] = 88
        return x

    def __setitem__(self, at, x):
        x[0] = 87

    class Nested:
        def method(self, x):
            x[0] = 86

def spread():
    import functools
    import numpy as np
    x = np.zeros(3)
    np.vectorize(lambda i: None)(x)
    list(map(functools.partial(at_home_fill, x), [1]))
    np.apply_along_axis(bump, 0, x)
    fill_all(x)
    return x

def at_home_fill(x, at):
    x[at] = 1

def bump(x):
    x[0] += 1
    return x

import functools

@functools.singledispatch
def fill_all(x):
    raise TypeError

@fill_all.register
def fill_array(x: np.ndarray):
    x[2] = 1

def helper():
    import sys
    return sys._getframe(2).f_locals

def two_up(x):
    x[0] = 5
    return helper()

def frame(x):
    import sys
    x[0] = 92
    return sys._getframe(1).f_locals

def _private(x):
    x[0] = 94
""",
    "tests/__init__.py": "",
    "tests/test_it.py": """
import fort
def test_call(x):
    return fort.solve(x)
""",
    "conftest.py": "import fort\ndef call(x):\n    return fort.solve(x)\n",
}
