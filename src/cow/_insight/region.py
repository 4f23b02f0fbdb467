"""The memory that a write is going to change, and which arrays look at it.

Addresses are those that the elements would have with NumPy, where arrays that have
parted here would still be one memory; nothing is read there. The answer is exact,
but for long searches, which end with "yes".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import arange as np_arange
from numpy import asarray as np_asarray
from numpy import full as np_full

from cow import _core
from cow._ground.types import Func, Plain

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Region"]

# steps after which np.shares_memory gives up; elements that are looked up
_MAX_WORK = 10**6
_MOST_ELEMENTS = 1 << 22
# for checkers: NumPy's stubs leave their dtypes unknown
_arange: Func = np_arange
_full: Func = np_full


class _Ghost:
    """An array of bytes somewhere, for NumPy to compare its place."""

    def __init__(self, like: Plain, address: int) -> None:
        self.__array_interface__: dict[str, Any] = {
            "data": (address, True),
            "shape": like.shape,
            "strides": like.strides,
            "typestr": f"|V{like.itemsize}",
            "version": 3,
        }


class Region:
    """What ``array[index] = ...`` changes; all of it where `index` is None.

    `place`: where the first element of `array` would be with NumPy; None: not known.
    """

    def __init__(self, array: _core.Array, index: Any, place: int | None) -> None:
        plain = _core.plain(array)
        self._size = plain.itemsize
        self._starts: Plain | None = None  # of the elements, where they are chosen
        self._view: Plain | None = None
        self.is_empty = plain.nbytes == 0
        if place is None or self.is_empty:
            return
        if index is not None and not _is_basic(index):
            if plain.size <= _MOST_ELEMENTS:
                self._starts = np.sort(_starts(plain, place)[index], axis=None)
                self.is_empty = self._starts.size == 0
                return
            index = None
        part = plain
        if index is not None:
            part = plain[index if _names_fields(index) else _complete(index)]
        self.is_empty = part.nbytes == 0
        moved = _core.extent(part)[0] - _core.extent(plain)[0]
        self._view = np_asarray(_Ghost(part, place + moved))

    def is_seen_by(self, other: _core.Array, place: int | None) -> bool:
        """Does `other`, whose first element would be at `place`, look at it?"""
        plain = _core.plain(other)
        if plain.nbytes == 0:
            return False
        if place is None:
            return True
        ghost = np_asarray(_Ghost(plain, place))
        if self._view is not None:
            return _share(self._view, ghost)
        if self._starts is None:
            return True
        if plain.size > _MOST_ELEMENTS:
            low, high = _core.extent(ghost)[1:]
            return bool(self._starts[0] < high and low < self._starts[-1] + self._size)
        starts = _starts(plain, place).ravel()
        # the first chosen element that ends behind the beginning of each
        found = np.searchsorted(self._starts, starts - self._size, "right")
        inside = found < self._starts.size
        ends = starts[inside] + plain.itemsize
        return bool((self._starts[found[inside]] < ends).any())


def _share(a: Plain, b: Plain) -> bool:
    try:
        # NumPy's stubs know of the limits 0 and -1 alone
        return np.shares_memory(a, b, max_work=_MAX_WORK)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


def _starts(plain: Plain, place: int) -> Plain:
    """The address of each element."""
    starts: Plain = _full(plain.shape, place, np.int64)
    for axis, (n, step) in enumerate(zip(plain.shape, plain.strides, strict=True)):
        shape = [1] * plain.ndim
        shape[axis] = n
        starts += (_arange(n) * step).reshape(shape)
    return starts


def _is_basic(index: Any) -> bool:
    if isinstance(index, tuple):
        return all(map(_is_basic, index))
    if isinstance(index, bool | np.bool_):
        return False
    return (
        index is None
        or index is Ellipsis
        or isinstance(index, int | np.integer | slice)
        or _names_fields(index)
    )


def _names_fields(index: Any) -> bool:
    return isinstance(index, str) or (
        isinstance(index, list) and bool(index) and isinstance(index[0], str)
    )


def _complete(index: Any) -> Any:
    """The index of a view, where there would be one of an element."""
    parts = index if isinstance(index, tuple) else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, ...)
