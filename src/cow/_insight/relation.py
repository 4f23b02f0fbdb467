"""What two arrays have to do with each other: how much memory they share.

The count is exact wherever one is given: every byte of both arrays is looked
up, or the answer follows from two gapless blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy import zeros as np_zeros
from numpy.lib.array_utils import byte_bounds

from cow import _core
from cow._ground.types import Plain
from cow._insight import picture

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Relation", "bounds", "plain_view", "relation"]

# Bytes of memory between the first and the last element of both arrays, up to
# which each byte is marked; the marks need as much memory for a moment.
_MOST_MARKS = 1 << 28
# np.shares_memory gives up after so many steps.
_MAX_WORK = 10**6


_Kind: TypeAlias = Literal["same memory", "view", "overlap", "independent"]


@dataclass(frozen=True)
class Relation:
    """How two arrays share memory; see `cow.relation`.

    Attributes
    ----------
    kind : {'same memory', 'view', 'overlap', 'independent'}
    elements : int or None
        Elements of the first array that share memory with the second. None:
        there are some, but too many to count.
    size : int
        Elements of the first array.
    cow : bool
        Whether one of the two is a cow array, so that sharing ends at the
        first write.
    """

    kind: _Kind
    elements: int | None
    size: int
    cow: bool
    _larger: str = field(default="", repr=False)
    _parts: tuple[picture.Part, ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        text = {
            "independent": "independent: the two arrays share no memory.",
            "same memory": (
                f"same memory: the two arrays look at the same {_count(self.elements)}."
            ),
            "view": self._view(),
            "overlap": (
                f"overlap: {_count(self.elements)} of the first array (of "
                f"{self.size}) share memory with the second."
            ),
        }[self.kind]
        if self.kind == "independent":
            return f"{text} A write to one is never seen in the other."
        if self.cow:
            return (
                f"{text} They share it until one of them is written: the write is "
                "not seen in the other."
            )
        return f"{text} A write to the shared part of one is seen in the other."

    def _view(self) -> str:
        if self._larger == "first":
            return (
                "view: all of the second array lies in the memory of the first, in "
                f"{_count(self.elements)} of it (of {self.size})."
            )
        return (
            f"view: all of the first array, {_count(self.elements)}, lies in the "
            "memory of the second."
        )

    def _repr_html_(self) -> str:
        first, second = self._parts
        nbytes = max(first.last, second.last)
        return picture.html(str(self), nbytes, first, (second,))


def _parts(a: Plain, b: Plain) -> tuple[picture.Part, ...]:
    """Return where the two lie; what shares nothing, one beside the other."""
    (alo, ahi), (blo, bhi) = bounds(a), bounds(b)
    if ahi <= blo or bhi <= alo:
        (alo, ahi), (blo, bhi) = (0, a.nbytes), (a.nbytes, a.nbytes + b.nbytes)
    low = min(alo, blo)
    return (
        picture.Part(f"first, {a.dtype}{list(a.shape)}", alo - low, ahi - low),
        picture.Part(f"second, {b.dtype}{list(b.shape)}", blo - low, bhi - low),
    )


def _count(n: int | None) -> str:
    if n is None:
        return "some elements"
    return f"{n} element{'' if n == 1 else 's'}"


def plain_view(a: Plain) -> Plain:
    """Return a plain array over the memory of `a`, whatever its class."""
    if isinstance(a, _core.Array):
        return _core.plain(a)
    return a.view(np.ndarray)


def bounds(plain: Plain) -> tuple[int, int]:
    """Return the address of the first byte and that after the last."""
    return byte_bounds(plain)


def relation(a: Any, b: Any) -> Relation:
    """Tell how two arrays share memory.

    Parameters
    ----------
    a, b : ndarray
        Plain arrays, cow arrays or other subclasses, in any combination.

    Returns
    -------
    Relation
        Its `kind` is 'same memory' (both look at exactly the same bytes),
        'view' (all of one lies in the memory of the other), 'overlap' (some
        of each) or 'independent'; `elements` is the number of elements of `a`
        that share memory with `b`. Print it for a sentence.

    Notes
    -----
    Shares nothing and copies nothing. The number of elements is exact where
    the memory spanned by both arrays is at most 256 MiB, or both are without
    gaps; otherwise it is None and the kind at most 'overlap'. The objects in
    object arrays are not followed.

    Examples
    --------
    >>> import numpy as np, cow
    >>> p = np.arange(10)
    >>> cow.relation(p[::2], p[4:]).elements
    3
    >>> print(cow.relation(p, p[:3]))
    view: all of the second array lies in the memory of the first, in 3 elements \
of it (of 10). A write to the shared part of one is seen in the other.
    """
    for x in (a, b):
        if not isinstance(x, np.ndarray):
            raise TypeError(f"relation() compares arrays, not {type(x).__name__!r}")
    either = isinstance(a, _core.Array) or isinstance(b, _core.Array)
    first, second = plain_view(a), plain_view(b)
    elements, whole, whole_b = _shared(first, second)
    kind: _Kind
    if elements == 0:
        kind = "independent"
    elif whole and whole_b:
        kind = "same memory"
    elif whole or whole_b:
        kind = "view"
    else:
        kind = "overlap"
    larger = "second" if whole else "first"
    parts = _parts(first, second)
    return Relation(kind, elements, first.size, either, larger, parts)


def _shared(a: Plain, b: Plain) -> tuple[int | None, bool, bool]:
    """Return (elements of a that are shared, all bytes of a?, all of b?)."""
    nothing = 0, False, False
    if a.nbytes == 0 or b.nbytes == 0:
        return nothing
    (alo, ahi), (blo, bhi) = bounds(a), bounds(b)
    if ahi <= blo or bhi <= alo:
        return nothing
    low, high = max(alo, blo), min(ahi, bhi)
    if _gapless(a) and _gapless(b):
        elements = (high - 1 - alo) // a.itemsize - (low - alo) // a.itemsize + 1
        return elements, (low, high) == (alo, ahi), (low, high) == (blo, bhi)
    low, high = min(alo, blo), max(ahi, bhi)
    if high - low <= _MOST_MARKS:
        return _count_marks(a, b, low, high)
    try:
        # NumPy's stubs know of the limits 0 and -1 alone
        shared = np.shares_memory(a, b, max_work=_MAX_WORK)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        shared = True
    return (None, False, False) if shared else nothing


def _gapless(a: Plain) -> bool:
    """Does `a` look once at each byte between its first and its last?"""
    block = a.itemsize
    for step, n in sorted(
        (abs(step), n) for step, n in zip(a.strides, a.shape, strict=True)
    ):
        if n > 1:
            if step != block:
                return False
            block *= n
    return True


def _count_marks(a: Plain, b: Plain, low: int, high: int) -> tuple[int, bool, bool]:
    marks = np_zeros(high - low, np.bool_)
    _bytes_of(b, marks, low)[...] = True
    found = _bytes_of(a, marks, low)
    elements, whole = np.count_nonzero(found.any(axis=-1)), found.all()
    marks[...] = False
    _bytes_of(a, marks, low)[...] = True
    return int(elements), bool(whole), bool(_bytes_of(b, marks, low).all())


def _bytes_of(x: Plain, marks: Plain, low: int) -> Plain:
    """Return the marks of the bytes of `x`, one row for each element."""
    first = x.__array_interface__["data"][0] - low
    return np.ndarray((*x.shape, x.itemsize), np.bool_, marks, first, (*x.strides, 1))
