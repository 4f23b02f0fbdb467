"""Are large arrays as fast as plain ones?"""

import numpy as np

from benchmarks.calls import FUNCTIONS, SETUP, UFUNCS
from benchmarks.timing import compare

MORE = ["x[2:-2] = 1.0", "x.cumsum()", "np.sort(x)", "x.reshape(10, -1).sum(axis=0)"]


def rows(repeat):
    for size in (10**5, 10**6):
        x = np.arange(float(size))
        for statement in (*UFUNCS, *FUNCTIONS, *MORE):
            yield compare(statement, x, f"{size:,}", 1.05, repeat, SETUP)
