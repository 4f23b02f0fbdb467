"""What does copy-on-write itself cost?

The first write to shared memory, and windows kept while the array goes on changing, are
measured against NumPy's eager copies, which give the same values; the other traps of
plain copy-on-write against NumPy without a copy.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare

FIRST_WRITES = {
    "y = x.copy(); y[0] = 1": "y = x.copy(); y[0] = 1",
    "v = x[:]; v[0] = 1": "v = x.copy(); v[0] = 1",
    "v = x[:]; x[0] = 1": "v = x.copy(); x[0] = 1",
}
ROWS = "for i, row in enumerate(x): x[i] = row * 2"
RECURRENCE = "for i in range(1, len(x)): x[i] = x[i - 1] * 0.5 + x[i]"
STENCIL = "x[1:-1] = (x[:-2] + x[2:]) / 2"
WINDOWS = "w = [x[i : i + 10] for i in range(len(x) - 10)]; x[0] = 1"
KEPT = """w = []
for i in range(10, len(x)):
    x[i] = 1.0
    w.append(x[i - 10 : i])
"""
EAGER = KEPT.replace("x[i - 10 : i]", "x[i - 10 : i].copy()")
# {name: (statement for cow, for NumPy, limit)}, and the shapes of each
TRAPS = {
    ROWS: (ROWS, ROWS, 1.3),
    "the same, x[i] = x[i - 1] * 0.5 + x[i]": (RECURRENCE, RECURRENCE, 1.5),
    STENCIL: (STENCIL, STENCIL, 1.5),
    "windows x[i : i + 10] in a list; x[0] = 1": (WINDOWS, WINDOWS, 1.5),
    "windows kept while the array is written": (KEPT, EAGER, 1.5),
}
SHAPES = (1000, 1000), (3000, 1000), (10**4,)


def rows(repeat: int) -> Iterator[Row]:
    for size in (10**3, 10**5, 10**6, 10**7):
        x = np.ones(size)
        for statement, eager in FIRST_WRITES.items():
            yield compare(statement, x, f"{size:,}", 1.1, repeat, plain=eager)
    for name, (statement, plain, limit) in TRAPS.items():
        for shape in SHAPES:
            x, written = np.ones(shape), " x ".join(f"{length:,}" for length in shape)
            yield compare(statement, x, written, limit, repeat, plain=plain, name=name)
