"""What do single operations on a matrix of 60 by 70 cost?

The limit is 1.2. What NumPy dispatches through a hook takes the hook and the work at
least: there the limit is 1.1 times the time of a subclass whose hook in C returns at
once, plus that of the work on a plain array.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.floor import Hooked
from benchmarks.timing import Row, alternate, compare, timer

OPERATORS = [
    "A[1:-1, 1:-1]",
    "A[3, :3]",
    "A[:, None]",
    "A[:, 3]",
    "A.ravel()",
    "A.reshape(-1)",
    "A.T",
    "A.swapaxes(0, 1)",
    "A[:, 3] /= 1.0",
    "A[2:4, :] += 0",
    "A[1:-1, 1:-1] -= A[:-2, 1:-1]",
    "A[A > 0.5]",
    "A.mean()",
    "A.sum(axis=0)",
    "A[:, :60] @ A",
    "A + A",
    "A * 2.0",
    "A < A",
    "-A",
    "A += 0",
]
DISPATCHED = [
    "np.multiply(A, 1, out=A)",
    "np.array_equal(A, A)",
    "np.abs(A)",
    "np.std(A)",
    "np.dot(A[:, :60], A)",
    "np.dot(A[3], A[4])",
]
SETUP = "A = x"
SIZE = "60 x 70"
LIMIT = 1.2


def bound(statement: str, x: np.ndarray, repeat: int) -> float:
    """Return the limit of what NumPy dispatches, as a ratio."""
    first = timer(statement, x.copy(), SETUP)
    second = timer(statement, x.view(Hooked), SETUP)
    work, hooks = alternate(first, second, repeat)
    return 1.1 * (work + hooks) / work


def rows(repeat: int) -> Iterator[Row]:
    x = np.random.default_rng(1).random((60, 70))
    for statement in OPERATORS:
        yield compare(statement, x, SIZE, LIMIT, repeat, SETUP)
    for statement in DISPATCHED:
        limit = round(bound(statement, x, repeat), 2)
        yield compare(statement, x, SIZE, limit, repeat, SETUP)
