"""What a result refers to, and which of it something else refers to, too.

References are counted: those that come from the result itself are known, and any
other is somebody else's. What cannot be known counts as somebody else's.
"""

from __future__ import annotations

import array
import collections
import dataclasses
import enum
import gc
import types
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import asarray as np_asarray

from cow import _core
from cow._ground.types import Plain, type_of
from cow._guard.containers import FROZEN_DICTS, ITERATORS, TEMPLATES
from cow._guard.registry import kind_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["BUFFERS", "VIEWS", "Graph", "holds_objects"]

_ND = np.ndarray
_base: Any = _ND.base
_EMPTY: Any = {}
VIEWS: tuple[type, ...] = (
    *(type_of(_EMPTY.keys()), type_of(_EMPTY.values()), type_of(_EMPTY.items())),
)
BUFFERS: tuple[type, ...] = (bytearray, array.array)
# what `memoryview` holds its object by
_MANAGED: type = type_of(gc.get_referents(memoryview(b""))[0])
# of memory, as far as we know who else refers to them
_OWNERS: tuple[type, ...] = (_ND, memoryview, _MANAGED, *BUFFERS)
_BOXES: tuple[type, ...] = (
    *(list, tuple, dict, set, frozenset, collections.deque, collections.ChainMap),
    *(collections.UserList, collections.UserDict, types.MappingProxyType),
    *(types.SimpleNamespace, *FROZEN_DICTS, *TEMPLATES),
)
# always replaced
_OPAQUE: tuple[type, ...] = (*ITERATORS, types.GeneratorType, *VIEWS, np.flatiter)
_FOLLOWED: tuple[type, ...] = (*_OWNERS, np.void, *_BOXES, *_OPAQUE)


def is_foreign(value: Any) -> bool:
    """Is it a table, a tensor or the like? Who looks at its memory is not known."""
    kind = kind_of(type_of(value))
    known = issubclass(type_of(value), _OWNERS)
    return kind is not None and not kind.ours and not known


class _Node:
    """What an object refers to.

    `strong`: objects, one for each reference that the object has, as far as they
    are known; `loose`: what else is reached through it. `open`: something unknown
    may refer to it.
    """

    def __init__(self, value: Any) -> None:
        self.strong: list[Any] = []
        self.loose: list[Any] = []
        self.open = False
        self.base: Any = None  # what owns the memory, if it is an array's
        if isinstance(value, _core.Array):
            self._cow(value)
        elif isinstance(value, _ND):
            self._array(value)
        elif isinstance(value, np.void):
            self._of_base(value.base)
            self.open |= value.base is None and not value.flags.owndata
        elif isinstance(value, VIEWS):
            mapping: Any = value
            self.loose = [*mapping.mapping, *mapping.mapping.values()]
            self.open = True
        elif isinstance(value, np.flatiter):
            self.loose, self.open = [value.base], True
        elif isinstance(value, (*ITERATORS, types.GeneratorType)) or is_foreign(value):
            self.open = True
        else:
            self.strong = [*gc.get_referents(value), *_dict_of(value)]
            if type_of(value) is dict and not self.strong:
                self.loose = [*value.values()]  # they are in the instance
            if isinstance(value, (memoryview, _MANAGED)) and self.strong:
                self._of_base(self.strong.pop())

    def _cow(self, value: _core.Array) -> None:
        """It is a value already, if it does not borrow."""
        self.open = _core.sharing(value).owner is not None
        self.loose = [*getattr(value, "__dict__", {}).values()]
        if value.dtype.hasobject:
            self.loose += _elements(_core.plain(value))

    def _array(self, value: Plain) -> None:
        self.strong = [*gc.get_referents(value), *_dict_of(value)]
        base = _base.__get__(value)
        if holds_objects(value):
            owner = value if base is None else base
            # an element is referred to once by the memory, by views never
            known = isinstance(owner, _ND) and owner.dtype == object
            if known and base is None:
                self.strong += _elements(value)
            else:
                self.loose += _elements(value)
                self.open = not known
        # memory of nobody, or of something that we do not know
        self.open |= base is None and not value.flags.owndata
        self._of_base(base)

    def _of_base(self, base: Any) -> None:
        if base is None or type(base) is bytes:  # these never change
            return
        self.strong.append(base)
        self.base = base
        self.open |= not isinstance(base, _OWNERS) or isinstance(base, _core.Array)


