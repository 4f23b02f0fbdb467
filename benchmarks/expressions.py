"""Are large expressions faster than on plain arrays?

Above 32 MB the C library asks the system for each new block anew, and the page faults
cost NumPy more than the sums.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare

STATEMENTS = ["a * b + c - d", "np.sqrt(a**2 + b**2)", "x - x.mean(axis=0)"]
SETUP = "a = x.ravel(); b = a + 1; c = a + 2; d = a + 3"


def rows(repeat: int) -> Iterator[Row]:
    for size in (5_000_000, 10_000_000):
        x = np.arange(float(size)).reshape(-1, 1000)
        for statement in STATEMENTS:
            yield compare(statement, x, f"{8 * size // 10**6} MB", 0.8, repeat, SETUP)
