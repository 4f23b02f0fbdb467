"""Refusals of other packages' code, with the line to write instead.

Code that looks at NumPy's flag takes a cow array for one that cannot be written. A
guarded function gets plain copies; only what it is passed as it is can be refused.
"""

from __future__ import annotations

import re

from cow._ground.errors import ReadOnlyError

__all__ = ["tell_refusal"]

# NumPy, Cython, SciPy, h5py, OpenCV, numba, pybind11
_REFUSED = re.compile(r"read-?only|\bwrit(e)?able\b|out must be a numpy array", re.I)


def tell_refusal(error: BaseException, function: str, names: list[str]) -> None:
    """Add to the exception of a function what to do for these parameters.

    Their arguments were cow arrays that it was passed as they are.
    """
    if not names or isinstance(error, OSError | ReadOnlyError):
        return
    if any(isinstance(a, str) and _REFUSED.search(a) for a in error.args):
        x = names[0]
        error.add_note(
            f"cow.no_mutate: {x}, which {function}() is passed as it is, is a cow "
            "array, read-only for code that looks at NumPy's flag. Write instead:  "
            f"with cow.writing({x}) as p: {function}(p)"
        )
