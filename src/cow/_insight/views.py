"""Strict views: writes at which cow and NumPy part are stopped, or reported.

The core asks before a write that somebody else might see with NumPy; what it asks is
here, and nothing of it runs while no mode but "copy" is on.
"""

from __future__ import annotations

import contextvars
import os
import threading
import warnings
import weakref
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias, get_args

import numpy as np

from cow import _core
from cow._dispatch.operands import operands
from cow._ground.errors import ViewError, ViewWarning
from cow._ground.frames import frame_at
from cow._insight.ledger import user_frame
from cow._insight.region import Region

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = [
    "Collector",
    "Parting",
    "Views",
    "collect",
    "stop_collecting",
    "views",
]

_Mode: TypeAlias = Literal["copy", "warn", "raise"]
_MODES = get_args(_Mode)
# (array, references to it, where its first element would be with NumPy)
_Other: TypeAlias = tuple[_core.Array, int, int | None]


class Parting(NamedTuple):
    """A write that another array would see with NumPy.

    Attributes
    ----------
    filename, lineno, function : str, int, str
        The line that writes.
    written, other : str
        The array that is written, and one that would see it.
    message : str
    """

    filename: str
    lineno: int
    function: str
    written: str
    other: str
    message: str


Collector: TypeAlias = Callable[[Parting], object]

_lock = threading.RLock()
# what was set for good: weak references, and the mode of each; the last one counts
_set: list[tuple[weakref.ref[Views], _Mode]] = []
_mode: contextvars.ContextVar[_Mode | None] = contextvars.ContextVar("views")
_blocks = 0  # that are open, in all threads
_collectors: tuple[Collector, ...] = ()
_warned: set[tuple[str, int]] = set()
_places: dict[int, tuple[str, int]] = {}  # by the address of an array


class Views:
    """What `cow.views` returns; see there."""

    def __init__(self, mode: _Mode) -> None:
        if mode not in _MODES:
            raise ValueError(f"views are 'copy', 'warn' or 'raise', not {mode!r}")
        self.mode: _Mode = mode
        self._token: contextvars.Token[_Mode | None] | None = None
        with _lock:
            # nobody can make a block of what is gone: it was set for good
            for at in range(len(_set) - 1, 0, -1):
                if _set[at][0]() is None:
                    del _set[:at]
                    break
            _set.append((weakref.ref(self), mode))
            _switch()

    def __enter__(self) -> Self:
        global _blocks
        if self._token is not None:
            raise RuntimeError("this block is open already: call cow.views() again")
        with _lock:
            _set[:] = [each for each in _set if each[0]() is not self]
            _blocks += self.mode != "copy"
            _switch()
        self._token = _mode.set(self.mode)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _blocks
        if self._token is not None:
            _mode.reset(self._token)
            self._token = None
        with _lock:
            _blocks -= self.mode != "copy"
            _switch()


def views(mode: _Mode) -> Views:
    """Say what happens where a write parts from NumPy's.

    With NumPy a write is seen through each array that looks at the memory, here only
    through the one that is written. "raise" is for programs that were written for
    NumPy: they compute what NumPy computes, or raise.

    Parameters
    ----------
    mode : {'copy', 'warn', 'raise'}
        "copy": nothing, as documented; the default. "warn": a `ViewWarning`, once for
        each line of code, then as "copy". "raise": a `ViewError`, and nothing has
        changed.

    Returns
    -------
    Views
        A context manager: in a ``with`` block the mode is that of the block, for
        the thread or the asynchronous task that runs it. Without ``with`` it is set
        for all threads, outside of such blocks, until it is set again. The variable
        ``COW_VIEWS`` of the environment sets it at import.

    Raises
    ------
    ValueError
        For another mode.

    Notes
    -----
    Shares nothing and copies nothing. See docs/views.md for what is caught.

    Examples
    --------
    >>> import cow
    >>> with cow.views("raise"):
    ...     params = cow.zeros(6)
    ...     W = params[:4]
    ...     params += 1                  # with NumPy, W is changed
    Traceback (most recent call last):
    cow.ViewError: ...
    """
    return Views(mode)