def _dict_of(value: Any) -> list[Any]:
    """Return the dictionary of an instance, if `gc.get_referents` does not tell it.

    Where CPython 3.13 and newer keep the values in the object, they visit these,
    and not the dictionary that stands for them once somebody has asked for it.
    """
    for cls in type_of(value).__mro__:
        own = cls.__dict__.get("__dict__")
        if own is not None:
            if not isinstance(own, types.GetSetDescriptorType):
                return []
            found = own.__get__(value)
            inside = any(each is found for each in gc.get_referents(value))
            return [] if inside else [found]
    return []


def holds_objects(value: Plain) -> bool:
    """May the elements be anything? Texts of any length are in memory of their own."""
    return value.dtype.hasobject and value.dtype.kind != "T"


def _elements(value: Plain) -> list[Any]:
    """Return the objects in an array of objects, or in its fields of objects."""
    plain = np_asarray(value).view(_ND)
    if plain.dtype.names is None:
        return plain.ravel().tolist()
    found: list[Any] = []
    for name in plain.dtype.names:
        if plain.dtype[name].hasobject:
            found += _elements(plain[name])
    return found


def _follows(value: Any) -> bool:
    """Is it something that we look into, and may replace?"""
    kind = type_of(value)
    if _core.is_data(value, True) or issubclass(kind, type):
        return False
    if value is np.ma.masked or issubclass(kind, enum.Enum):
        return False
    return (
        issubclass(kind, _FOLLOWED)
        or dataclasses.is_dataclass(kind)
        or hasattr(kind, "__attrs_attrs__")
        or is_foreign(value)
    )


class Graph:
    """What is reached from the result that `box` holds the only reference to.

    `changes`: the ids of what something else reaches as well, and of what leads to
    it. `nodes` keeps all of it alive.
    """

    def __init__(self, box: list[Any]) -> None:
        self.nodes: list[Any] = []
        self._index: dict[int, int] = {}
        self._known: list[int] = []  # references to each node, from here
        self._open: list[int] = []
        self._edges: list[tuple[int, int]] = []
        self._bases: list[tuple[int, int]] = []  # those to who owns the memory
        self._walk(box)
        self._count()

    def _walk(self, box: list[Any]) -> None:
        if _follows(box[0]):
            self._add(box[0], 1)
        for at, value in enumerate(self.nodes):  # it grows
            node = _Node(value)
            if node.open:
                self._open.append(at)
            for each in node.loose:
                if _follows(each):
                    self._edges.append((at, self._add(each, 0)))
            for each in node.strong:
                if _follows(each):
                    self._edges.append((at, self._add(each, 1)))
            if node.base is not None and _follows(node.base):
                self._bases.append((at, self._index[id(node.base)]))

    def _add(self, value: Any, references: int) -> int:
        at = self._index.setdefault(id(value), len(self.nodes))
        if at == len(self.nodes):
            self.nodes.append(value)
            self._known.append(0)
        self._known[at] += references
        return at

    def _count(self) -> None:
        # All frames that have walked are gone, and with them their references
        # (from CPython 3.14 on they need not have been counted): there are those
        # of `nodes`, which the core takes off, of the box, and of the nodes.
        counts = _core.references(self.nodes)
        held = set(self._open)
        held.update(
            at
            for at, (n, known) in enumerate(zip(counts, self._known, strict=True))
            if n > known or weakref.getweakrefcount(self.nodes[at])
        )
        if not held:
            self.changes = self._memory = frozenset[int]()
            return
        _spread(held, self._edges)
        changes = set(held)
        _spread(changes, [(b, a) for a, b in self._edges])
        _spread(held, [(b, a) for a, b in self._bases])
        self._memory = frozenset(id(self.nodes[at]) for at in held)
        self.changes = frozenset(id(self.nodes[at]) for at in changes)

    def arrays(self) -> list[Plain]:
        """Return the arrays whose memory something else reaches.

        Without those that are there as the bases of others only.
        """
        values, bases = {0}, set(self._bases)
        _spread(values, [each for each in self._edges if each not in bases])
        found = [self.nodes[at] for at in sorted(values)]
        return [
            each
            for each in found
            if isinstance(each, _ND)
            and not isinstance(each, _core.Array)
            and self.holds_memory(each)
        ]

    def holds_memory(self, value: Any) -> bool:
        """Does something else reach an array or its memory?"""
        return id(value) in self._memory


def _spread(reached: set[int], edges: list[tuple[int, int]]) -> None:
    """Add to `reached` what the edges lead to."""
    following: dict[int, list[int]] = {}
    for a, b in edges:
        following.setdefault(a, []).append(b)
    todo = list(reached)
    while todo:
        for b in following.get(todo.pop(), ()):
            if b not in reached:
                reached.add(b)
                todo.append(b)
