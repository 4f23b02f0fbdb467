"""What does a copy of a `cow.paged` array cost, against `np.copy`?

``python -m benchmarks.paged [MEGABYTES ...]`` prints a table, and from which share of
the pages on a plain copy is cheaper. Copies are kept while they are measured, as
versions are, so that NumPy, too, takes memory that is fresh.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

import cow
from benchmarks.timing import HEADER, Row

SIZES = [1, 8, 80, 800]
KEPT = 2_000  # MB of copies at a time, but at least three
ROUNDS = 2
SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Step: TypeAlias = Callable[[Array], object]


def nothing(x: Array) -> None:
    pass


def scatter(x: Array) -> None:
    x[:: x.size // 100] = 1.0


def rewrite(x: Array) -> None:
    x[...] = 1.0


def write_part(share: float) -> Step:
    """Return what writes an element of so many of the pages."""

    def write(x: Array) -> None:
        x[: int(x.size * share) : 512] = 1.0

    return write


def least(plain: Array, paged: Array, step: Step) -> tuple[float, float]:
    """Return the least seconds that a copy and the step take, on either side."""
    best = [float("inf")] * 2
    most = max(3, min(20, KEPT * 10**6 // plain.nbytes))
    for _ in range(ROUNDS):
        for at, x in enumerate((plain, paged)):
            kept: list[Array] = []
            for _ in range(most):
                start = time.process_time()
                kept.append(x.copy())
                step(kept[-1])
                best[at] = min(best[at], time.process_time() - start)
    return best[0], best[1]


def rows(megabytes: int) -> Iterator[Row]:
    plain = np.random.default_rng(1).random(megabytes * 10**6 // 8)
    paged = cow.paged(plain)
    paged.sum()
    if cow.explain(paged).pages is None:
        sys.exit("this system maps no copies: there is nothing to measure")
    size = f"{megabytes} MB"
    yield Row("copy", size, *least(plain, paged, nothing), 20e-6, limits="cow")
    limit = 1.1 if megabytes >= 8 else None
    yield Row("copy, sum", size, *least(plain, paged, np.sum), limit)
    found = least(plain, paged, scatter)
    yield Row("copy, 100 scattered writes", size, *found, 1e-3, limits="cow")
    yield Row("copy, rewrite all", size, *least(plain, paged, rewrite))
    changed = paged.copy()
    scatter(changed)
    yield Row("copy of 100 changed pages", size, *least(plain, changed, nothing))


def break_even(megabytes: int) -> str:
    """Tell from which share of pages written on a plain copy is cheaper."""
    plain = np.random.default_rng(1).random(megabytes * 10**6 // 8)
    paged = cow.paged(plain)
    ratios: list[float] = []
    for share in SHARES:
        copied, mapped = least(plain, paged, write_part(share))
        ratios.append(mapped / copied)
    cheaper = [share for share, r in zip(SHARES, ratios, strict=True) if r < 1]
    shown = "  ".join(
        f"{share:.0%}: {r:.2f}" for share, r in zip(SHARES, ratios, strict=True)
    )
    most = f"{max(cheaper):.0%}" if cheaper else "less than 1%"
    return f"{megabytes} MB  {shown}  (cheaper up to {most} of the pages)"


def main(sizes: list[int]) -> None:
    print(HEADER)
    for megabytes in sizes:
        for row in rows(megabytes):
            print(row, flush=True)
    print("\npages written after a copy: time against a plain copy with these writes")
    for megabytes in sizes:
        print(break_even(megabytes), flush=True)


if __name__ == "__main__":
    main(list(map(int, sys.argv[1:])) or SIZES)
