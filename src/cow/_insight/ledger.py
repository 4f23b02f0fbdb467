"""The copy ledger: where, why and how much memory was copied.

The core calls one hook after each private copy; it writes to every ledger
that is open. Without a ledger there is no hook, and nothing to pay.
"""

from __future__ import annotations

import linecache
import threading
import warnings
from collections.abc import Callable
from os.path import dirname, sep
from types import FrameType, TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from cow import _core
from cow._ground.errors import CopyBudgetWarning
from cow._ground.frames import frame_at
from cow._insight.table import paragraph, table

__all__ = ["Copy", "Ledger", "ledger", "user_frame"]

_OURS = (dirname(dirname(__file__)) + sep, dirname(np.__file__) + sep)
_MOST_ROWS = 40
_HEADER = ("bytes", "copies", "where", "array", "why")

_lock = threading.Lock()
_open: tuple[Ledger, ...] = ()
_previous: Callable[[_core.Array, int, str], object] | None = None


class Copy(NamedTuple):
    """One private copy.

    Attributes
    ----------
    nbytes : int
    filename, lineno, function : str, int, str
        The line of the user's code that made it.
    shape, dtype : tuple of int, numpy.dtype
        The array that got memory of its own; no reference to it is kept.
    reason : str
    thread : int
        As `threading.get_ident` gives it.
    """

    nbytes: int
    filename: str
    lineno: int
    function: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    reason: str
    thread: int


class Ledger:
    """The private copies made in a ``with`` block; see `cow.ledger`.

    Attributes
    ----------
    entries : list of Copy
        In the order in which they were made.
    budget : int or None
    """

    def __init__(self, budget: int | None = None) -> None:
        if budget is not None and budget < 0:
            raise ValueError(f"budget must be a number of bytes, not {budget!r}")
        self.budget = budget
        self.entries: list[Copy] = []
        self._spent = 0
        self._warned = False
        self._refused: CopyBudgetWarning | None = None

    @property
    def total_bytes(self) -> int:
        """Bytes copied in all."""
        return sum(entry.nbytes for entry in self.entries)

    def __enter__(self) -> Self:
        global _open, _previous
        with _lock:
            if self in _open:
                raise RuntimeError("this ledger is open already: make another one")
            if not _open:
                _previous = _core.set_ledger(Ledger._record)
            _open = (*_open, self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _open, _previous
        with _lock:
            _open = tuple(log for log in _open if log is not self)
            if not _open:
                _core.set_ledger(_previous)
                _previous = None
        refused, self._refused = self._refused, None
        if refused is not None and error is None:
            raise refused

    @staticmethod
    def _record(array: _core.Array, nbytes: int, reason: str) -> None:
        """Write a copy to every open ledger; the core calls it."""
        frame = user_frame(frame_at(1))
        code = frame.f_code
        entry = Copy(
            nbytes,
            code.co_filename,
            frame.f_lineno,
            code.co_name,
            array.shape,
            array.dtype,
            reason,
            threading.get_ident(),
        )
        for log in _open:
            log.entries.append(entry)
            if log.budget is not None:
                log._spent += nbytes
                if log._spent > log.budget and not log._warned:
                    log._warn(entry)
        if _previous is not None:
            _previous(array, nbytes, reason)

    def _warn(self, entry: Copy) -> None:
        self._warned = True
        message = (
            f"private copies exceed the budget of {self.budget:,} bytes: this line "
            f"copied {entry.nbytes:,} ({entry.reason})"
        )
        try:
            warnings.warn_explicit(
                message, CopyBudgetWarning, entry.filename, entry.lineno
            )
        except CopyBudgetWarning as refused:
            # made an error by a filter; it cannot pass through the core, which
            # is in the middle of a write: the end of the block raises it
            self._refused = refused

    def __str__(self) -> str:
        rows = _rows(self.entries)
        if not rows:
            return "no private copies"
        shown = [_HEADER, *rows[:_MOST_ROWS]]
        widths = [max(len(row[i]) for row in shown) for i in range(len(_HEADER))]
        lines = [
            "  ".join(
                cell.rjust(width) if i < 2 else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in shown
        ]
        lines.insert(1, "-" * max(map(len, lines)))
        if len(rows) > _MOST_ROWS:
            lines.append(f"... and {len(rows) - _MOST_ROWS} more lines of code")
        lines.append(self._sum())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = _rows(self.entries)
        if not rows:
            return paragraph(str(self))
        more = len(rows) - _MOST_ROWS
        foot = f"... and {more} more lines of code" if more > 0 else ""
        head = (*_HEADER[:3], "line", *_HEADER[3:])
        shown = [
            (*row[:3], linecache.getline(*key[:2]).strip(), *row[3:])
            for row, (key, _) in zip(rows, _sums(self.entries), strict=True)
        ]
        return table(self._sum(), head, shown[:_MOST_ROWS], foot, numbers=2)

    def _sum(self) -> str:
        n = len(self.entries)
        copies = "copy" if n == 1 else "copies"
        return f"{self.total_bytes:,} bytes in {n:,} private {copies}"


def _sums(entries: list[Copy]) -> list[tuple[tuple[Any, ...], list[int]]]:
    """Add up the copies of one line, array and reason; most bytes first."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for e in entries:
        key = (e.filename, e.lineno, e.shape, e.dtype, e.reason)
        total = sums.setdefault(key, [0, 0])
        total[0] += e.nbytes
        total[1] += 1
    return sorted(sums.items(), key=lambda item: -item[1][0])


def _place(file: str, line: int) -> str:
    # notebooks compile a cell under the name of a temporary file
    name = "cell" if "ipykernel_" in file else file.rpartition(sep)[2]
    return f"{name}:{line}"


def _rows(entries: list[Copy]) -> list[tuple[str, ...]]:
    """Return what is told of each line, array and reason."""
    return [
        (
            f"{nbytes:,}",
            f"{count:,}",
            _place(file, line),
            f"{dtype}{list(shape)}",
            why,
        )
        for (file, line, shape, dtype, why), (nbytes, count) in _sums(entries)
    ]


def ledger(budget: int | None = None) -> Ledger:
    """Record each private copy that copy-on-write makes.

    Parameters
    ----------
    budget : int, optional
        Bytes. Above it, a `CopyBudgetWarning` is issued once, at the line whose
        copy went past it.

    Returns
    -------
    Ledger
        A context manager. Printed, it is a table sorted by bytes; `entries`
        holds each `Copy`, `total_bytes` the sum.

    Notes
    -----
    Shares no memory: an entry describes the array and does not refer to it.
    Copies in all threads are recorded. Ledgers may be nested; each records
    all copies made while it is open. Copies that you ask for
    (``np.array(a)``) are none of its business.

    Examples
    --------
    >>> import cow
    >>> a = cow.zeros(1000)
    >>> with cow.ledger() as log:
    ...     b = a[...]    # free
    ...     a[0] = 1
    >>> log.total_bytes, len(log.entries), log.entries[0].reason
    (8000, 1, 'written while shared')
    """
    return Ledger(budget)


def user_frame(frame: FrameType) -> FrameType:
    """Return the innermost frame that is not cow's or NumPy's own code."""
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return frame
