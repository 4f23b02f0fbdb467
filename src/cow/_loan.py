"""Memory that is borrowed from a plain array, and whether anything still sees it."""

from __future__ import annotations

import sys
from typing import TypeVar

import numpy as np

from cow import _core
from cow._array import CowArray
from cow._report import bits
from cow._types import Lent, Path, Plain

__all__ = ["Loan", "borrow", "settled"]

_A = TypeVar("_A", bound=_core.Array)


def borrow(array: Plain, cls: type[_A]) -> tuple[_A, Lent]:
    """Return an array of class `cls` that shares the memory, and its loan."""
    inner = _core.share(array, cls)
    return inner, (array, _core.sharing(inner)[3], _sample(array))


def _sample(array: Plain) -> bytes:
    """Return the bytes of a few dozen elements, spread evenly."""
    return array.flat[:: array.size // 32 + 1].tobytes()


def settled(loan: Lent) -> bool:
    """Does nothing look at the memory any more, and is it as it was?"""
    return sys.getrefcount(loan[1]) == _ALONE and _sample(loan[0]) == loan[2]


class Loan:
    """A plain array of the caller whose memory is borrowed."""

    __slots__ = ("array", "path", "sample", "storage", "whole")

    def __init__(self, loan: Lent, path: Path, verify: bool = False) -> None:
        self.array, self.storage, self.sample = loan
        self.path = path
        self.whole: Plain | None = self.array.copy("K") if verify else None

    def refresh(self) -> None:
        """Take the contents for right that the caller has given it meanwhile."""
        self.sample = _sample(self.array)
        if self.whole is not None:
            self.whole = self.array.copy("K")

    def written(self) -> bool:
        """Has C code written through the pointer? Looks at some elements."""
        if self.whole is not None:
            return bool(bits(self.array) != bits(self.whole))
        return _sample(self.array) != self.sample

    def restore(self, whole: Plain) -> None:
        writeable = self.array.flags.writeable
        if not writeable:
            self.array.flags.writeable = True
        np.copyto(self.array, whole)
        if not writeable:
            self.array.flags.writeable = False


# the references that are counted where nobody but the loan has the storage
_, _loan = borrow(np.zeros(2), CowArray)
del _
_ALONE = sys.getrefcount(_loan[1])
