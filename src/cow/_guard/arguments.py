"""The arguments of one guarded call: copied, or lent where they are only read.

Nothing that the callee gets is an array or a container of the caller. One object
that is passed twice is one object inside, as `copy.deepcopy` of the tuple of
arguments has it.
"""

from __future__ import annotations

import collections
import copy
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import array as np_array
from numpy import asarray as np_asarray
from numpy import empty as np_empty

from cow import _core
from cow._array.array import CowArray
from cow._ground.types import Path, Plain, type_of
from cow._guard import carriers as carriers  # enters its kinds
from cow._guard.containers import FROZEN_DICTS, field_names, rebuild
from cow._guard.mutation import Look
from cow._guard.outputs import Outputs
from cow._guard.registry import ATOMS, Kind, cannot_change, kind_of, spell_class
from cow._guard.wrapper import Wrapper

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Call", "give", "spell_path"]

_ND = np.ndarray
# in NumPy 2.0 what an index of truth values copies out of a read-only memmap is
# read-only, too
_map = np.zeros(1).view(np.memmap)
_map.flags.writeable = False
_LENDS_MAPS = _map[_map >= 0].flags.writeable


class Call:
    """The arguments of one call of a guarded function.

    `lends`: arrays are lent, as far as a copy would have the same strides.
    `plainly`: only those that the callee cannot tell from a copy by their class.
    """

    __slots__ = (
        *("border", "cows", "deep", "lends", "loans", "loose", "memo", "nested"),
        *(
            "as_they_are",
            "outputs",
            "own",
            "passed",
            "plainly",
            "receiver",
            "samples",
            "shut",
        ),
        *("watch", "watched", "watches"),
    )

    def __init__(self, border: object = None, watches: bool = False) -> None:
        self.lends = self.plainly = False
        self.cows = False  # the caller passes cow arrays
        self.border = border
        self.watches = watches  # for writes
        self.watched = 0  # so many of `passed` were there when the body began
        # what passes as it is
        self.loose: list[tuple[Path, Any]] = []
        self.watch: Any = None
        self.receiver: Any = None  # the object that the method is called on
        self.as_they_are: list[str] = []  # parameters that got cow arrays themselves
        self.samples: list[Any] = []
        # what makes of a result in a list one that nobody else holds
        self.own: Callable[[list[Any]], None] | None = None
        self.memo: dict[int, tuple[Any, Any]] = {}
        self.nested: dict[int, int] = {}
        self.deep: _Deep | None = None
        self.loans: list[Plain] = []
        self.outputs: Outputs | None = None
        # of each array: where it stands, what the callee got, the caller's
        self.passed: list[tuple[Path, Any, Any]] = []
        self.shut: list[Plain] = []

    def enter(self, value: Any, path: Path, /) -> Any:
        """Return what the callee gets for `value`, an argument at `path`."""
        if type(value) in ATOMS:
            return value
        known = self.memo.get(id(value))
        if known is not None:
            return known[1]
        if issubclass(type(value), Wrapper):
            # inside of a border there are no wrappers
            return value.cow_twin if value.cow_border is self.border else value
        if self.deep and id(value) in self.deep:
            return self.deep[id(value)]
        if isinstance(value, np.void):
            # a record looks into its array
            inner = self.deep_copy(value)
            self.memo[id(value)] = (value, inner)
            return inner
        if not isinstance(value, _ND):
            kind = kind_of(type_of(value))
            if kind is None:
                if not cannot_change(value):
                    self.loose.append((path, value))
                return value
            if kind.ours:
                return kind.rebuild(self, value, path)
            return self._foreign(kind, value, path)
        inner = self._array(value, path)
        self.memo[id(value)] = (value, inner)
        if not value.dtype.hasobject:
            self.passed.append((path, inner, value))
        elif self.watches:
            self.passed.append((path, inner, inner.copy("K")))
        return inner

    def enter_readonly(self, value: Any, path: Path) -> Any:
        """As `enter`, for a parameter that is annotated as read-only."""
        inner = self.enter(value, path)
        if isinstance(inner, _ND) and inner.flags.writeable:
            inner.flags.writeable = False
            self.shut.append(inner)
        return inner

    def _foreign(self, kind: Kind, value: Any, path: Path) -> Any:
        """Return a copy of an object of somebody else's class; nothing is lent.

        Their C code writes through loans: torch asks for no flag.
        """
        seen, lends = len(self.passed), self.lends
        self.lends = False
        try:
            inner = kind.rebuild(self, value, path)
        except Exception as error:
            error.add_note(
                f"cow.no_mutate: {spell_path(path)}, of the class "
                f"{spell_class(type_of(value))}, could not be copied. "
                f"@no_mutate(skip={path[0].partition('[')[0]!r}) passes it as it is."
            )
            raise
        finally:
            self.lends = lends
        self.memo[id(value)] = (value, inner)
        if self.watches and kind.look is not None:
            self.passed[seen:] = [(path, Look(kind.look, inner), value)]
        return inner

    def _array(self, value: Plain, path: Path) -> Plain:
        self.cows |= isinstance(value, _core.Array)
        kind = type_of(value)
        plain = kind is _ND or _is_ours(value)
        tells = self.plainly and (value.dtype.names or not plain)
        lent_as_map = kind is np.memmap and _LENDS_MAPS
        if self.lends and not tells and (plain or lent_as_map):
            lent = _core.lend(value)
            if lent is not None:
                self.loans.append(lent)
                return lent if plain else lent.view(np.memmap)
        if plain and not value.dtype.hasobject:
            return _core.copied(value)
        return self._private(value, path)

    def _private(self, value: Plain, path: Path) -> Plain:
        """Return a copy of `value`, of its class, with its attributes."""
        if isinstance(value, _core.Array):
            inner = np_array(_core.plain(value), order="K")
            if not _is_ours(value):
                inner = _core.wrap(inner.copy("K"), type(value), value)
        else:
            inner = value.copy("K")
        self.memo[id(value)] = (value, inner)
        if type(value) is np.memmap:
            for name in ("filename", "offset", "mode"):
                setattr(inner, name, getattr(value, name))
        elif not _is_ours(value) and not isinstance(value, np.ma.MaskedArray):
            self._attributes(value, inner, path)
        if value.dtype.hasobject:
            self._elements(np_asarray(value), inner.view(_ND), path)
        return inner

    def _attributes(self, value: Plain, inner: Plain, path: Path) -> None:
        mine = getattr(inner, "__dict__", {})
        for name, item in getattr(value, "__dict__", {}).items():
            if name not in mine or mine[name] is item:
                mine[name] = self.enter(item, (*path, "." + name))

    def _elements(self, source: Plain, inner: Plain, path: Path) -> None:
        """Copy what an object array, or a field of objects, holds."""
        if source.dtype.names is not None:
            for name in source.dtype.names:
                if source.dtype[name].hasobject:
                    self._elements(source[name], inner[name], (*path, name))
            return
        if ATOMS.issuperset(map(type, source.flat)):
            return
        for at in np.ndindex(source.shape):
            item = source[at]
            new = self.enter(item, (*path, at[0] if len(at) == 1 else at))
            if new is item and not cannot_change(item):
                new = self._copy_element(item)
            if new is not item:
                # a sequence would be spread over the elements otherwise
                holder = np_empty(1, dtype=object)
                holder[0] = new
                inner[(*at, ...)] = holder.reshape(())

    def deep_copy(self, item: Any, /) -> Any:
        """Copy an object as `copy.deepcopy` does; what was entered is known."""
        if self.deep is None:
            self.deep = _Deep(self.memo)
        try:
            return copy.deepcopy(item, self.deep)
        except BaseException:
            self.deep.clear()  # what is half done may be gone, and its id() given away
            raise

    def _copy_element(self, item: Any) -> Any:
        try:
            return self.deep_copy(item)
        except MemoryError:
            raise
        except Exception:
            return item  # a lock, an open file

    # ------------------------------------------------------------ way out

    def leave(self, box: list[Any]) -> tuple[Any, bool]:
        """Return the value in `box` as the caller may have it.

        And whether something out of reach still looks at the caller's memory. The
        list `box` holds the only reference to the value that is not the callee's.
        """
        self.memo.clear()
        if self.deep is not None:
            self.deep.clear()
        self.passed.clear()
        for inner in self.shut:
            inner.flags.writeable = True
        self.shut.clear()
        leaked = _core.settle(box, self.loans, False)
        self.loans.clear()
        if self.own is not None:
            self.own(box)
        result = box.pop()
        known = None if self.outputs is None else self.outputs.leave()
        gives = self.cows and (self.receiver is None or result is not self.receiver)
        return give(result, known) if gives else result, leaked


