"""Arguments of a guarded call: borrowed on the way in, settled on the way out.

Nothing that the callee gets is an object of the caller, and nothing that it
returns or keeps looks at the memory of the caller afterwards.
"""

import collections
import copy
import dataclasses
import gc
import types
import warnings
from typing import Any

import numpy as np

from cow import _core
from cow._array import CowArray
from cow._errors import MutationError

# Up to here a private copy costs no more than a borrow (benchmarks/guard.py).
SMALL = 16 * 1024
_SAMPLES = 64
_ATOMS = frozenset(
    {int, float, complex, bool, str, bytes, type(None), type, slice}
    | {types.FunctionType, types.BuiltinFunctionType, types.ModuleType}
)


class Borrowed:
    """A plain array of the caller whose memory is borrowed."""

    __slots__ = ("array", "path", "sample", "storage", "whole")

    def __init__(self, array, storage, path, verify):
        self.array = array
        self.storage = storage
        self.path = path
        self.sample = _sample(array)
        self.whole = array.copy() if verify else None

    def written(self):
        """Has C code written through the pointer? Looks at some elements."""
        if self.whole is not None:
            return self.array.tobytes() != self.whole.tobytes()
        return _sample(self.array) != self.sample


def _sample(array):
    each = max(1, int(_SAMPLES ** (1 / max(1, array.ndim))))
    return array[
        tuple([slice(None, None, max(1, n // each)) for n in array.shape])
    ].tobytes()


class Call:
    """The arguments of one call of a guarded function."""

    __slots__ = ("borrowed", "cows", "guard", "isolate", "memo", "plains", "verify")

    def __init__(self, guard=None, isolate=False, verify=False):
        self.guard = guard
        self.isolate = isolate
        self.verify = verify
        self.memo = {}
        self.borrowed = []
        self.plains = self.cows = 0

    # ------------------------------------------------------------- way in

    def enter(self, value, path):
        """Return what the callee gets for `value`, an argument at `path`."""
        kind = type(value)
        if kind in _ATOMS:
            return value
        known = self.memo.get(id(value))
        if known is not None:
            return known[1]
        if isinstance(value, np.ndarray):
            inner = self._array(value, path)
        elif kind in _CONTAINERS:
            return _CONTAINERS[kind](self, value, path)
        else:
            return self._other(value, path)
        self.memo[id(value)] = (value, inner)
        return inner

    def _array(self, value, path):
        if isinstance(value, _core.Array):
            self.cows += 1
            inner = _core.share(value, type(value), value)
        elif type(value) is np.ndarray or isinstance(value, np.memmap):
            self.plains += 1
            inner = self._plain(value, path)
        else:
            # a foreign subclass keeps its class: only a copy isolates it
            self.plains += 1
            inner = copy.deepcopy(value) if value.dtype.hasobject else value.copy("K")
        if self.guard is not None and isinstance(inner, _core.Array):
            _core.set_guard(inner, self.guard(path))
        if value.dtype == object:
            self._elements(value, inner, path)
        return inner

    def _plain(self, value, path):
        if self.guard is not None:
            if value.nbytes <= SMALL:
                return _core.share(value.copy("K"), CowArray)
        elif self.isolate or value.nbytes <= SMALL:
            return np.array(value, order="K")
        inner = _core.share(value, CowArray)
        storage = _core.sharing(inner)[3]
        self.borrowed.append(Borrowed(value, storage, path, self.verify))
        return inner

    def _elements(self, value, inner, path):
        """Guard the arrays and containers in an object array."""
        items = [self.enter(item, path) for item in value.ravel().tolist()]
        if any(a is not b for a, b in zip(items, value.ravel().tolist(), strict=True)):
            guard = _core.guard(inner) if isinstance(inner, _core.Array) else None
            if guard is not None:
                _core.set_guard(inner, None)
            for at, item in enumerate(items):
                inner[np.unravel_index(at, inner.shape)] = item
            if guard is not None:
                _core.set_guard(inner, guard)

    def _list(self, value, path):
        inner = copy.copy(value)
        self.memo[id(value)] = (value, inner)
        for at, item in enumerate(value):
            new = self.enter(item, path + (at,))
            if new is not item:
                inner[at] = new
        return inner

    def _tuple(self, value, path):
        items = [self.enter(item, path + (at,)) for at, item in enumerate(value)]
        if all(a is b for a, b in zip(items, value, strict=True)):
            return value
        inner = tuple(items) if type(value) is tuple else type(value)._make(items)
        self.memo[id(value)] = (value, inner)
        return inner

    def _dict(self, value, path):
        inner = copy.copy(value)
        self.memo[id(value)] = (value, inner)
        for key, item in value.items():
            new = self.enter(item, path + (key,))
            if new is not item:
                inner[key] = new
        return inner

    def _set(self, value, path):
        inner = copy.copy(value)
        self.memo[id(value)] = (value, inner)
        return inner

    def _attributes(self, value, path):
        inner = copy.copy(value)
        self.memo[id(value)] = (value, inner)
        for name in _field_names(value):
            item = getattr(value, name)
            new = self.enter(item, (*path, "." + name))
            if new is not item:
                object.__setattr__(inner, name, new)
        return inner

    def _other(self, value, path):
        if isinstance(value, tuple) and hasattr(value, "_make"):
            return self._tuple(value, path)
        if isinstance(value, list | collections.deque):
            return self._list(value, path)
        if isinstance(value, dict):
            return self._dict(value, path)
        if isinstance(value, set):
            return self._set(value, path)
        if not isinstance(value, type) and _field_names(value):
            return self._attributes(value, path)
        return value

    # ------------------------------------------------------------ way out

    def leave(self, box):
        """Settle the result in `box`; return it free of the caller's memory."""
        self.memo.clear()
        result = [self.settle(box)]
        self.sever()
        return result.pop()

    def settle(self, box):
        """Return the value in `box` as the caller may have it."""
        return settle(box, self.cows == 0) if self.plains else box.pop()

    def sever(self, failed=False):
        """Give memory of its own to whatever still looks at a borrowed array.

        `failed`: the call raised; its frames, and what they hold, live on in the
        traceback.
        """
        self.memo.clear()
        changed = []
        while self.borrowed:
            loan = self.borrowed.pop()
            _evict(loan, failed)
            if loan.written():
                changed.append(loan)
                if loan.whole is not None:
                    _restore(loan)
        if changed:
            names = ", ".join(repr(spell(loan.path)) for loan in changed)
            done = "restored" if self.verify else "NOT restored"
            raise MutationError(
                f"C code wrote into the memory of the argument {names}, past the "
                f"read-only flag; its contents are {done}. Use "
                "@no_mutate(isolate=True) for this function: it works on copies."
            )


def _restore(loan):
    writeable = loan.array.flags.writeable
    if not writeable:
        loan.array.flags.writeable = True
    np.copyto(loan.array, loan.whole)
    if not writeable:
        loan.array.flags.writeable = False


_CONTAINERS: dict[type, Any] = {
    list: Call._list,
    tuple: Call._tuple,
    dict: Call._dict,
    set: Call._set,
    frozenset: lambda call, value, path: value,
}


def _field_names(value):
    if dataclasses.is_dataclass(value):
        return [f.name for f in dataclasses.fields(value) if hasattr(value, f.name)]
    if isinstance(value, types.SimpleNamespace):
        return list(vars(value))
    attrs = getattr(type(value), "__attrs_attrs__", None)
    return [a.name for a in attrs] if attrs else ()


def spell(path):
    """Write a path as code: ``config['grid'][0]``."""
    name, *rest = path
    return name + "".join(
        step if isinstance(step, str) and step.startswith(".") else f"[{step!r}]"
        for step in rest
    )


def settle(box, plain):
    """Take the last value of the list `box`, free of the caller's memory.

    `plain`: the caller passed plain arrays, and gets plain writeable ones.
    """
    if isinstance(box[-1], np.ndarray):
        return _settle_array(box, plain)
    value = box.pop()
    kind = type(value)
    if isinstance(value, list):
        for at in range(len(value)):
            item, value[at] = [value[at]], None
            value[at] = settle(item, plain)
    elif isinstance(value, tuple) and (kind is tuple or hasattr(value, "_make")):
        items = list(value)
        del value
        items.reverse()
        settled = [settle(items, plain) for _ in range(len(items))]
        return tuple(settled) if kind is tuple else kind._make(settled)
    elif isinstance(value, dict):
        for key in list(value):
            item, value[key] = [value[key]], None
            value[key] = settle(item, plain)
    elif not isinstance(value, type) and _field_names(value):
        for name in _field_names(value):
            item = [getattr(value, name)]
            if isinstance(item[0], np.ndarray | list | dict | tuple):
                object.__setattr__(value, name, None)
                object.__setattr__(value, name, settle(item, plain))
    return value


def _settle_array(box, plain):
    array = box[-1]
    if isinstance(array, _core.Array):
        if plain:
            del array
            # popped: the stack alone refers to an array that nobody kept
            return _core.release(box.pop(), 1)
        _core.set_guard(array, None)
        if _core.sharing(array)[2] is not None:
            _core.detach(array)
    elif type(array) is np.ndarray and _is_sealed(array):
        array = array.copy("K")
    box.pop()
    return array


def _is_sealed(array):
    """Is `array` a storage, or a plain view of one?"""
    base = array.base
    return type(base) is _SEAL or (
        type(base) is np.ndarray and type(base.base) is _SEAL
    )


_SEAL = type(_core.sharing(_core.wrap(np.zeros(1), CowArray))[3].base)


def _evict(loan, failed):
    """Give every array that still looks at borrowed memory its own."""
    for array in _core.sharers(loan.storage):
        _core.set_guard(array, None)
        _core.detach(array)
    array = None
    if _core.holders(loan.storage) > _LOAN_ALONE:
        # an evicted view keeps what it left: the count does not go down
        evicted = _evict_plain(loan.storage)
        if _core.holders(loan.storage) - evicted > _LOAN_ALONE and not failed:
            warnings.warn(
                "a plain array that np.asarray made of an argument outlives the call "
                "where cow cannot reach it, and still looks at the memory of the "
                "caller. Use @no_mutate(isolate=True) for this function: it works "
                "on copies.",
                RuntimeWarning,
                stacklevel=5,
            )


def _evict_plain(storage):
    found = {
        id(value): value
        for container in gc.get_objects()
        for value in gc.get_referents(container)
        if type(value) is np.ndarray and value.base is storage
    }
    for value in found.values():
        _core.evict(value)
    return len(found)


# the attribute of the loan, and the argument of holders() itself
_LOAN_ALONE = 2
