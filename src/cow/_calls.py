"""Unwrap, compute, wrap: how NumPy's code is called with cow arrays.

NumPy gets plain read-only arrays, and writeable aliases for outputs; no C
code ever holds a cow array, which may move. Fresh results are adopted, views
share.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from cow import _core
from cow._frames import count_threads
from cow._types import Func, type_of

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
    storage = held = 0
    if count_threads() and not target.dtype.hasobject:
        # who waits for another thread must hold no write: operands come first
        operands = plain(args)
        if operands is not args:
            storage = storage_of(target)
            held = _looking_at(args, storage)
            args = operands
        del operands
    alias = _core.begin_write(target, storage, held)
    try:
        result = function(alias, *args)
        return target if result is alias else result
    finally:
        args = ()  # a plain operand would be taken for a view that escapes
        _core.end_write(target, alias)


def storage_of(array: _core.Array) -> int:
    """Return the id() of the storage of `array`."""
    return id(_core.sharing(array)[3])


def _looking_at(value: Any, storage: int) -> int:
    """Count the arrays in `value` that `plain` replaces by views of a storage."""
    if isinstance(value, _core.Array):
        return storage_of(value) == storage
    kind = type_of(value)
    if kind is slice:
        value = (value.start, value.stop, value.step)
    elif kind is dict:
        value = value.values()
    elif kind is not list and not isinstance(value, tuple):
        return 0
    count = 0
    for item in value:
        if type(item) not in _ATOMS:
            count += _looking_at(item, storage)
    return count


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
        places = [storage_of(target) for _, target in cows]
        held = [_looking_at(self.operands, place) for place in places]
        self.operands = plain(self.operands)
        try:
            for (at, target), place, count in zip(cows, places, held, strict=True):
                first = next(i for i, t in enumerate(self.targets) if t is target)
                if self.aliases[first] is target:
                    self.aliases[first] = _core.begin_write(target, place, count)
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
