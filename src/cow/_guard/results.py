"""Results that nobody but the caller holds: `no_mutate(results="own")`.

What something else refers to (the function, its object, a cache, a suspended
generator) is copied: arrays with their memory, containers around them. All else
is given out as it is, see `cow._guard.graph`.
"""

from __future__ import annotations

import copy
import functools
import gc
import types
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import array as np_array
from numpy import asarray as np_asarray
from numpy import empty as np_empty

from cow import _core
from cow._ground.types import Path, Plain, type_of
from cow._guard.arguments import Call
from cow._guard.containers import ITERATORS, rebuild
from cow._guard.graph import BUFFERS, VIEWS, Graph, holds_objects, is_foreign
from cow._guard.registry import kind_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["CachedProperty", "own"]

_ND = np.ndarray
_ALIGNED = 16  # bytes, as malloc has it


def own(box: list[Any], known: Iterable[Any] = ()) -> None:
    """Replace the result in `box` by one that nobody but the caller holds.

    The list has the only reference to the result that nobody else has. What is
    `known` to the caller, the receiver and arguments that were passed as they are,
    is given back as it is.
    """
    known = tuple(known)
    if any(box[0] is each for each in known) or _core.own(box):
        return
    graph = Graph(box)
    if graph.changes:
        box[0] = _Owner(graph, known).enter(box[0], ("result",))


class _Owner(Call):
    """Makes what the caller gets of a result, see `rebuild`."""

    __slots__ = ("_blocks", "_graph", "_known")

    def __init__(self, graph: Graph, known: tuple[Any, ...]) -> None:
        super().__init__()
        self.memo = {id(each): (each, each) for each in known}
        self._graph, self._known = graph, known
        self._blocks = _blocks(graph.arrays())

    def enter(self, value: Any, path: Path, /) -> Any:
        """Return what the caller gets for `value`, a part of the result."""
        known = self.memo.get(id(value))
        if known is not None:
            return known[1]
        if id(value) not in self._graph.changes:
            return value
        new = self._new(value, path)
        self.memo[id(value)] = (value, new)
        return new

    def _new(self, value: Any, path: Path) -> Any:
        if isinstance(value, _core.Array):
            return self._cow(value, path)
        if isinstance(value, _ND):
            return self._nd(value, path)
        if isinstance(value, types.GeneratorType):
            return _generator(value, self._known)
        if isinstance(value, ITERATORS):
            return _items(value, self._known)
        if isinstance(value, types.MappingProxyType):
            inner = self.enter(gc.get_referents(value)[0], path)
            return types.MappingProxyType(inner)
        if isinstance(value, VIEWS):
            return self._view(value, path)
        if isinstance(value, np.flatiter):
            return self.enter(value.base, path).flat
        if isinstance(value, memoryview):
            return _memoryview(value)
        if isinstance(value, BUFFERS):
            return copy.copy(value)
        if isinstance(value, np.void):  # it looks into an array
            return copy.deepcopy(value)
        kind = kind_of(type_of(value))
        if kind is not None and is_foreign(value):
            return kind.rebuild(Call(), value, path)
        return rebuild(self, value, path)

    def _view(self, value: Any, path: Path) -> Any:
        """A view of a dict, of one of its own."""
        items = value.mapping.items()
        inner = {self.enter(k, path): self.enter(v, (*path, k)) for k, v in items}
        name = type(value).__name__.removeprefix("odict_").removeprefix("dict_")
        return getattr(inner, name)()

    def _cow(self, value: Any, path: Path) -> Any:
        """A snapshot, which copies nothing if `value` does not borrow."""
        cls: Any = type_of(value)
        if value.dtype.hasobject:
            plain = np_array(_core.plain(value), order="K")
            self.memo[id(value)] = (value, plain)
            self._elements(_core.plain(value), plain, path)
            new: Any = _core.wrap(plain, cls, value)
        else:
            new = _core.share(value, cls, value)
            if _core.sharing(new).owner is not None or _core.is_strict():
                _core.detach(new)
        self._attributes(value, new, path)
        return new

    def _nd(self, value: Plain, path: Path) -> Plain:
        objects = holds_objects(value)
        if not self._graph.holds_memory(value) and (
            value.flags.writeable or not objects
        ):
            new = value  # nobody else has it: only what it holds changes
        else:
            new = self._copy(value)
        self.memo[id(value)] = (value, new)
        if objects:
            self._elements(np_asarray(value), _plain(new), path)
        self._attributes(value, new, path)
        if new.flags.writeable != value.flags.writeable:
            new.flags.writeable = False
        return new

    def _copy(self, value: Plain) -> Plain:
        """Return a writeable copy, as yet with the attributes of `value`."""
        block = self._blocks.get(id(value))
        new = None if block is None else block.place(value)
        if new is None:
            return _ND.copy(value, "K")
        new.flags.writeable = True
        if value.dtype.hasobject:
            _plain(new)[...] = np_asarray(value)
        return new

    def _attributes(self, value: Plain, inner: Plain, path: Path) -> None:
        """Give the copy the attributes of a subclass, owned."""
        if isinstance(value, np.memmap):
            if inner is not value:  # it is in memory now
                for name in ("filename", "offset", "mode"):
                    setattr(inner, name, getattr(value, name, None))
            return
        attributes = getattr(inner, "__dict__", {})
        for name, item in list(getattr(value, "__dict__", {}).items()):
            attributes[name] = self.enter(item, (*path, "." + name))

    def _copy_element(self, item: Any) -> Any:
        return item  # an object of an unknown class passes as it is


