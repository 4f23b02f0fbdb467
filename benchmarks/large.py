"""What do large arrays cost, and copy-on-write itself?"""

import numpy as np

from benchmarks.timing import ratio, table

UFUNCS = ["x + x", "np.sqrt(x)", "x * 2.0", "np.add(x, 1.0, out=x)", "x.sum()"]
TRAPS = {
    "for i, row in enumerate(x): x[i] = row * 2": None,
    "for i in range(1, 1000): x[i] = x[i - 1] * 0.5 + x[i]": None,
    "x[1:-1] = (x[:-2] + x[2:]) / 2": None,
}


# operands of 40 and 80 MB: page faults cost NumPy more than the sums
EXPRESSIONS = {
    "x * y + x - y": 0.8,
    "np.sqrt(x**2 + y**2)": 0.8,
    "g - g.mean(axis=0)": 0.8,
}


def expressions():
    for size in (5_000_000, 10_000_000):
        x = np.ones(size)
        setup = "y = x + 1; g = x.reshape(-1, 1000)"
        table(
            f"Expressions, {8 * size // 10**6} MB",
            [
                (s, *ratio(s, x, repeats=5, setup=setup), limit)
                for s, limit in EXPRESSIONS.items()
            ],
        )


def main():
    expressions()
    x = np.ones(1_000_000)
    table("Ufuncs, 10^6 float64", [(s, *ratio(s, x, repeats=7), 1.05) for s in UFUNCS])
    big = np.ones(10**7)
    table(
        "Copies, 80 MB (limit: 1000 ns)",
        [("x.copy()", *ratio("x.copy()", big, 5, number=(1, 10_000)), None)],
    )
    grid = np.ones((1000, 1000))
    table(
        "Loops over rows, 1000 x 1000",
        [(s, *ratio(s, grid.copy(), repeats=5), limit) for s, limit in TRAPS.items()],
    )
