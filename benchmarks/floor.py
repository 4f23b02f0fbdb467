"""What does NumPy itself take for any subclass? (in the column of cow)

An empty subclass, and one whose hooks return at once: NumPy looks for the hooks, and
calls them, before a subclass can do anything. No subclass undercuts the second.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, alternate, timer

STATEMENTS = [
    "x + x",
    "np.sqrt(x)",
    "np.add(x, 1.0, out=x)",
    "np.concatenate([x, y])",
    "np.where(mask, x, y)",
]
SETUP = "y = mask = x"
EMPTY, HOOKS = "empty", "hooks return at once"


class Empty(np.ndarray):
    """A subclass without a line of code."""


class Hooked(np.ndarray):
    """Hooks in C that take every argument, look at none and return a constant."""

    __array_ufunc__ = "".format
    __array_function__ = "".format


def rows(repeat: int) -> Iterator[Row]:
    for size in (10, 1000):
        x = np.arange(float(size))
        for kind, name in ((Empty, EMPTY), (Hooked, HOOKS)):
            for statement in STATEMENTS:
                first = timer(statement, x.copy(), SETUP)
                second = timer(statement, x.view(kind), SETUP)
                plain, own = alternate(first, second, repeat)
                yield Row(f"{statement}, {name}", f"{size:,}", plain, own)
