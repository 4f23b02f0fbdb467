"""Are large arrays as fast as plain ones?"""

from collections.abc import Iterator

import numpy as np

from benchmarks.calls import FUNCTIONS, SETUP, UFUNCS
from benchmarks.timing import Row, compare

MORE = [
    *("x[2:-2] = 1.0", "x.cumsum()", "np.sort(x)", "x.reshape(10, -1).sum(axis=0)"),
    # NumPy copies what is read-only here
    *("x.argmax()", "x.repeat(2)", "np.bincount(i)", "np.take(x, i)"),
]
# NumPy writes a temporary of 256 KiB and more in place
EXPRESSIONS = ["x * y + x - y", "np.sqrt(x**2 + y**2)", "(x - 1.0) ** 2", "x / 2 - y"]


def rows(repeat: int) -> Iterator[Row]:
    for size in (10**5, 10**6):
        x = np.arange(float(size))
        for statement in (*UFUNCS, *FUNCTIONS, *MORE, *EXPRESSIONS):
            yield compare(statement, x, f"{size:,}", 1.05, repeat, SETUP)