def _memoryview(value: memoryview) -> Any:
    array: Any = np_array(np_asarray(value), order="C")
    inner: Any = memoryview(array)
    if inner.format != value.format:
        inner = memoryview(bytearray(value.tobytes())).cast("B")
        inner = inner.cast(value.format, value.shape)
    return inner.toreadonly() if value.readonly else inner


def _items(inner: Iterator[Any], known: tuple[Any, ...]) -> Iterator[Any]:
    for item in inner:
        box = [item]
        del item
        own(box, known)
        yield box.pop()


def _generator(inner: Any, known: tuple[Any, ...]) -> Generator[Any, Any, Any]:
    """What a generator yields and returns; `no_mutate` has not made it."""
    box: list[Any] = []
    try:
        box.append(next(inner))
        while True:
            own(box, known)
            try:
                sent = yield box.pop()
            except GeneratorExit:
                box.append(inner.close())
                break
            except BaseException as error:
                box.append(inner.throw(error))
            else:
                box.append(inner.send(sent))
    except StopIteration as stop:
        box.append(stop.value)
    own(box, known)
    return box.pop()


# ------------------------------------------------- memory that arrays share


class _Block:
    """A copy of the memory that some arrays look at, which share it as before.

    `low` and `high`: its first byte, and the one behind its last.
    """

    def __init__(self, array: Plain, low: int, high: int) -> None:
        self.members = [array]
        self.low, self.high = low, high
        self._memory: Plain | None = None
        self._start = low  # what `_memory` stands for
        self._leader: Plain | None = None  # the array that `_memory` itself is for

    def is_needed(self) -> bool:
        """Would copies of the arrays, one by one, be anything else?"""
        one = len(self.members) == 1
        return not one or self.high - self.low < self.members[0].nbytes

    def place(self, value: Plain) -> Plain | None:
        """Return the array that stands for `value`, if there can be one."""
        if self._memory is None:
            self._memory = self._copy()
        if self._memory is None:
            return None
        if value is self._leader:
            return self._memory
        offset = _core.extent(value)[0] - self._start
        return _core.place(value, self._memory, offset)

    def _copy(self) -> Plain | None:
        if any(each.dtype.hasobject for each in self.members):
            return self._copy_of_objects()
        first = max(self.members, key=lambda each: each.nbytes)
        before, n = self.low % _ALIGNED, self.high - self.low
        if type(first) is _ND and first.nbytes == n and not before:
            dense = np_array(first, order="K")
            if dense.strides == first.strides and min(first.strides, default=1) > 0:
                self._leader = first
                return dense
        memory = np_empty(before + n, np.uint8)
        memory[before:] = _core.window(first, self.low - _core.extent(first)[0], n)
        self._start = self.low - before
        return memory

    def _copy_of_objects(self) -> Plain | None:
        """Room for the elements of all, which come later."""
        owner: Any = self.members[0]
        while owner.base is not None:
            owner = owner.base
            if not isinstance(owner, _ND):
                return None
        if any(each.dtype != object for each in (owner, *self.members)):
            return None
        self._start = _core.extent(owner)[1]
        return np_empty(owner.size, object)


def _blocks(arrays: list[Plain]) -> dict[int, _Block]:
    """Return the blocks of those arrays that need one, by the ids of the arrays."""
    extents = [(*_core.extent(each), each) for each in arrays if each.nbytes]
    blocks: list[_Block] = []
    for _, low, high, each in sorted(extents, key=lambda extent: extent[1]):
        if blocks and low < blocks[-1].high:
            blocks[-1].members.append(each)
            blocks[-1].high = max(high, blocks[-1].high)
        else:
            blocks.append(_Block(each, low, high))
    return {
        id(each): block
        for block in blocks
        if block.is_needed()
        for each in block.members
    }


def _plain(value: Plain) -> Plain:
    return _ND.view(value, _ND)


class CachedProperty(functools.cached_property[Any]):
    """A cached property whose value the instance keeps to itself."""

    def __init__(self, source: functools.cached_property[Any], func: Any) -> None:
        super().__init__(func)
        self.attrname: str | None = source.attrname
        self.__doc__ = source.__doc__

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Any:
        if instance is None:
            return self
        box = [super().__get__(instance, owner)]
        own(box, (instance,))
        return box.pop()

    def __set__(self, instance: object, value: Any) -> None:
        # with it this comes before the dictionary of the instance
        instance.__dict__[self.attrname or ""] = value

    def __delete__(self, instance: object) -> None:
        if instance.__dict__.pop(self.attrname or "", self) is self:
            raise AttributeError(self.attrname)
