"""Textbook programs on plain arrays, on cow arrays and under `cow.no_mutate`.

They are functions of arrays as users write them: slices written in place, ``out=``,
masks, views of views. `python -m benchmarks.kernels` runs them with arrays of 2 kB,
200 kB and 20 MB, compares all results value by value, and prints the ratios to plain
arrays.

Three things that users write, and that cow does not do as NumPy, are not among them:
writing through a view made before, or through a temporary one (`a[1:][mask] = 0`,
``out=a[1:]``), and writing into the rows of ``for row in a``.
"""

import importlib

from benchmarks.kernels.program import Program

THEMES = [
    "algebra",
    "stencils",
    "particles",
    "networks",
    "images",
    "dynamic",
    "signals",
    "statistics",
]


def programs() -> dict[str, Program]:
    """Return {name: program} of all themes."""
    modules = [importlib.import_module(f"benchmarks.kernels.{name}") for name in THEMES]
    return {program.name: program for m in modules for program in m.PROGRAMS}
