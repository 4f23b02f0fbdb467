"""``a.flat``: the flat iterator of a cow array.

NumPy's own holds the array object and a pointer into its memory; this one
looks up the array at each access, so that writes go through copy-on-write.
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar, Never, Self

import numpy as np
from numpy import array as np_array

from cow import _core
from cow._dispatch import temporaries
from cow._dispatch.calls import stores_objects, write_raw
from cow._ground.types import Plain


class Flat:
    """Iterate over an array in C order; items can be read and assigned.

    Notes
    -----
    Assignment writes the array that it was taken from, copy-on-write. What is
    read is a copy, as with `numpy.flatiter`.
    """

    __slots__ = ("_array", "_index")
    # == compares elements; no checker can say that a class is not hashable
    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

    def __init__(self, array: _core.Array) -> None:
        self._array = array
        self._index = 0

    @property
    def base(self) -> _core.Array:
        """The array that is iterated over."""
        return self._array

    @property
    def index(self) -> int:
        """Position of the iterator, counted in elements."""
        return self._index

    @property
    def coords(self) -> tuple[int, ...]:
        """Position of the iterator, as an N-dimensional index."""
        return tuple(int(i) for i in np.unravel_index(self._index, self._array.shape))

    def copy(self) -> Plain:
        """Return a flat copy of the array."""
        return self._array.flatten()

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        if self._index >= self._array.size:
            raise StopIteration
        item = _core.plain(self._array).flat[self._index]
        self._index += 1
        return item

    def __getitem__(self, idx: Any) -> Any:
        array = self._array
        return _core.wrap(_core.plain(array).flat[_core.plain(idx)], type(array), array)

    def __setitem__(self, idx: Any, value: Any) -> None:
        count = sys.getrefcount(self)
        if (
            count <= temporaries.FLAT.quick[True]
            and sys.getrefcount(self._array) <= temporaries.alone_in_flat
            and _core.is_shared_view(self._array)
        ):
            temporaries.check_flat(self, self._array, count, Flat.__setitem__)
        if stores_objects(self._array):
            write_raw(self._array, _assign, (_core.plain(idx), value), {})
        else:
            _core.write(_assign, (self._array, idx, value), None, 0)

    def __delitem__(self, idx: Any) -> Never:
        raise TypeError("Cannot delete iterator elements")

    def __array__(self, dtype: Any = None, /, *, copy: bool | None = None) -> Plain:
        return np_array(_core.plain(self._array).flat, dtype=dtype, copy=copy)

    def _compare(self, other: Any, name: str) -> Any:
        array = self._array
        if isinstance(other, Flat):
            other = other._array.ravel()
        result = getattr(_core.plain(array).ravel(), name)(_core.plain(other))
        return _core.wrap(result, type(array), array)

    def __eq__(self, other: object) -> Any:
        return self._compare(other, "__eq__")

    def __ne__(self, other: object) -> Any:
        return self._compare(other, "__ne__")

    def __lt__(self, other: object) -> Any:
        return self._compare(other, "__lt__")

    def __le__(self, other: object) -> Any:
        return self._compare(other, "__le__")

    def __gt__(self, other: object) -> Any:
        return self._compare(other, "__gt__")

    def __ge__(self, other: object) -> Any:
        return self._compare(other, "__ge__")


def _assign(alias: Plain, idx: Any, value: Any) -> None:
    alias.flat[idx] = value
