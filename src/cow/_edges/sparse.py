"""Sparse matrices of SciPy over cow arrays can be written.

They keep what `numpy.array(data, copy=None)` gives, of a cow array a read-only view,
and hand it to C code that writes (``S *= 2``, ``S.sort_indices()``). NumPy calls
nothing of ours there: their constructors take copies of the cow arrays instead.
"""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any

from numpy import array as np_array

from cow import _core
from cow._dispatch.calls import snapshot
from cow._edges.waiting import when_imported
from cow._ground.types import Func, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__: list[str] = []

_MODULES = "_compressed", "_coo", "_bsr", "_dia"


def _own(parts: Any) -> Any:
    """Return the parts of a matrix, (data, (row, column)) or the like, to be kept."""
    if isinstance(parts, _core.Array):
        return np_array(snapshot(parts), order="K")
    if type_of(parts) is tuple or type_of(parts) is list:
        new = [_own(part) for part in parts]
        if any(a is not b for a, b in zip(new, parts, strict=True)):
            return type_of(parts)(new)
    return parts


def _taking_copies(init: Func) -> Func:
    @functools.wraps(init)
    def __init__(self: Any, arg1: Any, *args: Any, **kwargs: Any) -> None:
        init(self, _own(arg1) if type_of(arg1) is tuple else arg1, *args, **kwargs)

    return __init__


def _mend(module: types.ModuleType) -> None:
    for cls in list(vars(module).values()):
        if isinstance(cls, type) and cls.__module__ == module.__name__:
            init = vars(cls).get("__init__")
            if init is not None:
                setattr(cls, "__init__", _taking_copies(init))  # noqa: B010


for _name in _MODULES:
    when_imported(f"scipy.sparse.{_name}", _mend)
