"""What does a whole program cost, in time and in memory?

Shallow water works on slices, k-means by broadcasting, fancy indexing and reductions,
the Kalman filter and its smoother on small matrices in loops. "seconds" is the time,
"traced" the peak of what tracemalloc counts, "resident" that of the process's memory.

The programs are written as for NumPy; `array` is ``np.array`` or ``cow.array``. Each
has a ``run(array, careful)`` that returns its results; `careful` is the same program
written defensively, with copies of all arrays that enter or leave a function. Every
figure comes from processes of its own, since what ran before in a process decides how
the C library recycles memory.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.timing import Row

PROGRAMS = ["shallow_water", "kmeans", "kalman"]
# (what NumPy runs, whether it is careful, limit): "both lower" is a limit of 1
AGAINST = ("as written", "numpy", 1.05), ("with copies", "careful", 1.0)
FIGURES = {"seconds": "s", "traced": "B", "resident": "B"}
PROCESSES = 7


def measured(program: str, kind: str) -> dict[str, float]:
    """Return the figures of one process, see ``python -m benchmarks.programs``."""
    command = [sys.executable, "-m", "benchmarks.programs", program, kind]
    output = subprocess.run(command, capture_output=True, check=True).stdout
    figures: dict[str, float] = json.loads(output)
    return figures


def least(program: str, repeat: int) -> dict[str, dict[str, float]]:
    """Return {kind: the least of each figure}, of processes that take turns."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(min(repeat, PROCESSES)):
        for kind in ("numpy", "careful", "cow"):
            found = measured(program, kind)
            known = best.setdefault(kind, found)
            best[kind] = {name: min(found[name], known[name]) for name in found}
    return best


def rows(repeat: int) -> Iterator[Row]:
    for program in PROGRAMS:
        best = least(program, repeat)
        for name, kind, limit in AGAINST:
            for figure, unit in FIGURES.items():
                both = best[kind][figure], best["cow"][figure]
                title = f"{program}, NumPy {name}"
                yield Row(title, figure, *both, limit, unit)