def collect(collector: Collector) -> None:
    """Tell a function of each parting from now on, whatever the mode."""
    global _collectors
    with _lock:
        _collectors = (*_collectors, collector)
        _switch()


def stop_collecting(collector: Collector) -> None:
    """Undo `collect`."""
    global _collectors
    with _lock:
        _collectors = tuple(each for each in _collectors if each != collector)
        _switch()


def _switch() -> None:
    """Let the core ask, or ask no longer."""
    setting = _set[-1][1] if _set else "copy"
    on = setting != "copy" or _blocks > 0 or bool(_collectors)
    if on == _core.is_strict():
        return
    _warned.clear()
    _places.clear()
    _core.set_views(*((_on_write, _on_made) if on else (None, None)))


def _on_made(address: int) -> None:
    """Remember where an array is made; the core calls it."""
    frame = user_frame(frame_at(1))
    _places[address] = frame.f_code.co_filename, frame.f_lineno


def _on_write(
    array: _core.Array,
    index: Any,
    place: int | None,
    others: list[_Other],
    holders: int,
    owner: object,
    itself: bool,
) -> None:
    """Raise, warn or tell where a write parts from NumPy's; the core calls it.

    ``array[index]`` is going to be written, None: all of it. With NumPy its first
    element would be at `place`; `others` look at the memory, so do `holders` plain
    arrays and the like, and `owner` owns it, where it is borrowed.
    """
    mode = _mode.get(None) or (_set[-1][1] if _set else "copy")
    if mode == "copy" and not _collectors:
        return
    frame = user_frame(frame_at(1))
    seen = None if owner is None else _name(owner)
    if seen is None and holders:
        seen = "a plain array, memoryview or pointer"
    elif seen is None and itself:
        seen = "its own other elements, which lie in the same place"
    seen = _who_sees(frame, Region(array, index, place), array, others, seen)
    written = _name(array)
    # a traceback keeps this frame, and would keep the arrays
    others.clear()
    del array, index, owner
    if seen is not None:
        _part(mode, frame, written, seen)


def _who_sees(
    frame: FrameType,
    region: Region,
    array: _core.Array,
    others: list[_Other],
    besides: str | None,
) -> str | None:
    """Name an array that would see the write, or what else would."""
    found = operands(frame)
    whole = found.updates(array) if found is not None else 0
    if region.is_empty:
        return None
    for other, count, place in others:
        # `x` in x[i] += y is written with it; what is read in `a[1:] = a[:-1]` is
        # gone afterwards
        passing = id(other) == whole or (
            found is not None and found.reads(other, count)
        )
        if not passing and region.is_seen_by(other, place):
            return _name(other)
    return besides


def _part(mode: _Mode, frame: FrameType, written: str, other: str) -> None:
    code, line = frame.f_code, frame.f_lineno
    message = (
        f"with NumPy this write would be seen elsewhere, too. Written: {written}. "
        f"Seen by: {other}. Write instead:  base[1:3] = value  (the array that both "
        "look at, while no view of that part is in use), or make the view a value:  "
        "view = base[1:3].copy()"
    )
    told = Parting(code.co_filename, line, code.co_qualname, written, other, message)
    for collector in _collectors:
        collector(told)
    if mode == "raise":
        raise ViewError(message)
    key = told[:2]
    if mode == "warn" and key not in _warned:
        _warned.add(key)
        module = frame.f_globals.get("__name__")
        warnings.warn_explicit(message, ViewWarning, *key, module=module)


def _name(x: object) -> str:
    """Say what an array is, and where it was made."""
    if not isinstance(x, np.ndarray):
        return f"a {type(x).__name__} object"
    what = f"{type(x).__name__} {x.dtype}{list(x.shape)}"
    if not isinstance(x, _core.Array):
        return what
    place = _places.get(id(x))
    if place is None:
        return f"{what}, made before views were strict"
    return f"{what}, made at {place[0]}:{place[1]}"


def _read_environment() -> None:
    setting: Any = os.environ.get("COW_VIEWS") or "copy"
    if setting not in _MODES:
        raise ValueError(f"COW_VIEWS is 'copy', 'warn' or 'raise', not {setting!r}")
    if setting != "copy":
        views(setting)


_read_environment()
