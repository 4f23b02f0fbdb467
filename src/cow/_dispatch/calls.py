"""Unwrap, compute, wrap: how NumPy's code is called with cow arrays.

NumPy gets plain read-only arrays, and writeable aliases for outputs; no C
code ever holds a cow array, which may move. Fresh results are adopted, views
share.
"""

from __future__ import annotations

import operator
import types
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import array as np_array

from cow import _core
from cow._ground.types import Args, Func, Plain, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

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
        # no closure: without memory to make one CPython 3.12 and 3.13 crash
        same = all(map(operator.is_, found.values(), value.values()))
        return value if same else found
    if kind is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


def snapshot(array: _core.Array) -> Plain:
    """Return a plain array that no write changes, through a pointer neither."""
    view: Any = array[...]
    return _core.plain(view)


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


_CUMULATIVE = {
    "accumulate",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "nancumprod",
    "nancumsum",
}


def check_axes(name: str, out: Any) -> None:
    """Refuse an output without an axis to `name`: NumPy reads beyond its shape."""
    if name in _CUMULATIVE and isinstance(out, np.ndarray) and out.ndim == 0:
        raise ValueError(
            f"{name} needs an output with an axis. Write instead:  "
            "out[...] = np.cumsum(x)[-1]"
        )


def write(target: _core.Array, function: Func, *args: Any) -> Any:
    """Call ``function(alias, *args)`` with a writeable alias of `target`.

    Returns `target` for the alias, anything else as it is. A plain `target` is
    written itself. The function gets plain arrays, unless it writes objects.
    """
    if type_of(target) is np.ndarray:
        return function(target, *args)
    # who waits for another thread must hold no write: operands come first
    if not _has_objects(target.dtype):
        args = plain(args)
    if _has_objects(target.dtype) or runs_code(args, target.dtype):
        return write_apart(target, function, *args)
    alias = _core.begin_write(target)
    try:
        result = function(alias, *args)
        return target if result is alias else result
    finally:
        args = ()  # a plain operand would be taken for a view that escapes
        _core.end_write(target, alias)


def _has_objects(dtype: np.dtype[Any]) -> bool:
    """Do finalizers and operators of elements run while such an array is written?"""
    return dtype.hasobject and dtype.char != "T"


# what NumPy converts without running code of the program
_QUIET: set[object] = _ATOMS | {
    bytes,
    slice,
    range,
    type(Ellipsis),
    object,  # a sentinel
    np.ufunc,
    type(np.sum),
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
}


def runs_code(value: Any, dtype: np.dtype[Any]) -> bool:
    """May code of the program run while NumPy converts `value`, or what is in it?

    A hook for an overflow, too, where `dtype` has less bits than a float.
    """
    kind = type_of(value)
    if isinstance(value, np.ndarray | np.generic):
        return _has_objects(value.dtype) or (
            _is_inexact(value.dtype) and not np.can_cast(value.dtype, dtype)
        )
    if kind is float or kind is complex:
        return not np.can_cast(kind, dtype) and (
            (kind is complex and dtype.kind != "c") or not _is_mild(value)
        )
    if kind in _QUIET or isinstance(value, np.dtype):
        return False
    if kind is dict:
        value = value.values()
    elif kind is not tuple and kind is not list:
        return True
    kinds = {*map(type, value)}
    if kinds <= {int, bool} or (
        kinds <= {int, bool, float} and np.can_cast(float, dtype)
    ):
        return False
    return any([runs_code(item, dtype) for item in value])


def _is_inexact(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "fc"


def _is_mild(value: complex) -> bool:
    """Can all types of floats take the number without a word?"""
    sizes = abs(value.real), abs(value.imag)
    return all(size == 0 or 2.0**-14 <= size <= 65504 for size in sizes)


def write_apart(target: _core.Array, function: Func, *args: Any) -> Any:
    """Call ``function(copy, *args)`` and exchange the elements with those of `target`.

    For a function that runs Python code before it has written everything: that may
    take snapshots of `target`, which must not change, or write it. As `write`.
    """
    return write_all((target,), _on_first, function, args)


def _on_first(outs: Args, function: Func, args: Args) -> Any:
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
        writes = _core.writes(self.target) + 1
        self.before = self.target  # no holder of the memory any more
        alias = _core.begin_write(self.target)
        try:
            # finalizers of old elements, or another thread
            untouched = self.old is not None or _core.writes(self.target) == writes
            if not (anyhow or untouched):
                return False
            if alias.shape != self.copied.shape or alias.dtype != self.copied.dtype:
                raise RuntimeError(
                    "the array got another shape or dtype in the middle of this "
                    "write, which is lost. Do the one after the other."
                )
            if alias.dtype.char == "T":  # its strings lie at its dtype
                alias[...] = self.copied
            else:
                _core.exchange(alias, self.copied, self.old)
            return True
        finally:
            _core.end_write(self.target, alias)


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
