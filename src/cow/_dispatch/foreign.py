"""Views of foreign ndarray subclasses over cow arrays.

NumPy makes some of them behind our back. They look at a snapshot and refuse
writes, but masked arrays and quantities are made to be written, by Python code that
asks nobody: these get memory of their own.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import numpy as np
from numpy import array as np_array

from cow import _core
from cow._dispatch.calls import snapshot
from cow._ground.frames import frame_at
from cow._ground.types import Args, Kwargs, Plain, type_of

_ND = np.ndarray


def view(
    array: _core.Array, cls: type, caller: FrameType, args: Args, kwargs: Kwargs
) -> Any:
    """Return ``array.view(cls, ...)`` for a class that is no cow array."""
    plain = snapshot(array)
    # np.ma.putmask writes into such a view and means the array: it is refused
    if _may_own(cls, array) and caller.f_code is not np.ma.putmask.__code__:
        plain = np_array(plain, order="K")
    return _ND.view(plain, *args, **kwargs)


def looks_only(array: _core.Array, frame: FrameType) -> bool:
    """Is it NumPy that asks for the address, and does not write there?

    It compares the addresses of masked arrays, or makes a view that keeps `array`.
    """
    if frame.f_code is _code_of(np.lib.stride_tricks.as_strided):
        _core.mark_lent(array)
        return True
    masked = sys.modules.get("numpy.ma")
    return masked is not None and (
        frame.f_code is _code_of(masked.MaskedArray.__array_finalize__)
    )


def _code_of(function: Any) -> object:
    return function.__code__


def on_missing(array: _core.Array) -> None:
    """Care for a view of a foreign class, whose base is `array` itself.

    Such a view is made before the ``__array_finalize__`` of its class looks up an
    attribute of its source in vain.
    """
    frame: FrameType | None = frame_at(1)
    for _ in range(4):
        if frame is not None and frame.f_code.co_name == "__array_finalize__":
            made: Any = frame.f_locals.get("self")
            if not (_may_own(type_of(made), array) and array.dtype.isnative):
                _core.mark_lent(array)
            elif made.base is array:
                _own(made)
        frame = frame and frame.f_back


# arrays of others that are written by Python code of theirs
_WRITTEN = (
    ("numpy.ma", "MaskedArray"),
    ("astropy.units", "Quantity"),
    ("unyt", "unyt_array"),
)


def _may_own(cls: type, array: _core.Array) -> bool:
    """Is `cls` made to be written, and `array` none that refuses writes?"""
    if _core.guard(array) is not None:
        return False
    for module, name in _WRITTEN:
        known = getattr(sys.modules.get(module), name, None)
        if known is not None and issubclass(cls, known):
            return True
    return False


def _own(view: Plain) -> None:
    """Copy the memory of a view for itself, as unpickling would."""
    state: Any = _ND.__reduce__(_ND.view(view, _ND))[2]
    _ND.__setstate__(view, state)
