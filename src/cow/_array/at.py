"""``a.at[idx].set(v)`` and its like: a changed copy, with JAX's names.

The array itself never changes, whoever holds it: each method copies it once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy import asarray as np_asarray

from cow import _core
from cow._ground.types import Args, Plain

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["At"]


class At:
    """What ``a.at`` gives; index it to choose the elements that change.

    Notes
    -----
    Each method returns a new array of the class that copies of ``a`` have. It
    shares no memory with ``a``: one copy for each call, also in a chain of them.
    With an index that repeats an element ``add`` and the others count each
    occurrence, as `numpy.ufunc.at` does.

    Examples
    --------
    >>> import cow
    >>> a = cow.array([1, 2, 3])
    >>> a.at[0].set(9), a.at[[1, 1]].add(5), a.at[1:].apply(abs)
    (cow.array([9, 2, 3]), cow.array([ 1, 12,  3]), cow.array([1, 2, 3]))
    >>> a
    cow.array([1, 2, 3])
    """

    __slots__ = ("_array", "_index", "_indexed")

    def __init__(self, array: Plain) -> None:
        self._array = array
        self._indexed = False

    def __getitem__(self, index: Any) -> Self:
        self._index = index
        self._indexed = True
        return self

    def _target(self) -> _core.Array:
        if not self._indexed:
            raise TypeError("choose the elements first: a.at[idx].set(v)")
        array = self._array
        if not isinstance(array, _core.Array):  # cow is switched off
            return cast("_core.Array", array.copy("K"))
        return _core.copy(array, type(array)._result_class or type(array), "K")

    def set(self, value: Any, /) -> _core.Array:
        """Return a copy with ``a[idx] = value``."""
        result = self._target()
        result[self._index] = value
        return result

    def apply(self, func: Callable[[Any], Any], /) -> _core.Array:
        """Return a copy with ``a[idx] = func(a[idx])``."""
        result = self._target()
        result[self._index] = func(result[self._index])
        return result

    def _update(self, ufunc: np.ufunc, value: Any) -> _core.Array:
        result = self._target()
        index = self._index
        if _is_basic(index):
            result[index] = ufunc(result[index], value)
        else:
            dtype = result.dtype
            ufunc.at(
                result, index, np_asarray(value).astype(dtype, casting="same_kind")
            )
        return result

    def add(self, value: Any, /) -> _core.Array:
        """Return a copy with `value` added to ``a[idx]``."""
        return self._update(np.add, value)

    def subtract(self, value: Any, /) -> _core.Array:
        """Return a copy with `value` subtracted from ``a[idx]``."""
        return self._update(np.subtract, value)

    def multiply(self, value: Any, /) -> _core.Array:
        """Return a copy with ``a[idx]`` multiplied by `value`."""
        return self._update(np.multiply, value)

    def divide(self, value: Any, /) -> _core.Array:
        """Return a copy with ``a[idx]`` divided by `value`."""
        return self._update(np.divide, value)

    def power(self, value: Any, /) -> _core.Array:
        """Return a copy with ``a[idx]`` raised to the power `value`."""
        return self._update(np.power, value)

    def min(self, value: Any, /) -> _core.Array:
        """Return a copy with the lesser of ``a[idx]`` and `value`."""
        return self._update(np.minimum, value)

    def max(self, value: Any, /) -> _core.Array:
        """Return a copy with the greater of ``a[idx]`` and `value`."""
        return self._update(np.maximum, value)


def _is_basic(index: object) -> bool:
    """Does the index select each element at most once?"""
    parts: Args = index if isinstance(index, tuple) else (index,)
    for part in parts:
        if part is None or part is Ellipsis or isinstance(part, slice):
            continue
        if isinstance(part, bool | np.bool_):
            return False
        try:
            operator.index(part)
        except TypeError:
            return False
    return True
