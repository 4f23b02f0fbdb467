"""Containers of arrays, rebuilt on the way into a guarded call.

A container without arrays is passed as a copy too: the callee may append to a
list of the caller. What cannot change (a tuple of numbers) stays itself.
"""

import collections
import copy
import dataclasses
import types
from typing import Any

__all__ = ["ATOMS", "field_names", "rebuild"]

# What neither contains arrays nor can be changed.
ATOMS = frozenset(
    {int, float, complex, bool, str, bytes, type(None), type, slice, range}
    | {types.FunctionType, types.BuiltinFunctionType, types.ModuleType}
    | {types.EllipsisType, types.NotImplementedType}
)
_ITERATORS: tuple[type, ...] = (
    *(map, zip, enumerate, filter, reversed, type(iter([])), type(iter(()))),
    *(type(iter({}.values())), type(iter({}.items())), type(iter({}))),
    *(type(reversed([])), type(iter(set()))),
)


def rebuild(call, value, path):
    """Return a copy of the container `value` for the callee, or `value` itself.

    `call.enter(item, path)` says what becomes of an item; `call.memo` knows what
    has been rebuilt, so that cycles and shared items keep their shape.
    """
    for kinds, function in _KINDS:
        if isinstance(value, kinds):
            return function(call, value, path)
    if not isinstance(value, type) and field_names(value):
        return _attributes(call, value, path)
    return value


def field_names(value):
    """Return the names of the fields of a dataclass, an attrs class or the like."""
    if dataclasses.is_dataclass(value):
        return [f.name for f in dataclasses.fields(value) if hasattr(value, f.name)]
    if isinstance(value, types.SimpleNamespace):
        return list(vars(value))
    attrs = getattr(type(value), "__attrs_attrs__", None)
    return [a.name for a in attrs if hasattr(value, a.name)] if attrs else ()


def _known(call, value, inner):
    call.memo[id(value)] = (value, inner)
    return inner


def _sequence(call, value, path):
    inner: Any = _known(call, value, copy.copy(value))
    put = list.__setitem__ if isinstance(value, list) else type(value).__setitem__
    for at, item in enumerate(value):
        new = call.enter(item, (*path, at))
        if new is not item:
            put(inner, at, new)
    return _own_attributes(call, value, inner, path)


def _tuple(call, value, path):
    items = [call.enter(item, (*path, at)) for at, item in enumerate(value)]
    # a cycle through a list may have come past here meanwhile
    known = call.memo.get(id(value))
    if known is not None:
        return known[1]
    if all(a is b for a, b in zip(items, value, strict=True)):
        return value
    if type(value) is tuple:
        return _known(call, value, tuple(items))
    # not through the class: its constructor may take something else
    inner: Any = _known(call, value, tuple.__new__(type(value), items))
    return _own_attributes(call, value, inner, path)


def _mapping(call, value, path):
    inner: Any = _known(call, value, copy.copy(value))
    base = dict if isinstance(value, dict) else type(value)
    changed = []
    for key, item in list(base.items(value)):
        new_key = call.enter(key, (*path, ".key"))
        new = call.enter(item, (*path, key))
        changed.append((new_key, new, new is not item, new_key is not key))
    if any(other_key for *_, other_key in changed):
        base.clear(inner)
        for new_key, new, _, _ in changed:
            base.__setitem__(inner, new_key, new)
    else:
        for key, new, other, _ in changed:
            if other:
                base.__setitem__(inner, key, new)
    return _own_attributes(call, value, inner, path)


def _set(call, value, path):
    items = [(item, call.enter(item, (*path, ".element"))) for item in value]
    if any(a is not b for a, b in items):
        return _known(call, value, type(value)(new for _, new in items))
    if isinstance(value, frozenset):
        return value
    return _known(call, value, copy.copy(value))


def _attributes(call, value, path):
    inner: Any = _known(call, value, copy.copy(value))
    for name in field_names(value):
        item = getattr(value, name)
        new = call.enter(item, (*path, "." + name))
        if new is not item:
            object.__setattr__(inner, name, new)
    return inner


def _own_attributes(call, value, inner, path):
    """Guard what an instance of a subclass of list, dict, ... has besides."""
    for name, item in getattr(value, "__dict__", {}).items():
        if name != "data" or not isinstance(
            value, collections.UserDict | collections.UserList
        ):
            inner.__dict__[name] = call.enter(item, (*path, "." + name))
    return inner


def _proxy(call, value, path):
    return _known(call, value, types.MappingProxyType(call.enter(value.copy(), path)))


def _chain(call, value, path):
    maps = [
        call.enter(each, (*path, ".maps", at)) for at, each in enumerate(value.maps)
    ]
    return _known(call, value, type(value)(*maps))


def _iterator(call, value, path):
    """The items are entered as they come."""
    return _known(call, value, (call.enter(item, (*path, ".next")) for item in value))


_KINDS = (
    (tuple, _tuple),
    ((list, collections.deque, collections.UserList), _sequence),
    ((dict, collections.UserDict), _mapping),
    ((set, frozenset), _set),
    (types.MappingProxyType, _proxy),
    (collections.ChainMap, _chain),
    (_ITERATORS, _iterator),
)
