"""Versions of one array, kept as the blocks in which they differ.

A block has the size of a page. What is known of each is where the elements lie that
it had at the last mark: in the first version, or in a row of the store.
"""

from __future__ import annotations

import mmap
import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy import arange as np_arange
from numpy import bincount as np_bincount
from numpy import concatenate as np_concatenate
from numpy import flatnonzero, full
from numpy import sort as np_sort
from numpy import where as np_where
from numpy import zeros as np_zeros

from cow import _core
from cow._array.paged import snapshot
from cow._ground.types import Plain

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["History", "history"]

_BLOCK = mmap.PAGESIZE
_ROWS = 1024  # of a chunk of the store
_FIRST = -1  # the row of a block that is as in the first version


class _Change(NamedTuple):
    """What a mark has found: blocks, and their rows before and after."""

    blocks: Plain
    before: Plain
    after: Plain


class History:
    """The versions of an array; see `cow.history`.

    Attributes
    ----------
    array : CowArray
        The one that goes from version to version.
    position : int
        The version that it was, at the last mark, undo or redo.
    nbytes : int
        Bytes of the blocks that are kept.
    """

    def __init__(self, a: Any) -> None:
        if not isinstance(a, _core.Array):
            raise TypeError(
                f"history() is about cow arrays, not {type(a).__name__!r}. Write "
                "instead:  b = cow.paged(a); h = cow.history(b)"
            )
        if not a.flags.forc or a.dtype.hasobject:
            raise ValueError(
                "history() takes an array without gaps and without objects. Write "
                "instead:  b = cow.paged(a); h = cow.history(b)"
            )
        self._array = a
        self._position = 0
        self._form = a.shape, a.strides, a.dtype
        self._first = snapshot(a)
        self._rows = full(-(-a.nbytes // _BLOCK), _FIRST, np.intp)
        self._changes: list[_Change] = []
        self._chunks: list[Plain] = []
        self._used = 0  # rows of the store
        self._base, self._private = _look(a)

    @property
    def array(self) -> Any:
        """The array that goes from version to version."""
        return self._array

    @property
    def position(self) -> int:
        """The version that it was, at the last mark, undo or redo."""
        return self._position

    @property
    def nbytes(self) -> int:
        """Bytes of the blocks that are kept."""
        return self._used * _BLOCK

    def __len__(self) -> int:
        return len(self._changes) + 1

    def __repr__(self) -> str:
        return (
            f"<cow.History: {len(self)} versions, at {self._position}, "
            f"{self.nbytes:,} bytes>"
        )

    def mark(self) -> int:
        """Keep the array as it is; return the number of this version.

        Notes
        -----
        Copies the pages that have changed since the last mark. After an `undo`
        the versions that `redo` would have brought back are gone.

        Examples
        --------
        >>> import cow
        >>> b = cow.zeros(100_000, paged=True)
        >>> h = cow.history(b)
        >>> b[7] = 1
        >>> h.mark(), h.nbytes
        (1, 4096)
        """
        self._keep(self._changed())
        return self._position

    def undo(self) -> int:
        """Let the array be as it was a mark before; return the number of the version.

        Raises
        ------
        IndexError
            If it is as in the first version.

        Notes
        -----
        Writes the pages in which the two differ. Where the array has changed since
        the last mark it is marked first, so that `redo` brings that back.

        Examples
        --------
        >>> import cow
        >>> b = cow.zeros(100_000, paged=True)
        >>> h = cow.history(b)
        >>> b[7] = 1
        >>> h.undo(), b[7], h.redo(), b[7]
        (0, np.float64(0.0), 1, np.float64(1.0))
        """
        changed = self._changed()
        if changed.size:
            self._keep(changed)
        if self._position == 0:
            raise IndexError(f"there is no version before the first of {len(self)}")
        change = self._changes[self._position - 1]
        self._write(change.blocks, change.before)
        self._position -= 1
        return self._position

    def redo(self) -> int:
        """Take an `undo` back; return the number of the version.

        Raises
        ------
        IndexError
            If there is none that has not been taken back.
        ValueError
            If the array has been changed since: `mark` it, or `undo` that first.

        Notes
        -----
        Writes the pages in which the two versions differ.

        Examples
        --------
        >>> import cow
        >>> b = cow.zeros(100_000, paged=True)
        >>> h = cow.history(b)
        >>> b[7] = 1
        >>> h.undo(), h.redo()
        (0, 1)
        """
        if self._position == len(self._changes):
            raise IndexError(f"there is no version after the last of {len(self)}")
        if self._changed().size:
            raise ValueError(
                f"the array is not as in version {self._position}, on which the next "
                "one is based. Write instead:  h.mark()"
            )
        change = self._changes[self._position]
        self._write(change.blocks, change.after)
        self._position += 1
        return self._position

    def __getitem__(self, version: int, /) -> Any:
        """Return a version, as an array of its own.

        Notes
        -----
        Shares nothing that can be written: a new mapping of the first version, with
        the pages in which the two differ.

        Examples
        --------
        >>> import cow
        >>> b = cow.zeros(100_000, paged=True)
        >>> h = cow.history(b)
        >>> b[7] = 1
        >>> n = h.mark()
        >>> h[0][7], h[-1][7], len(h)
        (np.float64(0.0), np.float64(1.0), 2)
        """
        at = operator.index(version)
        at += len(self) if at < 0 else 0
        if not 0 <= at < len(self):
            raise IndexError(f"there is no version {version} of {len(self)}")
        made = snapshot(self._first)
        rows = self._rows_at(at)
        changed = flatnonzero(rows != _FIRST)
        for blocks, store, part in self._stored(changed, rows[changed]):
            _core.copy_blocks(made, blocks, store, part, _BLOCK)
        return made

    def __iter__(self) -> Iterator[Any]:
        return (self[version] for version in range(len(self)))

    # ------------------------------------------------------------ changes

    def _changed(self) -> Plain:
        """Return the numbers of the blocks that are not as at the last mark."""
        a = self._array
        if (a.shape, a.strides, a.dtype) != self._form:
            raise ValueError(
                "the array has got another shape or dtype. Write instead:  "
                "h = cow.history(b)"
            )
        base, private = _look(a)
        blocks = np_arange(self._rows.size)
        if base is not None and base == self._base:
            # what is not private, and was not at the last look, is as it was then
            blocks = flatnonzero(private | self._private)
        self._base, self._private = base, private
        changed = [
            at[~_core.same_blocks(a, at, store, rows, _BLOCK)]
            for at, store, rows in self._stored(blocks, self._rows[blocks])
        ]
        return np_sort(np_concatenate([blocks[:0], *changed]))

    def _keep(self, blocks: Plain) -> None:
        """Keep these blocks of the array, as a version."""
        del self._changes[self._position :]
        kept = sum(change.blocks.size for change in self._changes)
        after = np_arange(kept, kept + blocks.size)
        self._used = kept + blocks.size
        while len(self._chunks) * _ROWS < self._used:
            self._chunks.append(np_zeros((_ROWS, _BLOCK), np.uint8))
        for at, store, rows in self._stored(blocks, after):
            _core.copy_blocks(store, rows, self._array, at, _BLOCK)
        self._changes.append(_Change(blocks, self._rows[blocks], after))
        self._rows[blocks] = after
        self._position += 1

    def _write(self, blocks: Plain, rows: Plain) -> None:
        """Let the array have what is kept of these blocks in these rows."""
        for at, store, part in self._stored(blocks, rows):
            _core.copy_blocks(self._array, at, store, part, _BLOCK)
        self._rows[blocks] = rows

    def _stored(
        self, blocks: Plain, rows: Plain
    ) -> Iterator[tuple[Plain, Plain, Plain]]:
        """Yield blocks, what they are kept in, and their rows there."""
        chunks = np_where(rows == _FIRST, _FIRST, rows // _ROWS)
        # np.unique imports more modules the first time
        for chunk in (flatnonzero(np_bincount(chunks + 1)) - 1).tolist():
            part = blocks[chunks == chunk]
            if chunk == _FIRST:
                yield part, self._first, part
            else:
                yield part, self._chunks[chunk], rows[chunks == chunk] % _ROWS

    def _rows_at(self, version: int) -> Plain:
        rows = self._rows.copy()
        for change in self._changes[version : self._position][::-1]:
            rows[change.blocks] = change.before
        for change in self._changes[self._position : version]:
            rows[change.blocks] = change.after
        return rows


def _look(a: _core.Array) -> tuple[int | None, Plain]:
    """Return the number of the base of the pages, and which of them are private."""
    told = _core.pages(a)
    return (None, np_zeros(0, np.bool_)) if told is None else (told[0] or None, told[1])


def history(a: Any) -> History:
    """Keep versions of an array: each costs the pages that have changed.

    Parameters
    ----------
    a : CowArray
        Made by `cow.paged`, or any other without gaps and objects: then each mark
        compares all of it.

    Returns
    -------
    History
        With `mark`, `undo` and `redo`; ``h[i]`` is an array of version `i`, and
        version 0 the array as it is now.

    Notes
    -----
    Keeps a snapshot of `a`, another mapping where `a` has pages. What is undone or
    redone is written to `a` itself; who shares its memory keeps what he has.

    Examples
    --------
    >>> import cow
    >>> b = cow.zeros((500, 500), paged=True)
    >>> h = cow.history(b)
    >>> for row in range(3):
    ...     b[row] = 1
    ...     n = h.mark()
    >>> h.undo(), b.sum(), h[1].sum(), len(h)
    (2, np.float64(1000.0), np.float64(500.0), 4)
    """
    return History(a)
