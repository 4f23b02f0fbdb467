"""Values and arrays as trees that can be compared."""

import collections
import dataclasses
import datetime
import itertools
import types

import numpy as np

import cow
from tests.catalogue.bodies import Own


@dataclasses.dataclass(repr=False)
class Array:
    """What is compared of an array."""

    cls: type
    dtype: np.dtype
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    writeable: bool
    values: object
    more: object
    inside: bool  # of an object: whether it becomes a cow array is left open

    def __repr__(self):
        return f"<{self.cls.__name__} of {self.dtype}, {self.shape}>"


class Picture:
    """Describes values as trees that can be compared, and lists their arrays."""

    def __init__(self, identity, flags=False):
        self.identity = identity
        self.flags = flags
        self.seen = {}
        self.arrays = []
        self.looked = 0

    def of(self, value, inside=False):
        self.looked += 1
        assert self.looked < 10**6, "results without an end"
        if type(value) in _PLAIN or isinstance(value, type | np.dtype):
            return type(value), repr(value)
        if id(value) in self.seen:
            return "again", self.seen[id(value)][0]
        if self.identity or not isinstance(value, np.ndarray):
            self.seen[id(value)] = len(self.seen), value
        tree = self._of(value, inside)
        if not self.identity:
            self.seen.pop(id(value), None)  # cycles only
        return tree

    def _of(self, value, inside):
        if isinstance(value, np.ndarray):
            return self._array(value, inside)
        if isinstance(value, float | complex | np.number):
            return type(value), _Close(value)
        if isinstance(value, np.void) and not value.dtype.hasobject:
            self.arrays.append(np.frombuffer(value, np.uint8))
            return type(value), repr(value)
        if isinstance(value, np.generic):
            return type(value), repr(value)
        if isinstance(value, list | tuple | collections.deque):
            maxlen, types_of = getattr(value, "maxlen", None), list(map(type, value))
            if set(types_of) <= _NUMBERS:
                return type(value), maxlen, types_of, _Close(list(value))
            return type(value), maxlen, [self.of(item, inside) for item in value]
        if isinstance(value, dict):
            keys = [self.of(key, inside) for key in value]
            return type(value), keys, [self.of(v, inside) for v in value.values()]
        if isinstance(value, set | frozenset):
            return type(value), [self.of(item, inside) for item in value]
        if isinstance(value, memoryview):
            return self._memory(value)
        if isinstance(value, np.flatiter):
            return type(value), self.of(value.base, True)
        if isinstance(value, BaseException):
            causes = type(value.__cause__), type(value.__context__)
            parts = [value.args, _fields(value), getattr(value, "exceptions", ())]
            return type(value), str(value), causes, self.of(parts, True)
        if dataclasses.is_dataclass(value):
            names = [each.name for each in dataclasses.fields(value)]
            return type(value), [self.of(getattr(value, n), inside) for n in names]
        if isinstance(value, _OPAQUE) or not hasattr(value, "__dict__"):
            return type(value), getattr(value, "__qualname__", None)
        return type(value), self.of(vars(value), True)

    def _array(self, value, inside):
        plain = value if isinstance(value, cow.CowArray) else value.view(np.ndarray)
        self.arrays.append(plain)
        more = [str(value.flags)] if self.flags else []
        if isinstance(value, np.ma.MaskedArray):
            mask = value._mask
            more += [None if mask is np.ma.nomask else self.of(mask, True)]
            more += [repr(value._fill_value), value.hardmask]
        if isinstance(value, Own):
            more += [value.unit]
        if value.dtype.hasobject:
            values = [self.of(item, True) for item in plain.ravel().tolist()]
        else:
            values = plain.tobytes()
        steps = zip(value.shape, value.strides, strict=True)
        return Array(
            type(value),
            value.dtype,
            value.shape,
            tuple(step for n, step in steps if n > 1 and value.size),
            value.flags.writeable,
            values,
            more,
            inside,
        )

    def _memory(self, value):
        try:
            array = self.of(np.asarray(value), True)
        except (ValueError, TypeError):
            array = None
        return memoryview, value.readonly, value.format, value.shape, array

    def sharing(self):
        """Return the pairs of arrays that share memory."""
        bounds = []
        for at, array in enumerate(self.arrays):
            if array.size:
                low, high = np.lib.array_utils.byte_bounds(np.asarray(array))
                bounds.append((low, high, at))
        bounds.sort()
        pairs = set()
        for i, (_, high, a) in enumerate(bounds):
            for low, _, b in itertools.islice(bounds, i + 1, None):
                if low >= high:
                    break
                if _share(self.arrays[a], self.arrays[b]):
                    pairs.add((min(a, b), max(a, b)))
        return pairs


