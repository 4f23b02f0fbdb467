"""Refusals of NumPy and of C code, which find cow arrays flagged read-only.

`np.random.shuffle`, `np.nditer` and others offer no hook: "array is read-only" is all
that they say. The traceback has the call that was given the array.
"""

from __future__ import annotations

import re

from cow._dispatch.advice import opening_line
from cow._ground.errors import ReadOnlyError
from cow._ground.types import type_of

__all__ = ["Explaining", "explain", "tell_refusal"]

# NumPy, Cython, SciPy, h5py, OpenCV, numba, pybind11
_SAYS_SO = re.compile(r"read-?only|\bwrit(e)?able\b|out must be a numpy array", re.I)


def explain(error: BaseException, name: str) -> None:
    """Name the line to write, where code that `name` calls has refused a cow array.

    Raises `ReadOnlyError` in the place of a `ValueError`; others get a note.
    """
    cls = type_of(error)
    if cls.__module__ == "cow" or not _says_so(error):
        return
    line = _line_instead(error)
    if line is None:
        return
    text = (
        f"the code that {name}() calls looks at NumPy's flag, which is False for cow "
        f"arrays. Write instead:  {line}"
    )
    if cls is ValueError:
        raise ReadOnlyError(f"{error.args[0]}: {text}") from error
    error.add_note(f"cow: {text}")


def _says_so(error: BaseException) -> bool:
    # its text is not asked for: what it holds would be read, by code of its own
    args = error.args
    return any(type_of(arg) is str and _SAYS_SO.search(arg) for arg in args)


def tell_refusal(error: BaseException, name: str, parameters: list[str]) -> None:
    """Add to the exception what to do for these parameters of a function.

    Their arguments were cow arrays that it was passed as they are. Where the traceback
    has the call, that is told already.
    """
    told = any(note.startswith("cow: ") for note in getattr(error, "__notes__", ()))
    if not parameters or told or isinstance(error, OSError | ReadOnlyError):
        return
    if _says_so(error):
        x = parameters[0]
        error.add_note(
            f"cow.no_mutate: {x}, which {name}() is passed as it is, is a cow array, "
            "read-only for code that looks at NumPy's flag. Write instead:  "
            f"with cow.writing({x}) as p: {name}(p)"
        )


class Explaining:
    """Explains the error that leaves a ``with`` block."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        if error is not None:
            explain(error, self.name)


def _line_instead(error: BaseException) -> str | None:
    """Return the line to write, of the outermost call that gave a cow array away."""
    trace = error.__traceback__
    while trace is not None:
        line = opening_line(trace.tb_frame, trace.tb_lasti)
        if line is not None:
            return line
        trace = trace.tb_next
    return None
