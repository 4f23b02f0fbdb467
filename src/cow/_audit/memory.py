"""What the audit remembers of the arrays that functions are given.

A `Record` knows the contents of one array as they were when every write so
far was accounted for. All calls in progress that were given the same memory
share one record, so that a write is accounted for once.
"""

from __future__ import annotations

import dataclasses
import hashlib
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import asarray as np_asarray
from numpy import ascontiguousarray as np_ascontiguousarray

from cow import _core
from cow._ground.types import Plain, type_of
from cow._guard.registry import ATOMS
from cow._insight.relation import bounds

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Record", "Records", "collect", "metadata"]

# Contents up to this size are kept as bytes, up to the second as an array,
# beyond it as a digest; larger arrays are not watched.
SMALL = 1 << 15
LARGE = 1 << 26
LARGEST = 1 << 30

_ATOMS = ATOMS | {np.dtype, np.float64, np.int64, np.bool_, types.MethodType}
_MOST_ITEMS = 1000
_WRITEABLE = 0x400
_DEEPEST = 5


def collect(
    value: Any, path: str, found: list[tuple[str, Plain]], depth: int = 0
) -> None:
    """Add (path, array) to `found` for each array in `value`."""
    kind = type_of(value)
    if kind in _ATOMS or depth > _DEEPEST:
        return
    if isinstance(value, np.ndarray):
        if value.size:
            found.append((path, value))
        mask = getattr(value, "_mask", None) if kind is not np.ndarray else None
        if isinstance(mask, np.ndarray) and mask.size:
            found.append((f"{path}.mask", mask))
        if value.dtype == object and value.size <= _MOST_ITEMS:
            for at, item in enumerate(value.ravel().tolist()):
                collect(item, f"{path}.flat[{at}]", found, depth + 1)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value[:_MOST_ITEMS]):
            collect(item, f"{path}[{at}]", found, depth + 1)
    elif isinstance(value, dict):
        for key, item in list(value.items())[:_MOST_ITEMS]:
            collect(item, f"{path}[{key!r}]", found, depth + 1)
    elif isinstance(value, types.SimpleNamespace) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    ):
        for name, item in list(getattr(value, "__dict__", {}).items()):
            collect(item, f"{path}.{name}", found, depth + 1)


def metadata(array: Plain) -> tuple[Any, Any, np.dtype[Any], int]:
    """What of the array object itself a function may change."""
    # not flags.writeable, which warns for arrays of np.broadcast_arrays
    writeable = array.flags.num & _WRITEABLE
    return array.shape, array.strides, array.dtype, writeable


class _Span:
    """Looks at a stretch of memory; `owner` keeps it alive."""

    def __init__(self, low: int, high: int, owner: Plain) -> None:
        self.owner = owner
        self.__array_interface__: dict[str, Any] = {
            "data": (low, False),
            "shape": (high - low,),
            "typestr": "|u1",
            "version": 3,
        }


class Record:
    """The accounted contents of one array.

    Attributes
    ----------
    array : ndarray
    low, high : int
        The addresses between which it lies; equal for cow arrays, whose memory
        no other array writes.
    uses : int
        Calls in progress that were given it.
    """

    __slots__ = ("_contents", "_plain", "array", "high", "key", "low", "uses")

    def __init__(self, array: Any, key: object, plain: Plain | None) -> None:
        self.array = array
        self.key = key
        self.uses = 1
        self._plain = plain
        self._contents: Any
        if plain is None:
            self.low = self.high = 0
        else:
            self.low, self.high = bounds(plain)
            if plain.nbytes > self.high - self.low or plain.dtype.names:
                # windows or broadcasts that look at the same bytes many times;
                # records, whose padding no copy need keep
                self._plain = np_asarray(_Span(self.low, self.high, plain))
        self.refresh()

    def overlaps(self, other: Record) -> bool:
        """Whether the two lie between common addresses."""
        return self.low < other.high and other.low < self.high

    def refresh(self) -> None:
        """Take the present contents for accounted."""
        x = self._now()
        if x.nbytes <= SMALL:
            self._contents = x.tobytes(), x.copy() if x.dtype.hasobject else None
        elif x.nbytes <= LARGE:
            self._contents = x.copy("K")
        else:
            self._contents = _digest(x)

    def changed(self) -> bool:
        """Whether the memory differs from the accounted contents."""
        x = self._now()
        if x.nbytes <= SMALL:
            return bool(x.tobytes() != self._contents[0])
        if x.nbytes <= LARGE:
            return not _same(x, self._contents)
        return bool(_digest(x) != self._contents)

    def _now(self) -> Plain:
        # a cow array moves when it is written: look where it is now
        return _core.plain(self.array) if self._plain is None else self._plain


def _same(x: Plain, kept: Plain) -> bool:
    # as unsigned numbers, since a NaN is the same as itself here
    size = x.dtype.itemsize
    if size in (1, 2, 4, 8) and not x.dtype.hasobject:
        unsigned = np.dtype(f"u{size}")
        return bool((x.view(unsigned) == kept.view(unsigned)).all())
    return x.tobytes() == kept.tobytes()


def _digest(x: Plain) -> bytes:
    data: Any = np_ascontiguousarray(x)
    return hashlib.blake2b(memoryview(data).cast("B"), digest_size=16).digest()


class Records:
    """The records of the calls in progress in one thread."""

    def __init__(self) -> None:
        self.live: dict[object, Record] = {}

    def hold(self, array: Plain, account: Callable[[Record], None]) -> Record | None:
        """Return the record of `array`, None where it cannot be watched.

        Writes that the callers made so far are handed to ``account(record)``
        first, so that the new call does not answer for them.
        """
        key: object
        if isinstance(array, _core.Array):
            key, plain = id(array), None
            nbytes = array.nbytes
        else:
            plain = array.view(np.ndarray)
            address = plain.__array_interface__["data"][0]
            key = address, plain.shape, plain.strides, plain.dtype
            nbytes = plain.nbytes if 0 not in plain.strides else 0
        record = self.live.get(key)
        if record is not None:
            record.uses += 1
            if record.changed():
                account(record)
            return record
        if nbytes > LARGEST:
            return None
        record = Record(array, key, plain)
        for other in list(self.live.values()):
            if other.overlaps(record) and other.changed():
                account(other)
        self.live[key] = record
        return record

    def accounted(self, record: Record) -> None:
        """The write into `record` is known, and so is what others saw of it."""
        record.refresh()
        for other in self.live.values():
            if other is not record and other.overlaps(record):
                other.refresh()

    def release(self, record: Record) -> None:
        """One call less needs the record."""
        record.uses -= 1
        if record.uses == 0:
            self.live.pop(record.key, None)
