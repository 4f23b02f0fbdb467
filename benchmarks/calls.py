"""What do operators, ufuncs, methods and functions cost on small arrays?"""

import numpy as np

from benchmarks.timing import ratio, table

STATEMENTS = [
    "x + x",
    "x + 1.0",
    "-x",
    "x < x",
    "np.sqrt(x)",
    "np.add(x, 1.0, out=x)",
    "x += 1",
    "x.sum()",
    "x.mean()",
    "x.astype(int)",
    "x[x > 3]",
    "x @ x",
    "np.concatenate([x, x])",
    "np.where(x > 3, x, 0)",
    "x.copy()",
]


def main():
    for size in (10, 1000):
        x = np.arange(float(size))
        table(
            f"Calls, {size} float64",
            [(s, *ratio(s, x.copy()), None) for s in STATEMENTS],
        )
