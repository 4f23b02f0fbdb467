"""What do elements and views cost?"""

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare

ELEMENT, VIEW = 1.1, 1.2
STATEMENTS = {
    "x[5]": ELEMENT,
    "x[5] = 1.0": ELEMENT,
    "x[2:9]": VIEW,
    "x[2:9] = 1.0": VIEW,
    "x.T": VIEW,
    "x.reshape(10, 100)": VIEW,
    "x.shape": None,
}
GRID = {
    "x[3, 4]": ELEMENT,
    "x[3, 4] = 1.0": ELEMENT,
    "x[3]": VIEW,
    "x.T": VIEW,
    "for row in x: pass": VIEW,
}


def rows(repeat: int) -> Iterator[Row]:
    x = np.arange(1000.0)
    for statement, limit in STATEMENTS.items():
        yield compare(statement, x, "1,000", limit, repeat)
    for statement, limit in GRID.items():
        yield compare(statement, x.reshape(100, 10), "100 x 10", limit, repeat)
