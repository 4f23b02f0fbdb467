"""Read-only arrays: no flag, setter, base or view re-opens them.

A guard refuses each write; views inherit it, copies do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import asarray as np_asarray

from cow import _core
from cow._array.annotation import ReadOnly, ReadOnlyNDArray
from cow._array.array import CowArray
from cow._array.freezing import frozen, refuse
from cow._ground.types import Plain

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["ReadOnly", "ReadOnlyArray", "ReadOnlyNDArray", "is_readonly", "readonly"]


class ReadOnlyArray(CowArray):
    """A read-only array, from `cow.readonly`.

    Its slices and views are read-only too; ``.copy()`` and the results of
    arithmetic are writable cow arrays. Writing raises `cow.ReadOnlyError`.
    """

    __slots__ = ()
    _result_class = CowArray

    def __array_finalize__(self, obj: Plain | None, /) -> None:
        _core.set_guard(self, refuse)


ReadOnlyArray.__module__ = "cow"


def readonly(x: Any) -> ReadOnlyArray:
    """Return a read-only array over `x`.

    Parameters
    ----------
    x : array_like

    Returns
    -------
    ReadOnlyArray
        Same shape and dtype.

    Notes
    -----
    Of a cow array it is a snapshot: later writes to `x` do not show. A plain
    array is borrowed: its owner can still change it.

    Examples
    --------
    >>> import cow
    >>> r = cow.readonly([1, 2, 3])
    >>> r[0] = 9
    Traceback (most recent call last):
    cow.ReadOnlyError: this array is read-only. Write to a copy of it ...
    >>> b = r.copy()
    >>> b[0] = 9
    >>> b
    cow.array([9, 2, 3])
    """
    if isinstance(x, ReadOnlyArray):
        return x
    if not isinstance(x, np.ndarray):
        x = np_asarray(x)
    return _core.share(x, ReadOnlyArray)


def is_readonly(x: object) -> bool:
    """Tell whether `x` is an array that refuses every write.

    Parameters
    ----------
    x : object

    Returns
    -------
    bool
        For a cow array: is it from `cow.readonly` (or a view of one)? For a
        plain array: is its flag ``writeable`` False? False for all else.

    Examples
    --------
    >>> import cow
    >>> cow.is_readonly(cow.readonly([1])), cow.is_readonly(cow.array([1]))
    (True, False)
    """
    if isinstance(x, _core.Array):
        return _core.guard(x) in (refuse, frozen)
    return isinstance(x, np.ndarray) and not x.flags.writeable