def _share(a, b):
    try:
        return np.shares_memory(a, b, max_work=10**5)
    except (np.exceptions.TooHardError, OverflowError):
        return True


def _fields(error):
    """Return the attributes of an exception, without what the guard notes."""
    notes = [n for n in getattr(error, "__notes__", ()) if not n.startswith("cow.")]
    return {**vars(error), "__notes__": notes}


class _Close:
    """A number that equals what other orders of adding up make of it."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return repr(self.value)

    def __eq__(self, other):
        a, b = self.value, other.value
        return repr(a) == repr(b) or _close(np.asarray(a), np.asarray(b))

    __hash__ = None


def _close(a, b):
    if a.dtype != b.dtype or a.dtype.kind not in "fc":
        return False
    if a.shape != b.shape:
        return False
    rtol = 1e-4 if a.dtype.itemsize in (2, 4) or a.dtype == "c8" else 1e-9
    return np.allclose(a, b, rtol, atol=rtol, equal_nan=True)


_PLAIN = {int, bool, str, bytes, type(None), type(...), range, slice}
_PLAIN |= {datetime.date}
_NUMBERS = {int, float, np.float64, np.int64}
_OPAQUE = (
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, np.ufunc),
    *(types.GeneratorType, types.ModuleType, types.CoroutineType, np.random.Generator),
)


def difference(wanted, found, cow_class=None, path="result"):
    """Return where two trees differ, None where they do not.

    `cow_class`: "strict" where plain arrays have to be cow arrays, "loose" where
    they may be.
    """
    if not cow_class and wanted == found:
        return None
    if isinstance(wanted, Array) and isinstance(found, Array):
        return _difference_of_arrays(wanted, found, cow_class, path)
    if isinstance(wanted, tuple | list) and type(wanted) is type(found):
        if len(wanted) != len(found):
            return f"{path}: {wanted!r:.200} expected, {found!r:.200} found"
        for at, (a, b) in enumerate(zip(wanted, found, strict=True)):
            step = f"[{at}]" if isinstance(wanted, list) else ""
            where = difference(a, b, cow_class, path + step)
            if where:
                return where
        return None
    if wanted == found:
        return None
    return f"{path}: {wanted!r:.200} expected, {found!r:.200} found"


def _difference_of_arrays(wanted, found, cow_class, path):
    classes = {wanted.cls}
    if cow_class and wanted.cls is np.ndarray:
        loose = cow_class == "loose" or wanted.inside
        classes = {cow.CowArray, np.ndarray} if loose else {cow.CowArray}
    if found.cls not in classes:
        return f"{path}: class {found.cls}, not {classes}"
    for name in ("dtype", "shape", "strides", "writeable"):
        if cow_class and name in ("strides", "writeable"):
            continue
        a, b = getattr(wanted, name), getattr(found, name)
        if a != b:
            return f"{path}: {name} {a} expected, {b} found"
    if isinstance(wanted.values, list):
        where = difference(wanted.values, found.values, cow_class, path + ".values")
    else:
        where = _difference_of_values(wanted, found, path)
    return where or difference(wanted.more, found.more, None, path + ".more")


def _difference_of_values(wanted, found, path):
    if wanted.values == found.values:
        return None
    a, b = (np.frombuffer(each.values, each.dtype) for each in (wanted, found))
    if a.dtype.names and a.tolist() == b.tolist():
        return None  # with other bytes between the fields
    return None if _close(a, b) else f"{path}: {a} expected, {b} found"
