"""Unwrap, compute, wrap: how NumPy's code is called with cow arrays.

NumPy gets plain read-only arrays, and writeable aliases for outputs; no C
code ever holds a cow array, which may move. Fresh results are adopted, views
share.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy import array as np_array

from cow import _chained, _core
from cow._frames import frame_at
from cow._types import Func, Plain, type_of

if TYPE_CHECKING:
    from cow._types import isinstance

# what holds no cow array, for certain
_ATOMS: set[object] = {int, float, complex, bool, str, type, type(None), np.ndarray}


def plain(value: Any) -> Any:
    """Replace each cow array in `value`, containers included, by a plain one."""
    if isinstance(value, _core.Array):
        return _core.plain(value)
    kind = type_of(value)
    if kind is tuple or kind is list or isinstance(value, tuple):
        # a loop: a comprehension costs a frame on CPython 3.11
        items: list[Any] = []
        changed = False
        for item in value:
            if isinstance(item, _core.Array):
                item = _core.plain(item)
                changed = True
            elif type(item) not in _ATOMS:
                found = plain(item)
                changed |= found is not item
                item = found
            items.append(item)
        if not changed:
            return value  # an array of objects may store the list itself
        return items if kind is list else tuple(items)
    if kind is dict:
        found = {key: plain(item) for key, item in value.items()}
        return found if any(found[k] is not value[k] for k in found) else value
    if kind is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


_COMPOUND: set[object] = {tuple, list, dict}


def wrap(result: Any, cls: type[_core.Array], source: _core.Array | None = None) -> Any:
    """Wrap each plain array in `result`; call it with a temporary."""
    kind = type_of(result)
    if kind is np.ndarray:
        # the local is dropped so that the core sees whether memory is fresh
        box = [result]
        del result
        return _core.wrap(box.pop(), cls, source)
    if kind not in _COMPOUND and not isinstance(result, tuple):
        return result
    if kind is list or isinstance(result, tuple):
        parts = list(result)
        del result
        parts.reverse()
        wrapped: list[Any] = []
        while parts:
            wrapped.append(wrap_last(parts, cls, source))
        if kind is list:
            return wrapped
        if kind is tuple:
            return tuple(wrapped)
        # a named tuple; `kind is list` above has narrowed its class to list[Unknown]
        return kind(*wrapped)  # pyright: ignore[reportUnknownVariableType]
    if kind is dict:
        return {key: wrap(item, cls, source) for key, item in result.items()}
    return result


def wrap_last(
    parts: list[Any], cls: type[_core.Array], source: _core.Array | None
) -> Any:
    """Wrap the last of `parts` and take it from the list."""
    if type(parts[-1]) is np.ndarray:
        return _core.wrap(parts.pop(), cls, source)
    return wrap(parts.pop(), cls, source)


def result_class(arrays: Iterable[object]) -> type[_core.Array]:
    """Return the class of results: the subclass of highest priority."""
    cls = _core.Array
    for array in arrays:
        if isinstance(array, _core.Array):
            other = type(array)._result_class or type(array)
            if cls is _core.Array or (
                other is not cls and other.__array_priority__ > cls.__array_priority__
            ):
                cls = other
    return cls


def write(target: _core.Array, function: Func, *args: Any) -> Any:
    """Call ``function(alias, *args)`` with a writeable alias of `target`.

    Returns `target` for the alias, anything else as it is. A plain `target` is
    written itself. The function gets plain arrays, unless it writes objects.
    """
    if type_of(target) is np.ndarray:
        return function(target, *args)
    if _runs_code(target.dtype):
        return write_apart(target, function, *args)
    # who waits for another thread must hold no write: operands come first
    args = plain(args)
    alias = _core.begin_write(target)
    try:
        result = function(alias, *args)
        return target if result is alias else result
    finally:
        args = ()  # a plain operand would be taken for a view that escapes
        _core.end_write(target, alias)


def _runs_code(dtype: np.dtype[Any]) -> bool:
    """Do finalizers and operators of elements run while such an array is written?"""
    return dtype.hasobject and dtype.char != "T"


def write_apart(target: _core.Array, function: Func, *args: Any) -> Any:
    """Call ``function(copy, *args)`` and exchange the elements with those of `target`.

    For a function that runs Python code before it has written everything: that may
    take snapshots of `target`, which must not change, or write it. As `write`.
    """
    before = _core.plain(target)  # who writes `target` meanwhile moves it
    copied = np_array(before, order="K", copy=True)
    try:
        result = function(copied, *args)
    except BaseException:
        # what was written before it failed stays, as with NumPy
        if looks_at(target, before):
            del before
            _take_over(target, copied)
        raise
    if not looks_at(target, before):
        raise RuntimeError(
            "the array was written to by code that ran in the middle of this write; "
            "the outer write is lost. Do the two writes one after the other."
        )
    del before
    _take_over(target, copied)
    return target if result is copied else result


def _take_over(target: _core.Array, copied: Plain) -> None:
    alias = _core.begin_write(target)
    try:
        _core.exchange(alias, copied)
    finally:
        _core.end_write(target, alias)


def looks_at(array: _core.Array, view: Plain) -> bool:
    """Is `view`, made by `plain`, still what the array looks at?"""
    return (
        _core.extent(array)[0] == _core.extent(view)[0]
        and (array.shape, array.strides) == (view.shape, view.strides)
        and array.dtype is view.dtype
    )


def storage_of(array: _core.Array) -> int:
    """Return the id() of the storage of `array`."""
    return id(_core.sharing(array)[3])


class Writing:
    """Context in which several `targets` are open for writing through plain aliases.

    Items that are no cow arrays pass through. ``aliases`` has one item for
    each target; `original` maps an alias that a function returned back to the
    array that it stands for. `operands` are read meanwhile: plain ones are made
    of them before, since who waits for a writer must hold no write.
    """

    __slots__ = ("aliases", "operands", "targets")

    def __init__(self, targets: tuple[Any, ...], operands: Any) -> None:
        self.targets = targets
        self.operands: Any = operands
        self.aliases: list[Any] = list(targets)

    def __enter__(self) -> Self:
        cows: list[tuple[int, _core.Array]] = [
            (at, t) for at, t in enumerate(self.targets) if isinstance(t, _core.Array)
        ]
        # all threads open the arrays in one order, so nobody waits for ever
        cows.sort(key=lambda pair: storage_of(pair[1]))
        self.operands = plain(self.operands)
        try:
            for at, target in cows:
                first = next(i for i, t in enumerate(self.targets) if t is target)
                if self.aliases[first] is target:
                    self.aliases[first] = _core.begin_write(target)
                self.aliases[at] = self.aliases[first]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.operands = None
        at = len(self.aliases)
        while at:
            at -= 1
            alias, target = self.aliases[at], self.targets[at]
            self.aliases[at] = None
            earlier = at
            while earlier and self.aliases[earlier - 1] is not alias:
                earlier -= 1
            if alias is not target and not earlier:
                _core.end_write(target, alias)

    def original(self, result: Any) -> Any:
        """Return the target for its alias, anything else as it is."""
        for alias, target in zip(self.aliases, self.targets, strict=True):
            if result is alias:
                return target
        return result

    def originals(self, result: Any) -> Any:
        """Return `result`, an alias or a tuple, with the targets for aliases."""
        if type_of(result) is tuple:
            return tuple([self.original(item) for item in result])
        return self.original(result)


class _Named(np.ndarray[Any, np.dtype[Any]]):
    """Prints as its name says."""


def named(array: _core.Array) -> _Named:
    """Return a view of a cow array that prints as ``cow.array``."""
    cls = type(array)
    name = "cow.array" if cls.__qualname__ == "CowArray" else cls.__name__
    kind: type[_Named] = type(name, (_Named,), {})
    return _core.plain(array).view(kind)


class Route:
    """A way in which an array gets into a call, and how a temporary looks there.

    ``limits`` holds the highest reference counts of a temporary: when another
    array dispatched the call (False), and when the array itself did (True).
    They are measured once, at import, on the running interpreter.
    """

    __slots__ = ("depth", "limits", "measured")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.limits = {False: 0, True: 0}
        self.measured: list[int] | None = None

    @contextlib.contextmanager
    def measuring(self, is_self: bool) -> Generator[None]:
        """Measure: in the block calls are made whose targets are temporaries."""
        self.measured = []
        self.limits[is_self] = sys.maxsize
        yield
        self.limits[is_self] = min(self.measured) if _chained.COUNTS_LOCALS else 0
        self.measured = None

    def check(
        self, array: _core.Array, count: int, func: Func, first: bool = False
    ) -> None:
        """Raise where the caller's Python code passed a temporary view."""
        if self.measured is not None:
            self.measured.append(count)
        elif _chained.is_shared_view(array):
            frame = frame_at(self.depth)
            if _chained.calls(frame, func):
                _chained.refuse_argument(frame, func, first)
