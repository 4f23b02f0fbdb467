"""Our entries of the registry: containers of arrays, rebuilt for a guarded call.

A container without arrays is passed as a copy too: the callee may append to a
list of the caller. What cannot change (a tuple of numbers) stays itself.
"""

from __future__ import annotations

import builtins
import collections
import copy
import dataclasses
import itertools
import sys
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cow._ground.types import Path, type_of
from cow._guard.registry import Kind, Rebuild, Visitor, install, kind_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = [
    "FROZEN_DICTS",
    "ITERATORS",
    "TEMPLATES",
    "field_names",
    "new_tuple",
    "rebuild",
]


_EMPTY: list[Any] = [[], (), {}, {}.values(), {}.items(), set()]
_iterators: list[type] = [map, zip, enumerate, filter, reversed]
_iterators += [itertools.chain, itertools.cycle, itertools.islice, itertools.repeat]
_iterators += [type(reversed(_EMPTY)), *(type(iter(each)) for each in _EMPTY)]
ITERATORS: tuple[type, ...] = tuple(_iterators)
# since Python 3.15
FROZEN_DICTS: tuple[Any, ...] = tuple(
    getattr(builtins, name) for name in ("frozendict",) if hasattr(builtins, name)
)
# t-strings and what they hold, since Python 3.14
TEMPLATES: tuple[Any, ...] = ()
if sys.version_info >= (3, 14):
    from string.templatelib import Interpolation, Template

    TEMPLATES = (Template, Interpolation)


def rebuild(visitor: Any, value: Any, path: Path) -> Any:
    """Return a copy of one of our containers, or `value` itself.

    `visitor.enter(item, path)` says what becomes of an item; `visitor.memo` knows
    what has been rebuilt, so that cycles and shared items keep their shape.
    """
    kind = kind_of(type_of(value))
    if kind is None or not kind.ours:
        return value
    return kind.rebuild(visitor, value, path)


def field_names(value: Any) -> Sequence[str]:
    """Return the names of the fields of a dataclass, an attrs class or the like."""
    if dataclasses.is_dataclass(value):
        return [f.name for f in dataclasses.fields(value) if hasattr(value, f.name)]
    if isinstance(value, types.SimpleNamespace):
        return list(vars(value))
    if isinstance(value, TEMPLATES):
        return ["interpolations"] if hasattr(value, "interpolations") else ["value"]
    attrs = getattr(type_of(value), "__attrs_attrs__", None)
    return [a.name for a in attrs if hasattr(value, a.name)] if attrs else ()


def _known(visitor: Visitor, value: object, inner: Any) -> Any:
    visitor.memo[id(value)] = (value, inner)
    return inner


def new_tuple(cls: Any, items: list[Any]) -> Any:
    """Make a tuple of a subclass, whose constructor may take something else."""
    return tuple.__new__(cls, items)  # pyright: ignore[reportUnknownMemberType]


def _shell(value: Any) -> Any:
    """Return a shallow copy; a `__copy__` of the program's own may do anything."""
    own = getattr(type_of(value), "__copy__", None)
    if not isinstance(own, types.FunctionType) or own.__module__ == "collections":
        return copy.copy(value)
    cls = type_of(value)
    inner = cls.__new__(cls)
    kinds: tuple[tuple[Any, str], ...] = (
        *((list, "extend"), (dict, "update"), (set, "update")),
    )
    for kind, fill in kinds:
        if kind in cls.__mro__:
            getattr(kind, fill)(inner, value)
    for name in [*field_names(value), *getattr(value, "__dict__", {})]:
        object.__setattr__(inner, name, getattr(value, name))
    return inner


def _sequence(visitor: Visitor, value: Any, path: Path) -> Any:
    exact = type_of(value) is list  # it has no attributes
    inner = value.copy() if exact else _shell(value)
    visitor.memo[id(value)] = (value, inner)
    base: Any = list if isinstance(value, list) else type_of(value)
    for at, item in enumerate(value):
        new = visitor.enter(item, (*path, at))
        if new is not item:
            base.__setitem__(inner, at, new)
    return inner if exact else _own_attributes(visitor, value, inner, path)


def _tuple(visitor: Visitor, value: Any, path: Path) -> Any:
    items = [visitor.enter(item, (*path, at)) for at, item in enumerate(value)]
    # a cycle through a list may have come past here meanwhile
    known = visitor.memo.get(id(value))
    if known is not None:
        return known[1]
    same = all(a is b for a, b in zip(items, value, strict=True))
    if same and not getattr(value, "__dict__", None):
        return value
    kind = type_of(value)
    if kind is tuple:
        return _known(visitor, value, tuple(items))
    inner = _known(visitor, value, new_tuple(kind, items))
    return _own_attributes(visitor, value, inner, path)


