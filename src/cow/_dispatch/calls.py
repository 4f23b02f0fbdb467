"""Writes into copies, and what else the ways to NumPy's code need.

The way itself is in the core: `cow._core.call` gives a function plain read-only
arrays, and `cow._core.write` a writeable alias for its output; no C code ever holds a
cow array, which may move. Fresh results are adopted, views share. What runs code of
the program in the middle of a write gets a copy, here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import array as np_array

from cow import _core
from cow._ground.types import Args, Func, Kwargs, Plain, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance


def snapshot(array: _core.Array) -> Plain:
    """Return a plain array that no write changes, through a pointer neither."""
    view: Any = array[...]
    return _core.plain(view)


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


# functions and methods whose output may be an operand, too
ELEMENTWISE = {"around", "clip", "conj", "conjugate", "round"}

# these read beyond the shape of an output that has no axis
CUMULATIVE = {
    "accumulate",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "nancumprod",
    "nancumsum",
}


def check_axes(name: str, out: Any) -> None:
    """Refuse an output without an axis to `name`, one of `CUMULATIVE`."""
    if isinstance(out, np.ndarray) and out.ndim == 0:
        raise ValueError(
            f"{name} needs an output with an axis. Write instead:  "
            "out[...] = np.cumsum(x)[-1]"
        )


def stores_objects(array: _core.Array) -> bool:
    """Are its elements objects, whose finalizers run while it is written?"""
    return array.dtype.hasobject and array.dtype.char != "T"


def call_with(
    value: Any, function: Func, args: Args, kwargs: Kwargs | None, where: int | str
) -> Any:
    """Call ``function(*args, **kwargs)`` on plain arrays, `value` being one of them.

    `where`: its position, or its name.
    """
    if isinstance(where, str):
        kwargs = {**(kwargs or {}), where: value}
    else:
        args = (*args[:where], value, *args[where + 1 :])
    return _core.call(function, args, kwargs)


def write_apart(
    function: Func, args: Args, kwargs: Kwargs | None, where: int | str
) -> Any:
    """As `cow._core.write`, for what may run Python code before it is done.

    That may take snapshots of the target, which must not change, or write it: the
    function gets a copy, whose elements are exchanged with those of the target.
    """
    target = (kwargs or {})[where] if isinstance(where, str) else args[where]
    return write_all((target,), _on_first, call_with, function, args, kwargs, where)


def write_raw(target: _core.Array, function: Func, args: Args, kwargs: Kwargs) -> Any:
    """As `write_apart`, with the arguments as they are: they become elements."""
    return write_all((target,), _on_first, _raw, function, args, kwargs)


def _raw(alias: Plain, function: Func, args: Args, kwargs: Kwargs) -> Any:
    return function(alias, *args, **kwargs)


def _on_first(outs: Args, function: Func, *args: Any) -> Any:
    return function(outs[0], *args)


def write_all(targets: tuple[Any, ...], function: Func, *args: Any) -> Any:
    """Call ``function(copies, *args)``; its copies are exchanged with `targets`.

    Items that are no cow arrays are passed as they are. What the function returns
    of the copies, itself or in a tuple, is replaced by the targets. Where another
    thread has written a target meanwhile, it is done again.
    """
    for _ in range(_ATTEMPTS):
        done, result = _try_all(targets, function, args)
        if done:
            return result
    raise RuntimeError("another thread goes on writing the array: use a lock")


_ATTEMPTS = 1000


def _try_all(targets: tuple[Any, ...], function: Func, args: Args) -> tuple[bool, Any]:
    # short: without memory CPython 3.12 never gets to an `except` that stands far down
    writes, outs, originals = _copies(targets)
    try:
        result = function(outs, *args)
    except BaseException:
        # what was written before it failed stays, as with NumPy
        for write in writes:
            write.take_over(False)
        raise
    for write in writes:
        if not write.is_untouched():
            return False, None
    if type_of(result) is tuple:
        items: list[Any] = []
        for item in result:
            items.append(originals.get(id(item), item))
        result = tuple(items)
    done = True, originals.get(id(result), result)
    # nothing that needs memory comes after the last one
    for write in writes:
        # the first one can be done again; of the others the last write stays
        if not write.take_over(write is not writes[0]):
            return False, None
    return done


def _copies(targets: Args) -> tuple[list[_Apart], Args, dict[int, Any]]:
    """Return the writes, the copies to be written, and whose each of these is."""
    # loops: with a comprehension CPython 3.11 loses `args` where it has no memory
    writes: list[_Apart] = []
    outs: list[Any] = []
    originals: dict[int, Any] = {}
    for target in targets:
        if isinstance(target, _core.Array):
            write = _find(writes, target)
            if write is None:
                write = _Apart(target)
                writes.append(write)
                originals[id(write.copied)] = target
            target = write.copied
        outs.append(target)
    return writes, tuple(outs), originals


def _find(writes: list[_Apart], target: _core.Array) -> _Apart | None:
    for write in writes:
        if write.target is target:
            return write
    return None


class _Apart:
    """A copy of an array that is written in its place."""

    __slots__ = ("before", "copied", "old", "target")

    def __init__(self, target: _core.Array) -> None:
        guard = _core.guard(target)
        if guard is not None:
            guard(target)
        _core.may_write(target)
        self.target = target
        # who writes `target` meanwhile moves it
        self.before: Plain = _core.plain(target)
        self.copied: Plain = np_array(self.before, order="K", copy=True)
        # what is exposed never moves: only what has changed is exchanged there
        exposed = _core.sharing(target).is_exposed
        self.old: Plain | None = np_array(self.before, order="K") if exposed else None

    def is_untouched(self) -> bool:
        """Raise where this thread has written the array meanwhile; False: another."""
        if looks_at(self.target, self.before):
            return True
        if _core.moved_here(self.target):
            raise RuntimeError(
                "the array was written to by code that ran in the middle of this "
                "write; the outer write is lost. Do the two writes one after the other."
            )
        return False

    def take_over(self, anyhow: bool) -> bool:
        """Give the elements to the array; False: somebody else has written it."""
        if not (anyhow or looks_at(self.target, self.before)):
            return False
        self.before = self.target  # no holder of the memory any more
        return _core.exchange(self.target, self.copied, self.old, anyhow)


def looks_at(array: _core.Array, view: Plain) -> bool:
    """Is `view`, made by `plain`, still what the array looks at?"""
    return (
        _core.extent(array)[0] == _core.extent(view)[0]
        and (array.shape, array.strides) == (view.shape, view.strides)
        and array.dtype is view.dtype
    )


class _Named(np.ndarray[Any, np.dtype[Any]]):
    """Prints as its name says."""


def named(array: _core.Array) -> _Named:
    """Return a view of a cow array that prints as ``cow.array``."""
    cls = type(array)
    name = "cow.array" if cls.__qualname__ == "CowArray" else cls.__name__
    kind: type[_Named] = type(name, (_Named,), {})
    return _core.plain(array).view(kind)
