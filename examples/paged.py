"""Versions of a large array that cost the pages that change: ``cow.paged``.

``python examples/paged.py [MEGABYTES]``: a volume with an undo point after each of 200
strokes of a brush, and what-if runs over a grid. Memory is that of this process alone,
with the files in memory behind the arrays; time is that of one step.
"""

import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

import cow

STROKES = 200
FIRST = 10  # versions that NumPy keeps here
RUNS = 8

Volume: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
SELF = Path("/proc/self")


def memory() -> float:
    """Return the megabytes that this process takes, 0 where that is not told."""
    if not (SELF / "smaps_rollup").exists():
        return 0.0
    lines = (SELF / "smaps_rollup").read_text().splitlines()
    own = sum(int(x.split()[1]) * 1024 for x in lines if x.startswith("Anonymous:"))
    for descriptor in os.listdir(SELF / "fd"):
        path = SELF / "fd" / descriptor
        if path.is_symlink() and os.readlink(path).startswith("/memfd:cow"):
            own += path.stat().st_blocks * 512
    return own / 1e6


@contextmanager
def measured(what: str, steps: int) -> Generator[None]:
    before, start = memory(), time.perf_counter()
    yield
    seconds = (time.perf_counter() - start) / steps
    print(f"{what:44}{memory() - before:10,.0f} MB{seconds * 1e3:12,.2f} ms each")


def brush(volume: Volume, rng: np.random.Generator) -> None:
    """Paint a ball of 17 voxels across."""
    n = volume.shape[0]
    at = rng.integers(0, n - 17, 3)
    part = tuple(slice(i, i + 17) for i in at)
    z, y, x = np.ogrid[-8:9, -8:9, -8:9]
    volume[part] = np.where(z * z + y * y + x * x <= 64, 1, volume[part])


def paint(megabytes: int) -> None:
    n = round((megabytes * 1e6 / 4) ** (1 / 3))
    volume = np.random.default_rng(0).random((n, n, n), dtype=np.float32)
    total = volume.nbytes * STROKES / 1e9
    print(f"A volume of {volume.nbytes / 1e6:,.0f} MB, {STROKES} strokes")

    rng, versions = np.random.default_rng(1), list[Volume]()
    with measured(f"numpy: copies before the first {FIRST}", FIRST):
        for _ in range(FIRST):
            versions.append(volume.copy())
            brush(volume, rng)
    print(f"{'numpy: all of them would be':44}{total * 1000:10,.0f} MB")
    sums = [float(v[::7].sum()) for v in (*versions[1:], volume)]
    volume = versions[0].copy()
    versions.clear()

    paged = cow.paged(volume)
    plain = volume[::7].sum()
    del volume
    rng, history = np.random.default_rng(1), cow.history(paged)
    with measured(f"cow:   {STROKES} strokes, each with a mark", STROKES):
        for _ in range(STROKES):
            brush(paged, rng)
            history.mark()
    print(f"{'       of which the history keeps':44}{history.nbytes / 1e6:10,.0f} MB")
    with measured("cow:   undo", STROKES):
        while history.position > 0:
            history.undo()
    with measured(f"cow:   redo {FIRST}", FIRST):
        for _ in range(FIRST):
            history.redo()
    same = [float(history[i + 1][::7].sum()) for i in range(FIRST)] == sums
    print(f"the first {FIRST} versions are those of NumPy's copies: {same}")
    print(f"the first of all is as it was: {bool(history[0][::7].sum() == plain)}")


def what_if(megabytes: int) -> None:
    """Heat one place of a grid each time, and look what becomes of its surroundings."""
    n = round((megabytes * 1e6 / 8) ** 0.5)
    plain = np.ones((n, n)) * np.linspace(0, 1, n)
    grid = cow.paged(plain)
    print(f"\nA grid of {grid.nbytes / 1e6:,.0f} MB, {RUNS} runs from the same state")

    def run(state: Any, k: int) -> float:
        row = k * (n - 60) // RUNS
        part = state[row : row + 50, row : row + 50]
        part[25, 25] = 100.0
        for _ in range(20):
            part[1:-1, 1:-1] = (
                part[:-2, 1:-1] + part[2:, 1:-1] + part[1:-1, :-2] + part[1:-1, 2:]
            ) / 4
        state[row : row + 50, row : row + 50] = part
        return float(part.sum())

    found: list[list[float]] = []
    ways: dict[str, Callable[[], Any]] = {
        "numpy: copies": plain.copy,
        "cow:   copies": grid.copy,
    }
    for name, copy in ways.items():
        kept: list[Any] = []
        sums: list[float] = []
        with measured(name, RUNS):
            for k in range(RUNS):
                kept.append(copy())
                sums.append(run(kept[-1], k))
        found.append(sums)
    print(f"the same results: {found[0] == found[1]}")


def main(megabytes: int) -> None:
    paint(megabytes)
    what_if(megabytes)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1000)
