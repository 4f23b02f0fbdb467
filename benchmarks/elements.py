"""What do elements and views cost?"""

import numpy as np

from benchmarks.timing import ratio, table

STATEMENTS = {
    "x[5]": 1.1,
    "x[5] = 1.0": 1.1,
    "x[2:9]": 1.4,
    "x[2:9] = 1.0": 1.4,
    "x.T": 1.4,
    "x.reshape(10, 100)": None,
    "x.shape": None,
    "for row in x.reshape(100, 10): pass": None,
}


def main():
    x = np.arange(1000.0)
    table(
        "Elements and views, 1000 float64",
        [(s, *ratio(s, x), limit) for s, limit in STATEMENTS.items()],
    )