def _mapping(visitor: Visitor, value: Any, path: Path) -> Any:
    exact = type_of(value) is dict  # it has no attributes
    inner = value.copy() if exact else _shell(value)
    visitor.memo[id(value)] = (value, inner)
    base: Any = dict if isinstance(value, dict) else type_of(value)
    changed: list[tuple[Any, Any, bool, bool]] = []
    for key, item in list(base.items(value)):
        new_key = visitor.enter(key, (*path, ".key"))
        new = visitor.enter(item, (*path, key))
        changed.append((new_key, new, new is not item, new_key is not key))
    if any(other_key for *_, other_key in changed):
        base.clear(inner)
        for new_key, new, _, _ in changed:
            base.__setitem__(inner, new_key, new)
    else:
        for key, new, other, _ in changed:
            if other:
                base.__setitem__(inner, key, new)
    return inner if exact else _own_attributes(visitor, value, inner, path)


def _frozen_dict(visitor: Visitor, value: Any, path: Path) -> Any:
    cls = FROZEN_DICTS[0]
    items: list[tuple[Any, Any]] = [*cls.items(value)]
    new = [
        (visitor.enter(key, (*path, ".key")), visitor.enter(item, (*path, key)))
        for key, item in items
    ]
    # a cycle through a list may have come past here meanwhile
    known = visitor.memo.get(id(value))
    if known is not None:
        return known[1]
    same = all(a is c and b is d for (a, b), (c, d) in zip(new, items, strict=True))
    if same and not getattr(value, "__dict__", None):
        return value
    inner = _known(visitor, value, cls.__new__(type_of(value), new))
    return _own_attributes(visitor, value, inner, path)


def _set(visitor: Visitor, value: Any, path: Path) -> Any:
    items = [(item, visitor.enter(item, (*path, ".element"))) for item in value]
    same = all(a is b for a, b in items)
    if same and isinstance(value, frozenset) and not getattr(value, "__dict__", None):
        return value
    new = copy.copy(value) if same else type_of(value)(new for _, new in items)
    return _own_attributes(visitor, value, _known(visitor, value, new), path)


def _attributes(visitor: Visitor, value: Any, path: Path) -> Any:
    if not field_names(value) and not isinstance(value, types.SimpleNamespace):
        return value
    inner = _known(visitor, value, _shell(value))
    for name in dict.fromkeys([*field_names(value), *getattr(value, "__dict__", {})]):
        item = getattr(value, name)
        new = visitor.enter(item, (*path, "." + name))
        if new is not item:
            object.__setattr__(inner, name, new)
    return inner


def _own_attributes(visitor: Visitor, value: Any, inner: Any, path: Path) -> Any:
    """Guard what an instance of a subclass of list, dict, ... has besides."""
    for name, item in getattr(value, "__dict__", {}).items():
        if name != "data" or not isinstance(
            value, collections.UserDict | collections.UserList
        ):
            inner.__dict__[name] = visitor.enter(item, (*path, "." + name))
    return inner


def _proxy(visitor: Visitor, value: Any, path: Path) -> Any:
    return _known(
        visitor, value, types.MappingProxyType(visitor.enter(value.copy(), path))
    )


def _template(visitor: Visitor, value: Any, path: Path) -> Any:
    """Rebuild a t-string around what stands in its braces, or one of those."""
    cls = type_of(value)
    steps: list[Path]
    if cls is TEMPLATES[0]:
        old = value.interpolations
        steps = [(*path, ".interpolations", at) for at in range(len(old))]
    else:
        old, steps = (value.value,), [(*path, ".value")]
    new = [visitor.enter(each, step) for each, step in zip(old, steps, strict=True)]
    # a cycle through a list may have come past here meanwhile
    known = visitor.memo.get(id(value))
    if known is not None:
        return known[1]
    if all(a is b for a, b in zip(new, old, strict=True)):
        return value
    if cls is TEMPLATES[0]:
        first, *texts = value.strings
        pairs = zip(new, texts, strict=True)
        inner = cls(first, *itertools.chain.from_iterable(pairs))
    else:
        inner = cls(*new, value.expression, value.conversion, value.format_spec)
    return _known(visitor, value, inner)


def _chain(visitor: Visitor, value: Any, path: Path) -> Any:
    maps = [
        visitor.enter(each, (*path, ".maps", at)) for at, each in enumerate(value.maps)
    ]
    return _known(visitor, value, type(value)(*maps))


def _iterator(visitor: Visitor, value: Any, path: Path) -> Any:
    """The items are entered as they come."""
    return _known(
        visitor, value, (visitor.enter(item, (*path, ".next")) for item in value)
    )


def _kinds(*entries: tuple[tuple[type, ...], Rebuild]) -> dict[type, Kind]:
    return {
        cls: Kind("rebuilt", function, ours=True)
        for classes, function in entries
        for cls in classes
    }


install(
    _kinds(
        ((tuple,), _tuple),
        ((list, collections.deque, collections.UserList), _sequence),
        ((dict, collections.UserDict), _mapping),
        (FROZEN_DICTS, _frozen_dict),
        (TEMPLATES, _template),
        ((set, frozenset), _set),
        ((types.MappingProxyType,), _proxy),
        ((collections.ChainMap,), _chain),
        ((types.SimpleNamespace,), _attributes),
        (ITERATORS, _iterator),
    ),
    fields=Kind("rebuilt", _attributes, ours=True),
)
