"""Are large expressions faster than on plain arrays?

Above 32 MB the C library asks the system for each new block anew, and the page faults
cost NumPy more than the sums. "By hand" (in the column of cow) is the same on plain
arrays with `out=` and buffers that were made before: nobody can be faster.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, aligned, alternate, compare, timer

# {statement: the same by hand}
STATEMENTS = {
    "a * b + c - d": "np.multiply(a, b, t); np.add(t, c, t); np.subtract(t, d, t)",
    "np.sqrt(a**2 + b**2)": (
        "np.square(a, t); np.square(b, u); np.add(t, u, t); np.sqrt(t, t)"
    ),
    "x - x.mean(axis=0)": "np.subtract(x, x.mean(axis=0), t)",
}
SETUP = "a = x.ravel(); b = a + 1; c = a + 2; d = a + 3"
BUFFERS = "; t = a + 4; u = a + 5"


def rows(repeat: int) -> Iterator[Row]:
    for number in (5_000_000, 10_000_000):
        x = np.arange(float(number)).reshape(-1, 1000)
        size = f"{8 * number // 10**6} MB"
        for statement, by_hand in STATEMENTS.items():
            yield compare(statement, x, size, 0.8, repeat, SETUP)
            buffers = SETUP + BUFFERS
            if "axis" in statement:
                buffers += "; t = t.reshape(x.shape)"
            made = aligned(x.copy)
            best = alternate(
                timer(statement, made, SETUP), timer(by_hand, made, buffers), repeat
            )
            yield Row(f"{statement}, by hand", size, *best)
