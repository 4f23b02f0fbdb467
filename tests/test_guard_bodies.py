"""A guarded function does what it does with copies of its arguments.

Each body is called by the script of its caller, guarded and with copies, in the same
fresh state: results, exceptions, what the body keeps, the caller's arrays, and who
shares memory with whom have to agree, also after the caller has written its own
arrays and the results. COW_ROUNDS in the environment asks for more generated
programs, COW_SEED for others.
"""

import collections
import copy
import dataclasses
import datetime
import importlib.util
import itertools
import os
import random
import sys
import tempfile
import types
import zlib

import numpy as np
import pytest

import cow
from tests import guard_bodies
from tests.guard_bodies import BODIES, Body, Own

PROGRAMS = int(os.environ.get("COW_ROUNDS", 60))
SEED = os.environ.get("COW_SEED", "")
THOROUGH = "COW_ROUNDS" in os.environ

# bodies do what NumPy warns of
pytestmark = pytest.mark.filterwarnings("ignore")


# ----------------------------------------------------------------- the oracle


def deep(value, memo=None):
    """Return `value` with its arrays copied and its containers rebuilt."""
    memo = {} if memo is None else memo
    if id(value) not in memo:
        memo[id(value)] = _copied(value, memo), value
    return memo[id(value)][0]


def _copied(value, memo):
    if isinstance(value, np.ndarray):
        return _copied_array(value, memo)
    if isinstance(value, list | collections.deque):
        inner = copy.copy(value)
        memo[id(value)] = inner, value
        for at, item in enumerate(value):
            inner[at] = deep(item, memo)
        return inner
    if isinstance(value, dict):
        inner = copy.copy(value)
        memo[id(value)] = inner, value
        for key, item in value.items():
            inner[key] = deep(item, memo)
        return inner
    if isinstance(value, tuple):
        return tuple.__new__(type(value), [deep(item, memo) for item in value])
    if isinstance(value, set | frozenset):
        return type(value)([deep(item, memo) for item in value])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = copy.copy(value)
        memo[id(value)] = inner, value
        for each in dataclasses.fields(value):
            object.__setattr__(inner, each.name, deep(getattr(value, each.name), memo))
        return inner
    return value


def _copied_array(value, memo):
    if not isinstance(value, cow.CowArray):
        if value.dtype == object and type(value) is np.ndarray:
            return _copied_objects(value, memo)
        return copy.deepcopy(value)
    inner = np.array(value)
    return _copied_objects(inner, memo) if value.dtype == object else inner


def _copied_objects(value, memo):
    inner = value.copy("K")
    for at in np.ndindex(value.shape):
        box = np.empty((), object)
        box[()] = deep(value[at], memo)
        inner[(*at, ...)] = box
    return inner


def with_copies(function):
    """Return a function that calls `function` with copies: what is promised."""

    def call(*args, **kwargs):
        args, kwargs = deep((args, kwargs))
        return function(*args, **kwargs)

    return call


# ------------------------------------------------- arrays of many kinds


def numbers(shape, at=0, dtype="f8"):
    """Return an array of unsorted numbers, a third of them negative."""
    n = int(np.prod(shape))
    values = (np.arange(n) * 7919) % max(n, 1) - n // 3 + at
    if dtype == "bool":
        return (values % 2 == 0).reshape(shape)
    if dtype == "c16":
        return (values + 1j * values[::-1]).reshape(shape)
    if np.dtype(dtype).kind == "f":
        values = values + 0.25
    return values.astype(dtype).reshape(shape)


def wider(shape, at=0):
    return numbers((*shape[:-1], 2 * shape[-1]), at)


def records(shape, at=0):
    a = np.zeros(shape, guard_bodies.RECORD)
    a["u"], a["w"] = numbers(shape, at), numbers(shape, at, "i4")
    a["z"] = -a["w"]
    return a


def objects(shape, at=0):
    return numbers(shape, at, "i8").astype(object)


