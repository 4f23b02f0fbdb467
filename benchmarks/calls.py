"""What do operators, ufuncs, methods and functions cost on small arrays?"""

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare

UFUNCS = [
    "x + x",
    "x + 1.0",
    "-x",
    "x < y",
    "np.sqrt(x)",
    "np.add(x, 1.0, out=x)",
    "x += 1",
    "x.sum()",
    "x.mean()",
    "x.astype(np.float32)",
    "x[mask]",
    "x @ y",
]
FUNCTIONS = [
    "np.concatenate([x, y])",
    "np.where(mask, x, y)",
    "np.stack([x, y])",
    "np.clip(x, 1.0, 5.0)",
]
SETUP = "y = x + 1.0; mask = x > 3.0; i = x.astype(int)"
# of UFUNCS and FUNCTIONS
LIMITS: dict[int, tuple[float, float | None]] = {10: (2.0, None), 1000: (1.3, 1.5)}


def rows(repeat: int) -> Iterator[Row]:
    for size, limits in LIMITS.items():
        x = np.arange(float(size))
        for statements, limit in zip((UFUNCS, FUNCTIONS), limits, strict=True):
            for statement in statements:
                yield compare(statement, x, f"{size:,}", limit, repeat, SETUP)
    # it looks at no element: the search for arguments must not grow with the array
    for size in (10, 10**6):
        yield compare("np.iscomplexobj(x)", np.zeros(size), f"{size:,}", None, repeat)