class _Deep(dict[int, Any]):
    """The memo of `copy.deepcopy`, which knows what has been entered."""

    def __init__(self, entered: dict[int, tuple[Any, Any]]) -> None:
        super().__init__()
        self._entered = entered

    def get(self, at: int, default: Any = None, /) -> Any:
        known = self._entered.get(at)
        return super().get(at, default) if known is None else known[1]


class _Giver:
    """Makes cow arrays of the plain ones in a result, and in our containers."""

    def __init__(self, known: dict[int, tuple[Any, Any]]) -> None:
        self.memo = known

    def enter(self, value: Any, path: Path, /) -> Any:
        if type(value) in ATOMS:
            return value
        known = self.memo.get(id(value))
        if known is not None:
            return known[1]
        if type(value) is not _ND:
            return rebuild(self, value, path) if _holds_plain(value, {}) else value
        inner = _core.wrap(value, CowArray)
        self.memo[id(value)] = value, inner
        return inner


def give(result: Any, known: dict[int, tuple[Any, Any]] | None = None) -> Any:
    """Return a result with cow arrays for the plain ones, in containers too.

    `known`: {id of an array: (the array, what stands for it)}.
    """
    return _Giver(known or {}).enter(result, ("result",))


def _holds_plain(value: Any, seen: dict[int, Any]) -> bool:
    """May there be plain arrays in a value, or in what it contains?"""
    if type(value) is _ND or hasattr(value, "__next__"):
        return True
    if type(value) in ATOMS or id(value) in seen or isinstance(value, str | bytes):
        return False
    kind = kind_of(type_of(value))
    if kind is None or not kind.ours:
        return False
    seen[id(value)] = value
    items: list[Any] = [getattr(value, name) for name in field_names(value)]
    if isinstance(value, _MAPPINGS):
        items += [*value.keys(), *value.values()]
    elif isinstance(value, _SEQUENCES):
        items += list(value)
    return any(_holds_plain(item, seen) for item in items)


_MAPPINGS: tuple[Any, ...] = (
    *(dict, collections.UserDict, types.MappingProxyType, *FROZEN_DICTS),
)
_SEQUENCES = (list, tuple, set, frozenset, collections.deque, collections.UserList)


def _is_ours(value: object) -> bool:
    """Is it a cow array of no class of the program's own?"""
    return isinstance(value, _core.Array) and CowArray in (
        type(value),
        type(value)._result_class,
    )


def spell_path(path: Path) -> str:
    """Write a path as code: ``config['grid'][0]``."""
    name, *rest = path
    return name + "".join(
        step if isinstance(step, str) and step.startswith(".") else f"[{step!r}]"
        for step in rest
    )