def arrays_in_objects(shape, at=0):
    a = objects(shape, at)
    shared = np.arange(3.0)
    for where, item in zip(
        itertools.islice(np.ndindex(shape), 5),
        (shared, [np.arange(2.0)], np.ones(2), shared, {"x": shared[1:]}),
        strict=False,
    ):
        a[where] = item
    return a


def words(shape, at=0):
    return numbers(shape, at, "i8").astype("U5")


def memmap(shape, at=0):
    with tempfile.TemporaryFile() as file:
        a = np.memmap(file, "f8", "w+", shape=shape)
    a[...] = numbers(shape, at)
    return a


def buffer(shape, at=0):
    return np.frombuffer(bytearray(numbers(shape, at).tobytes())).reshape(shape)


def read_only(base):
    view = base[...]
    view.flags.writeable = False
    return view


def unaligned(shape, at=0):
    """Return bytes, and numbers that begin at the second of them."""
    a = numbers(shape, at)
    base = np.zeros(a.nbytes + 1, np.uint8)
    view = base[1:].view("f8").reshape(shape)
    view[...] = a
    return base, view


def own(base):
    view = base.view(Own)
    view.unit = "m"
    return view


def _cube(shape):
    n = int(np.prod(shape))
    return {0: (0, 2, 3), 1: (1, 1, 1), 8: (2, 2, 2), 300: (5, 6, 10)}.get(
        n, (n // 500, 20, 25)
    )


# each makes an array, of a shape, and what owns its memory
KINDS = {
    "f8": lambda shape, at: numbers(shape, at),
    "f4": lambda shape, at: numbers(shape, at, "f4"),
    "c16": lambda shape, at: numbers(shape, at, "c16"),
    "i8": lambda shape, at: numbers(shape, at, "i8"),
    "bool": lambda shape, at: numbers(shape, at, "bool"),
    "read-only": lambda shape, at: (base := numbers(shape, at), read_only(base)),
    "sliced": lambda shape, at: (base := wider(shape, at), base[..., ::2]),
    "negative": lambda shape, at: (base := numbers(shape, at), base[::-1]),
    "fortran": lambda shape, at: np.asfortranarray(numbers(shape, at)),
    "transposed 3-d": lambda shape, at: (
        base := numbers(_cube(shape), at),
        base.transpose(2, 0, 1),
    ),
    "offset": lambda shape, at: (
        base := numbers((shape[0] + 1, *shape[1:]), at),
        base[1:],
    ),
    "memmap": memmap,
    "buffer": buffer,
    "broadcast": lambda shape, at: (
        base := numbers(shape[-1:], at),
        np.broadcast_to(base, shape),
    ),
    "big-endian": lambda shape, at: numbers(shape, at, ">f8"),
    "unaligned": unaligned,
    "cow": lambda shape, at: cow.array(numbers(shape, at)),
    "cow i8": lambda shape, at: cow.array(numbers(shape, at, "i8")),
    "cow sliced": lambda shape, at: (
        base := cow.array(wider(shape, at)),
        base[..., ::2],
    ),
    "mixed": lambda shape, at: (
        cow.array(numbers(shape, at)) if at else numbers(shape, at)
    ),
    "matrix": lambda shape, at: (base := numbers(shape, at), np.asmatrix(base)),
    "masked": lambda shape, at: (
        base := numbers(shape, at),
        np.ma.array(base, mask=base > 2, copy=False),
    ),
    "subclass": lambda shape, at: (base := numbers(shape, at), own(base)),
    "records": records,
    "sliced records": lambda shape, at: (base := records(shape, at), base[::-1]),
    "recarray": lambda shape, at: (
        base := records(shape, at),
        base.view(np.recarray),
    ),
    "cow records": lambda shape, at: cow.array(records(shape, at)),
    "objects": objects,
    "arrays in objects": arrays_in_objects,
    "cow objects": lambda shape, at: cow.array(arrays_in_objects(shape, at)),
    "words": words,
    "dates": lambda shape, at: numbers(shape, at, "i8").astype("M8[D]"),
    "cow words": lambda shape, at: cow.array(words(shape, at)),
}
CORE = ("f8", "sliced", "cow")
SHAPES = {
    1: lambda n: (n,),
    2: lambda n: {0: (0, 3), 1: (1, 1), 8: (2, 4), 300: (15, 20)}.get(
        n, (n // 100 if n < 10**6 else 1000, 100 if n < 10**6 else 1000)
    ),
}


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Which arrays a body gets."""

    kind: str
    shape: tuple[int, ...]

    def make(self, count):
        """Return `count` arrays, with all that owns their memory."""
        made = [KINDS[self.kind](self.shape, at) for at in range(count)]
        pairs = [each if isinstance(each, tuple) else (each,) for each in made]
        return [pair[-1] for pair in pairs], [a for pair in pairs for a in pair]

    def is_cow(self):
        return self.kind.startswith(("cow", "mixed"))


def fitting(body, dims):
    """Yield the kinds of arrays that a body takes."""
    for kind in body.kinds:
        is_cow = kind.startswith(("cow", "mixed"))
        if (kind == "mixed" and body.arrays < 2) or (body.plain_only and is_cow):
            continue
        if kind in ("fortran", "matrix", "transposed 3-d") and dims != 2:
            continue
        yield kind


def chosen(body, n, dims):
    """Return the kinds for `n` elements, fewer where there are many to compare."""
    found = list(fitting(body, dims))
    last = dims == max(body.dims)
    core = [kind for kind in CORE if kind in found] or found
    if n == 10**6:
        return core[::2]
    if n not in (8, 5000):
        return core if last or THOROUGH else []
    if THOROUGH or (last and n == 8):
        return found
    third = found[zlib.crc32(body.name.encode()) % 3 :: 3] if last else []
    return [kind for kind in found if kind in core or kind in third]


def groups(body):
    """Yield lists of `Arguments`; each is for a function guarded anew."""
    sizes = [8, 5000, 1, 300, 0] + [10**6] * body.big
    for turn, n in enumerate(sizes):
        group = [
            Arguments(kind, SHAPES[dims](n))
            for dims in body.dims
            if dims
            for kind in chosen(body, n, dims)
        ]
        # what a guard learns from its first call has to hold for the others
        turn %= max(len(group), 1)
        yield group[turn:] + group[:turn]
    if 0 in body.dims:
        yield [Arguments(kind, ()) for kind in ("f8", "i8", "cow")]


# ---------------------------------------------------------------- pictures


@dataclasses.dataclass
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


class Picture:
    """Describes values as trees that can be compared, and lists their arrays."""

    def __init__(self, identity, flags=False):
        self.identity = identity
        self.flags = flags
        self.seen = {}
        self.arrays = []

    def of(self, value, inside=False):
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
            parts = [value.args, vars(value), getattr(value, "exceptions", ())]
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
    if isinstance(wanted, Array) and isinstance(found, Array):
        return _difference_of_arrays(wanted, found, cow_class, path)
    if isinstance(wanted, tuple | list) and type(wanted) is type(found):
        if len(wanted) != len(found):
            return f"{path}: {len(wanted)} items expected, {len(found)} found"
        for at, (a, b) in enumerate(zip(wanted, found, strict=True)):
            where = difference(a, b, cow_class, f"{path}[{at}]")
            if where:
                return where
        return None
    if wanted == found:
        return None
    return f"{path}: {wanted!r} expected, {found!r} found"


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


# ------------------------------------------------------- the life of a body


@dataclasses.dataclass
class Step:
    """What there is after a step of the caller's."""

    name: str
    results: object
    state: object
    caller: object
    sharing: set | None


def attempt(function, *args):
    try:
        return "returned", function(*args)
    except (KeyboardInterrupt, pytest.fail.Exception):
        raise
    except BaseException as error:
        return "raised", error


def life(body, function, arguments):
    """Yield what there is after each step of a caller."""
    is_cow = arguments.is_cow()
    body.reset()
    arrays, owners = arguments.make(body.arrays)
    made, args = attempt(body.take, *arrays)
    if made == "raised":
        return
    saved = [_save(a) for a in owners]
    callers = owners, arrays, args

    def step(name, results, sharing=False):
        picture = Picture(identity=not is_cow)
        seen = picture.of(results), picture.of(body.state())
        mine = len(picture.arrays)
        # flags and identity of the caller's own
        other = Picture(identity=True, flags=True)
        caller = other.of(callers)
        pairs = None
        if sharing and not is_cow:
            picture.arrays += other.arrays
            pairs = {pair for pair in picture.sharing() if pair[0] < mine}
        return Step(name, *seen, caller, pairs)

    first = attempt(body.script, function, *args)
    yield step("call", first, True)
    for owner in owners:
        _put_zeros(owner)
    yield step("caller writes", first)
    for owner, old in zip(owners, saved, strict=True):
        _restore(owner, old)
    second = attempt(body.script, function, *args)
    both = second if is_cow else (first, second)
    yield step("second call", both, True)
    picture = Picture(identity=True)
    picture.of((first, second))
    kept = len(picture.arrays)
    if is_cow:
        picture.of(body.state())
    for at, array in enumerate(picture.arrays):
        known = at < kept or type(array) is np.ndarray
        if known and not any(array is each for each in (*owners, *arrays)):
            _put_zeros(array)
    yield step("results written", None if is_cow else both)
    body.reset()


def _save(array):
    return np.array(array, subok=False)


def _put_zeros(array):
    if array.flags.writeable:
        array[...] = np.zeros((), array.dtype)


def _restore(array, old):
    if array.flags.writeable:
        array[...] = old


def disagreement(body, guarded, arguments):
    """Return how the guarded function differs from what it does on copies."""
    wanted = list(life(body, with_copies(body.function), arguments))
    found = list(life(body, guarded, arguments))
    cow_class = None
    if arguments.is_cow():
        cow_class = "loose" if body.loose else "strict"
    for a, b in zip(wanted, found, strict=True):
        where = (
            difference(a.results, b.results, cow_class)
            or difference(a.caller, b.caller, path="the caller's")
            or (
                difference(a.state, b.state, path="state")
                if a.name != "results written" or not cow_class
                else None
            )
        )
        if not where and a.sharing != b.sharing:
            where = f"sharing: {a.sharing} expected, {b.sharing} found"
        if where:
            return f"{body.name}, {arguments}, after {a.name!r}: {where}"
    return None


def check(body, guard, groups_of=groups):
    """Fail where the guarded body differs from what it does on copies."""
    for group in groups_of(body):
        guarded = guard(body.function)
        for arguments in group:
            where = disagreement(body, guarded, arguments)
            assert where is None, where


@pytest.mark.parametrize("name", BODIES)
def test_guarded_body_does_what_it_does_on_copies(name):
    check(BODIES[name], cow.no_mutate)


# the same without source, which no file has


def _without_source(code):
    parts = [
        _without_source(p) if isinstance(p, types.CodeType) else p
        for p in code.co_consts
    ]
    return code.replace(co_consts=tuple(parts), co_filename="<nowhere>")


def without_source(function):
    """Return the same function, which says that its source is nowhere."""
    twin = types.FunctionType(
        _without_source(function.__code__),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def few_groups(body):
    dims = max(body.dims)
    for n in (8, 5000):
        kinds = [k for k in CORE if k in fitting(body, dims)] or body.kinds
        yield [Arguments(kind, SHAPES[dims](n)) for kind in kinds]


@pytest.mark.parametrize(
    "name", [n for n in BODIES if type(BODIES[n].function) is types.FunctionType]
)
def test_guarded_body_without_source_does_what_it_does_on_copies(name):
    body = BODIES[name]
    twin = dataclasses.replace(body, function=without_source(body.function))
    check(twin, cow.no_mutate, few_groups)
