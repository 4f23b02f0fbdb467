"""What programs know by name, for cow arrays and for arrays that are copied."""

import contextlib
import copy
import ctypes
import functools
import gc
import itertools
import operator
import pickle
import types

import numpy as np

import cow
from cow import _core


def as_plain(value):
    if isinstance(value, _core.Array):
        return _core.plain(value)
    return np.asarray(value) if isinstance(value, memoryview) else value


class Sub(cow.CowArray):
    """Has a dictionary, and so a destructor of its own."""

    def __array_finalize__(self, obj):
        self.note = getattr(obj, "note", None)


class Foreign(np.ndarray):
    def __array_finalize__(self, obj):
        self.note = getattr(obj, "note", None)


RECORD = [("u", "f8"), ("w", "<i2", (2,))]
PACKED = [("a", "i1"), ("b", "<f8"), ("c", "<c8")]
MANAGED = [("o", "O"), ("u", "i4")]
SPECIAL = {"R": RECORD, "P": PACKED, "Q": MANAGED, "T": np.dtypes.StringDType()}


def new(code, shape, seed, order="C"):
    """Return a plain array of small values, which depend on the seed."""
    dtype = np.dtype(SPECIAL.get(code, code))
    n = int(np.prod(shape))
    flat = np.zeros(n, dtype)
    numbers = (np.arange(n) * (seed % 11 + 1) + seed) % 60
    if dtype.names:
        for at, name in enumerate(dtype.names):
            column = numbers + at
            part = flat[name]
            part[...] = column.reshape(-1, *(1,) * (part.ndim - 1))
    elif dtype.kind == "O":
        flat[:] = [(k, str(k), float(k), None, (k,))[k % 5] for k in numbers.tolist()]
    elif dtype.kind == "V":
        flat[:] = numbers.astype("i4").astype("S2").astype(dtype)
    elif n:
        flat[:] = numbers.astype(dtype)
    return flat.reshape(shape, order=order) if order == "F" else flat.reshape(shape)


def mask(shape, seed):
    return new("i8", shape, seed) % 3 == 0


def items(holder):
    """Read an iterator of NumPy's from its start; return its elements."""
    if isinstance(holder, np.flatiter):
        return holder[:].tolist()
    if isinstance(holder, np.broadcast):
        holder.reset()
        return [value(each[0]) for each in holder]
    holder.reset()
    return [value(each) for each in holder]


def value(element):
    """Return an element as `tolist` does."""
    return element.item() if isinstance(element, np.generic | np.ndarray) else element


def eager(a):
    """Return a copy that shares nothing, for anything that looks at memory."""
    if isinstance(a, memoryview):
        a = np.asarray(a)
    if isinstance(a, np.void):
        return a.copy()
    return np.array(a, copy=True, subok=False) if isinstance(a, np.ndarray) else a


class Eager:
    """Copies, and holds the copies until it is cleared: NumPy overwrites what only a
    bound method or a tuple holds."""

    def __init__(self):
        self.held = []

    def __call__(self, a):
        self.held.append(eager(a))
        return self.held[-1]


class Editing:
    """What `cow.editing` gives, copied eagerly."""

    def __init__(self, a):
        self.array = eager(a)

    def __enter__(self):
        return self.array

    def __exit__(self, *exc):
        pass


class At:
    """What ``a.at`` gives, copied eagerly."""

    def __init__(self, a):
        self.array = eager(a)

    def __getitem__(self, index):
        self.index = index
        return self

    def set(self, value):
        self.array[self.index] = value
        return self.array

    def add(self, value):
        np.add.at(self.array, self.index, value)
        return self.array


EAGER = types.SimpleNamespace(
    array=eager,
    asarray=eager,
    readonly=eager,
    editing=Editing,
    writing=contextlib.nullcontext,
    safe_modify=lambda a, f, *args: [b := eager(a), f(b, *args)][0],
)
COMMON = {
    "np": np,
    "new": new,
    "mask": mask,
    "items": items,
    "copy": copy,
    "ctypes": ctypes,
    "functools": functools,
    "gc": gc,
    "itertools": itertools,
    "operator": operator,
    "pickle": pickle,
    "strided": np.lib.stride_tricks.as_strided,
    "window": np.lib.stride_tricks.sliding_window_view,
}
LAZY = {"cow": cow, "Sub": Sub, "Foreign": Foreign, "at": lambda a: a.at}
PLAIN = {"cow": EAGER, "Sub": np.ndarray, "Foreign": np.ndarray, "at": At}


def same(one, other):
    """Say whether two arrays have the same dtype, shape and elements."""
    if not isinstance(one, np.ndarray):
        return type(one) is type(other) and (one is other or repr(one) == repr(other))
    if not isinstance(other, np.ndarray):
        return False
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    dtype = one.dtype
    if dtype.names:
        return all(same(one[name], other[name]) for name in dtype.names)
    if dtype.kind == "V":
        return one.tobytes() == other.tobytes()
    if dtype.kind == "O":
        pairs = zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
        return all(x is y or repr(x) == repr(y) for x, y in pairs)
    equal = one == other
    if equal.all():
        return True
    return dtype.kind in "fcmM" and bool(
        (equal | ((one != one) & (other != other))).all()
    )
