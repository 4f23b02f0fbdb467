"""Answers about sharing: who looks at the memory, and what a write would copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from mmap import PAGESIZE
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from cow import _core
from cow._array.readonly import ReadOnlyArray
from cow._ground.types import Plain
from cow._insight import picture
from cow._insight.relation import bounds, plain_view

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Explanation", "Pages", "Sharer", "explain", "is_shared"]

_Moves: TypeAlias = Literal["nothing", "array", "others", "refused"]
# as the core numbers them
_MOVES: tuple[_Moves, ...] = ("nothing", "others", "array")


@dataclass(frozen=True)
class Sharer:
    """An array that looks at the memory.

    Attributes
    ----------
    name : str
        Class, dtype and shape.
    nbytes : int
    first, last : int
        The bytes of the storage between which its elements lie.
    """

    name: str
    nbytes: int
    first: int
    last: int


@dataclass(frozen=True)
class Pages:
    """The pages of a `cow.paged` array.

    Attributes
    ----------
    size, total : int
        Bytes of a page, and their number.
    private : int
        Pages that the array has to itself, since it has changed them or they have
        never been copied.
    shared : tuple of (str, int)
        Other arrays that look at the same pages, and at how many of them; eight at
        most.
    mappings : int
        How many other arrays do so.
    profiles : tuple of tuple of float
        The array in sixty stretches: the share of pages in each that are private, and
        then, for each of `shared`, that are shared with it.
    """

    size: int
    total: int
    private: int
    shared: tuple[tuple[str, int], ...]
    mappings: int
    profiles: tuple[tuple[float, ...], ...] = field(repr=False)

    def __str__(self) -> str:
        text = (
            f"{self.total:,} of {self.size:,} bytes, {self.private:,} of them its own"
        )
        shared = [f"{pages:,} shared with {name}" for name, pages in self.shared]
        if self.mappings > len(shared):
            shared.append(f"{self.mappings - len(shared):,} more arrays share some")
        return "; ".join([text, *shared])


@dataclass(frozen=True)
class Explanation:
    """What `cow.explain` found; describes the arrays and holds none of them.

    Attributes
    ----------
    array : Sharer
        The array that was asked about.
    owner : str
        Who owns the memory.
    sharers : tuple of Sharer
        The other cow arrays that look at it.
    plain_holders : int
        Plain views, memoryviews and other references to the memory.
    next_write_bytes : int
        What the next write to the whole array copies, whoever gets the copy. A
        write to a part copies no more.
    moves : {'nothing', 'array', 'others', 'refused'}
        Who gets a copy at the next write.
    storage_nbytes : int
        Size of the memory that is shared.
    kept_nbytes : int
        Memory that the array left at earlier writes and still keeps.
    cow : bool
        Whether the array is a cow array.
    pages : Pages or None
        Of an array whose copies are mappings; None for any other.
    """

    array: Sharer
    owner: str
    sharers: tuple[Sharer, ...]
    plain_holders: int
    next_write_bytes: int
    moves: _Moves
    storage_nbytes: int
    kept_nbytes: int
    cow: bool
    pages: Pages | None = None

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.array.name}, {self.array.nbytes:,} bytes"
        yield f"memory:     {self.storage_nbytes:,} bytes, owned by {self.owner}"
        yield f"shared by:  {self._others()}"
        if self.pages is not None:
            yield f"pages:      {self.pages}"
        yield f"next write: {self._next()}"
        if self.kept_nbytes:
            yield f"keeps:      {self.kept_nbytes:,} bytes that it left when it moved"

    def _others(self) -> str:
        others = [s.name for s in self.sharers[:5]]
        if len(self.sharers) > 5:
            others.append(f"{len(self.sharers) - 5:,} more cow arrays")
        if self.plain_holders:
            views = "view" if self.plain_holders == 1 else "views"
            others.append(f"{self.plain_holders} plain {views} or memoryviews")
        if not others:
            return "nobody else" if self.cow else "unknown, NumPy lists no views"
        return ", ".join(others)

    def _next(self) -> str:
        n = f"{self.next_write_bytes:,} bytes"
        return {
            "refused": "refused, the array is read-only",
            "array": f"copies {n}, this array gets memory of its own",
            "others": f"copies {n}, the smaller arrays get memory of their own",
            "nothing": "copies nothing"
            if self.cow
            else "copies nothing, and every view of the memory sees it",
        }[self.moves]

    def _repr_html_(self) -> str:
        pages = None
        if self.pages is not None:
            names = [f"{self.pages.private:,} pages of its own"]
            names += [f"{n:,} pages of {name}" for name, n in self.pages.shared]
            pages = list(zip(names, self.pages.profiles, strict=True))
        return picture.html(
            str(self), self.storage_nbytes, self.array, self.sharers, pages
        )


def explain(a: object) -> Explanation:
    """Tell who owns the memory of an array, who shares it, what a write copies.

    Parameters
    ----------
    a : ndarray
        A cow array, or a plain one.

    Returns
    -------
    Explanation
        Print it; a notebook shows a picture of the memory.

    Notes
    -----
    Shares no memory with `a` and copies nothing.

    Examples
    --------
    >>> import cow
    >>> a = cow.zeros((100, 100))
    >>> row = a[3]
    >>> print(cow.explain(row))
    CowArray float64[100], 800 bytes
    memory:     80,000 bytes, owned by cow
    shared by:  CowArray float64[100, 100]
    next write: copies 800 bytes, this array gets memory of its own
    >>> cow.explain(a).next_write_bytes     # the row is the smaller side
    800
    """
    if isinstance(a, _core.Array):
        return _explain_cow(a)
    if isinstance(a, np.ndarray):
        return _explain_plain(a)
    raise TypeError(f"explain() is about arrays, not {type(a).__name__!r}")


def _explain_cow(a: _core.Array) -> Explanation:
    # the facts first: any view that we make would count as a holder
    who, nbytes = _core.next_write(a)
    told = _core.sharing(a)
    others = [x for x in _core.sharers(told.storage) if x is not a]
    moves = _MOVES[who]
    if isinstance(a, ReadOnlyArray):
        moves, nbytes = "refused", 0
    low = bounds(told.storage)[0]
    pages = _pages(a)
    if pages is not None and moves == "array" and pages.private <= pages.total // 2:
        nbytes = pages.private * pages.size
    return Explanation(
        array=_sharer(a, low),
        owner="cow" if told.owner is None else _name(told.owner),
        sharers=tuple(_sharer(x, low) for x in others),
        plain_holders=told.holders,
        next_write_bytes=nbytes,
        moves=moves,
        storage_nbytes=told.storage.nbytes,
        kept_nbytes=told.kept,
        cow=True,
        pages=pages,
    )


_STRETCHES = 60
_MOST_NAMES = 8


def _pages(a: _core.Array) -> Pages | None:
    told = _core.pages(a)
    if told is None:
        return None
    _, mine, others = told
    shared: list[tuple[str, int]] = []
    profiles = [_profile(mine)]
    for other in others[:_MOST_NAMES]:
        theirs = None if other is None else _core.pages(other)
        private = mine if theirs is None else mine | theirs[1]
        name = "a plain array" if other is None else _name(other)
        shared.append((name, int(mine.size - np.count_nonzero(private))))
        profiles.append(_profile(~private))
    return Pages(
        size=PAGESIZE,
        total=mine.size,
        private=int(np.count_nonzero(mine)),
        shared=tuple(shared),
        mappings=len(others),
        profiles=tuple(profiles),
    )


def _profile(marks: Plain) -> tuple[float, ...]:
    return tuple(float(part.mean()) for part in np.array_split(marks, _STRETCHES))


def _overlap(x: _core.Array, a: _core.Array) -> bool:
    return np.may_share_memory(plain_view(x), plain_view(a))


def _explain_plain(a: Plain) -> Explanation:
    storage, sharers = a, _core.sharers(a)
    while isinstance(storage.base, np.ndarray) and not sharers:
        storage = storage.base
        sharers = _core.sharers(storage)
    low = bounds(plain_view(storage))[0]
    if sharers:
        owner = "cow"
    elif storage.base is not None:
        owner = _name(storage.base)
    else:
        owner = "the array itself" if storage is a else _name(storage)
    return Explanation(
        array=_sharer(a, low),
        owner=owner,
        sharers=tuple(_sharer(x, low) for x in sharers),
        plain_holders=0,
        next_write_bytes=0,
        moves="nothing" if a.flags.writeable else "refused",
        storage_nbytes=storage.nbytes,
        kept_nbytes=0,
        cow=False,
    )


def _sharer(x: Plain, low: int) -> Sharer:
    first, last = bounds(plain_view(x))
    return Sharer(_name(x), x.nbytes, first - low, last - low)


def _name(x: object) -> str:
    if isinstance(x, np.ndarray):
        return f"{type(x).__name__} {x.dtype}{list(x.shape)}"
    return f"a {type(x).__name__} object"


def is_shared(a: _core.Array) -> bool:
    """Tell whether the next write to `a` would copy.

    Parameters
    ----------
    a : CowArray

    Returns
    -------
    bool
        True while another array, a memoryview or the owner of borrowed memory
        looks at the memory of `a`; at another part of the same storage does not
        count.

    Examples
    --------
    >>> import cow
    >>> a = cow.zeros(3)
    >>> b = a[...]
    >>> cow.is_shared(a)
    True
    >>> b[0] = 1
    >>> cow.is_shared(a)
    False
    """
    told = _core.sharing(a)
    if told.holders or told.owner is not None:
        return True
    return told.others > 0 and any(
        _overlap(x, a) for x in _core.sharers(told.storage) if x is not a
    )
