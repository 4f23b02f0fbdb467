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
import re
import sys
import tempfile
import types
import zlib

import numpy as np
import pytest

import cow
from tests.catalogue import guard_bodies
from tests.catalogue.guard_bodies import BODIES, Body, Own

PROGRAMS = int(os.environ.get("COW_ROUNDS", 60))
SEED = os.environ.get("COW_SEED", "")
THOROUGH = "COW_ROUNDS" in os.environ

# bodies do what NumPy warns of
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.filterwarnings("error:the proof of"),
]


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
    n = int(np.prod(shape))
    with tempfile.TemporaryFile() as file:
        a = np.memmap(file, "f8", "w+", shape=shape if n else 1)
    if not n:
        return a[:0].reshape(shape)  # NumPy 2.0 maps no empty file
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
    if n == 10**6 or (n in (0, 300) and not THOROUGH):
        return core[::2] if last else []
    if n not in (8, 5000):
        return core if last or THOROUGH else []
    if THOROUGH or (last and n == 8):
        return found
    some = found[zlib.crc32(body.name.encode()) % 4 :: 4] if last else []
    return [kind for kind in found if kind in core or kind in some]


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


# ------------------------------------------------------- the life of a body


@dataclasses.dataclass
class Step:
    """What there is after a step of the caller's."""

    name: str
    outcome: str
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


class Caller:
    """Has arrays, calls, and writes its arrays and the results."""

    def __init__(self, body, function, arguments):
        body.reset()
        self.body = body
        self.function = function
        self.arrays, self.owners = arguments.make(body.arrays)
        self.made, self.args = attempt(body.take, *self.arrays)
        passed = Picture(identity=True)
        passed.of(self.args)
        self.is_cow = any(isinstance(a, cow.CowArray) for a in passed.arrays)

    def call(self):
        return attempt(self.body.script, self.function, *self.args)

    def look(self, name, results, outcome=("", None), written=False):
        """Return a picture of all there is."""
        picture = Picture(identity=not self.is_cow)
        seen = picture.of(results), not written and picture.of(self.body.state())
        mine = len(picture.arrays)
        callers = Picture(identity=True, flags=True)
        caller = callers.of((self.owners, self.arrays, self.args))
        pairs = None
        if not self.is_cow:
            picture.arrays += callers.arrays
            pairs = {pair for pair in picture.sharing() if pair[0] < mine}
        text = repr(outcome[1]) if outcome[0] == "raised" else outcome[0]
        return Step(name, text, *seen, caller, pairs)

    def write_results(self, results):
        """Write into each array of the results, and what is kept of cow arrays."""
        picture = Picture(identity=True)
        picture.of(results)
        handed_out = len(picture.arrays)
        if self.is_cow:
            picture.of(self.body.state())
        for at, array in enumerate(picture.arrays):
            mine = any(array is each for each in (*self.owners, *self.arrays))
            if not mine and (at < handed_out or type(array) is np.ndarray):
                _put_zeros(array)

    def life(self):
        """Yield what there is after each step."""
        if self.made == "raised":
            return
        saved = [np.array(a, subok=False) for a in self.owners]
        first = self.call()
        yield self.look("the call", first, first)
        for owner in self.owners:
            _put_zeros(owner)
        yield self.look("the caller's writing", first)
        for owner, old in zip(self.owners, saved, strict=True):
            _restore(owner, old)
        second = self.call()
        # a body may write what it has handed out, except into cow arrays
        both = second if self.is_cow else (first, second)
        yield self.look("the second call", both, second)
        self.write_results((first, second))
        both = None if self.is_cow else both
        yield self.look("writing the results", both, written=self.is_cow)
        self.body.reset()


def _put_zeros(array):
    if array.flags.writeable:
        array[...] = np.zeros((), array.dtype)


def _restore(array, old):
    if array.flags.writeable:
        array[...] = old


def disagreement(body, guarded, arguments):
    """Return how the guarded function differs from what it does on copies."""
    caller = Caller(body, with_copies(body.function), arguments)
    wanted = list(caller.life())
    found = list(Caller(body, guarded, arguments).life())
    cow_class = None
    if caller.is_cow:
        cow_class = "loose" if body.loose else "strict"
    for a, b in zip(wanted, found, strict=True):
        where = _difference_of_steps(a, b, cow_class)
        if where:
            return (
                f"{body.name}, {arguments}, after {a.name}: {where}\n"
                f"with copies: {a.outcome:.300}\nguarded: {b.outcome:.300}"
            )
    return None


def _difference_of_steps(wanted, found, cow_class):
    where = difference(wanted.results, found.results, cow_class)
    where = where or difference(wanted.caller, found.caller, path="the caller's")
    where = where or difference(wanted.state, found.state, path="state")
    if not where and wanted.sharing != found.sharing:
        return f"sharing: {wanted.sharing} expected, {found.sharing} found"
    return where


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


def without_source(function):
    """Return the same function, which says that its source is nowhere."""
    twin = types.FunctionType(
        _nowhere(function.__code__),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def _nowhere(code):
    parts = [
        _nowhere(p) if isinstance(p, types.CodeType) else p for p in code.co_consts
    ]
    return code.replace(co_consts=tuple(parts), co_filename="<nowhere>")


def few_groups(body):
    dims = max(body.dims)
    for n in (8, 5000):
        found = list(fitting(body, dims))
        kinds = [kind for kind in CORE if kind in found] or found
        yield [Arguments(kind, SHAPES[dims](n)) for kind in kinds]


@pytest.mark.parametrize(
    "name",
    [name for name in BODIES if type(BODIES[name].function) is types.FunctionType],
)
def test_guarded_body_without_source_does_what_it_does_on_copies(name):
    body = BODIES[name]
    twin = dataclasses.replace(body, function=without_source(body.function))
    check(twin, cow.no_mutate, few_groups)


# ----------------------------------------------------- the oracle itself


def test_bodies_work_on_copies_and_leave_their_callers_arrays_alone():
    for body in BODIES.values():
        outcomes = set()
        plain = body.script.__code__.co_name == "<lambda>" and not body.touches
        for arguments in next(groups(body)):
            caller = Caller(body, with_copies(body.function), arguments)
            before = caller.look("before", None)
            outcome = caller.call()
            outcomes.add(outcome[0])
            after = caller.look("after", outcome)
            if plain and caller.made == "returned":
                where = difference(before.caller, after.caller)
                assert where is None, (body.name, arguments, where)
            body.reset()
        wanted = {"raised"} if body.fails else {"returned", "raised"}
        assert outcomes <= wanted and ("returned" in outcomes) != body.fails, body.name


def shallow(function):
    def call(*args, **kwargs):
        copied = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
        return function(*copied, **kwargs)

    return call


def one_by_one(function):
    def call(*args, **kwargs):
        named = {name: deep(value) for name, value in kwargs.items()}
        return function(*[deep(a) for a in args], **named)

    return call


def results_changed(change):
    def guard(function):
        def call(*args, **kwargs):
            return change(with_copies(function)(*args, **kwargs))

        return call

    return guard


def once(function):
    """Copy for the first call only."""
    calls = []

    def call(*args, **kwargs):
        calls.append(1)
        guarded = with_copies(function) if len(calls) == 1 else function
        return guarded(*args, **kwargs)

    return call


def locked(value):
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    return value


def lent(function):
    """Lend read-only arrays, as for a function that does not write."""

    def call(*args, **kwargs):
        views = [a[...] if isinstance(a, np.ndarray) else a for a in args]
        return function(*[locked(view) for view in views], **kwargs)

    return call


def other_error(function):
    def call(*args, **kwargs):
        try:
            return with_copies(function)(*args, **kwargs)
        except Exception as error:
            raise type(error)("something else") from None

    return call


def defaults_copied(function):
    def call(*args, **kwargs):
        twin = types.FunctionType(function.__code__, function.__globals__)
        twin.__defaults__ = deep(function.__defaults__)
        return with_copies(twin)(*args, **kwargs)

    return call


WRONG = {
    "no copies": (lambda function: function, "element"),
    "only arguments are copied": (shallow, "list_argument"),
    "containers stay": (shallow, "list_without_arrays"),
    "subclasses become arrays": (shallow, "subclass_method"),
    "one object becomes two": (one_by_one, "same_twice"),
    "results are copied": (results_changed(deep), "kept_by_a_global_object"),
    "results are copied apart": (
        results_changed(lambda r: tuple(map(deep, r))),
        "argument_and_view",
    ),
    "results are read-only": (results_changed(locked), "own_copy"),
    "cow arrays become plain ones": (with_copies, "unchanged"),
    "results are contiguous": (results_changed(np.ascontiguousarray), "every_second"),
    "copies once": (once, "row_in_place"),
    "views are lent": (lent, "branch_by_flags"),
    "results are borrowed": (lent, "unchanged"),
    "what is kept is borrowed": (lent, "log_of_arguments"),
    "the iterator reads what was lent": (lent, "generator_over_rows_result"),
    "another exception": (other_error, "raises_after_writing"),
    "default values are copied": (defaults_copied, "default_that_accumulates"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_guard_that_differs_would_be_seen(name):
    guard, body = WRONG[name]
    with pytest.raises(AssertionError):
        check(BODIES[body], guard, few_groups)


@pytest.mark.parametrize("name", ["element", "argument_and_view", "default_array"])
def test_the_oracle_agrees_with_itself(name):
    plain = dataclasses.replace(BODIES[name], plain_only=True)
    check(plain, with_copies)


# ------------------------------------------------------- programs at random

HEADER = """
import numpy as np

KEPT = []
COUNT = np.zeros(3)


class Box:
    def __init__(self, x):
        self.x = x

    @property
    def part(self):
        return self.x[1:]


def writes(v, k=1):
    v += k


def writes_a_row(v):
    row = v[0:1]
    row *= 2
    return row


def reads(v):
    return float(v.sum())


def same(v):
    return v


def either(v, flag):
    return v if flag else v.copy()


def program(x, y, k):
    s = 1.0
    held = []
"""

# by the number of dimensions of v: how to get another array, and its dimensions
VIEWS_OF = {
    1: """v[1:] 1; v[::-1] 1; v[:-1] 1; v[None] 2; v[:, None] 2; v.reshape(1, -1) 2""",
    2: """v[1:] 2; v[:, 1:] 2; v[::-1] 2; v.T 2; v[0] 1; v[:, 0] 1; v.ravel() 1;
        v.reshape(-1) 1; v.swapaxes(0, 1) 2; np.diagonal(v) 1; v[:, ::-1] 2""",
}
VIEWS_OF_ALL = """v[...]; v.view(); np.asarray(v); v.astype(v.dtype, copy=False);
    np.ascontiguousarray(v); same(v); either(v, k > 0); either(v, s > 0); Box(v).x;
    Box(v).part; [v][0]; {"a": v}["a"]; (lambda: v)(); v.real; np.atleast_1d(v);
    next(iter([v])); np.asarray(memoryview(v)); (v if s > 2 else v * 1.0);
    np.array(v, copy=None); np.split(v, [1])[1]; max([v], key=len)"""
FRESH_OF_ALL = """v * 2.0; v.copy(); v + 1; np.sqrt(np.abs(v)); np.sort(v, axis=-1);
    np.where(v > 0, v, -v); np.concatenate([v, v]); v.astype(float); v[[0, -1]];
    np.array(v); v - v.mean()"""
WRITES = """v[0] = s; v += 1; v *= 0.5; v[...] = v[::-1].copy(); v[v < 0] = 0;
    v[-1] = 2; v.fill(3); v.sort(axis=-1); np.add(v, 1, out=v); np.negative(v, out=v);
    v[0] += 1;
    writes(v); writes(v, k); writes_a_row(v)[...] -= 1; v.flat[0] = 7; v.T[0] = 1;
    v.ravel()[0] = 5; np.copyto(v, 3); np.maximum(v, 0, out=v); np.add.at(v, 0, 1);
    v[-1:] -= 2; v.put(0, 4); Box(v).x[0] = 6; Box(v).x += 1; np.put(v, [0], 8);
    np.asarray(v)[0] = s; [v][0][0] = 4; v[0], v[-1] = v[-1].copy(), v[0].copy();
    np.random.default_rng(1).shuffle(v); (lambda w: writes(w))(v); v.real[0] = 9;
    getattr(v, "fi" + "ll")(k); v[1:][v[1:] < 2] = 2; np.fill_diagonal(v, 1)"""
READS = """s = float(v.sum()); s = reads(v); s = float(v[0].max()); s = float(len(v));
    s += v.ndim; s = float(v.mean()); s = -s; s = float(np.shares_memory(v, w))"""
OTHER = """held.append(v); held.append(v[1:]); KEPT.append(v); KEPT.append([v[:1]]);
    KEPT.append(s); COUNT[0] += 1"""
WRITING = [
    "for row in v:\n    row -= 1",
    "for row in v:\n    writes(row)",
    "for i in range(2):\n    v[i % len(v)] += i",
    "if s > 0:\n    W\nelse:\n    W",
    "if k > 1:\n    W",
    "if float(v.sum()) > s:\n    v = v.copy()\nW",
    "while s > 1:\n    s /= 4\n    W",
    "try:\n    W\n    v[9999] = 1\nexcept IndexError:\n    W",
    "try:\n    W\nfinally:\n    W",
    "with np.errstate(all='ignore'):\n    W",
    "def inner():\n    W\ninner()",
    "def inner(v):\n    W\n    return v\nv = inner(w)",
    "[writes(row) for row in v]",
    "box = Box(v)\nbox.x[0] = 2\nbox.part[...] = 3",
    "match v.ndim:\n    case 1:\n        W\n    case _:\n        W",
]
WRITING_WHAT_IS_KEPT = [
    "for each in held:\n    each[...] = 1",
    "if KEPT and isinstance(KEPT[-1], np.ndarray):\n    KEPT[-1][0] = 5",
]
READING = [
    "for each in held:\n    s += float(each.sum())",
    "for row in v:\n    s += float(row.sum())",
    "s = sum(reads(each) for each in [v, w])",
    "if s > 0:\n    s = reads(v)\nelse:\n    s = float(w.max())",
    "try:\n    v[9999]\nexcept IndexError:\n    s = 2.0",
    "def inner():\n    return v.sum()\ns = float(inner())",
    "while s > 1:\n    s /= 4",
    "v, w = w, v",
]
RESULTS = """v; w; (v, w); [v, v[1:]]; {"v": v, "s": s}; Box(v); s; None; (x, y); held;
    (x, held); v[0]; v.T, v; np.asarray(v); (v is w, v); [row for row in v]; KEPT;
    v * 2, s; (v for v in [x, y]).__next__(); COUNT;
    v.flags.writeable, v.base is None"""


def split(text):
    return [" ".join(each.split()) for each in text.split(";")]


class Program:
    """Statements drawn at random: views, writes, reads, calls, branches, loops.

    A third of the programs write anything, a third only arrays that they have made,
    a third such arrays with one exception.
    """

    def __init__(self, seed):
        self.rng = random.Random(zlib.crc32((SEED + str(seed)).encode()))
        self.dims = {"x": 2, "y": 1}
        self.own = set()
        kind, odd = self.rng.choice(["any", "own", "one"]), self.rng.randrange(15)
        self.parts = []
        for at in range(15):
            self.spares = kind != "any" and (kind == "own" or at != odd)
            self.parts.append(self.statement())
        if self.rng.random() < 0.1:
            self.parts.append(self.named("raise LookupError('end', v, s)"))
        self.parts.append(self.named("return " + self.rng.choice(split(RESULTS))))
        self.take = self.rng.choice(
            [lambda a, b: (a, b[0])] * 3
            + [lambda a, b: (a, a[0]), lambda a, b: (a[1:], a[:, 0])]
        )
        self.k = self.rng.randrange(3)

    def statement(self):
        draw = self.rng.random()
        if draw < 0.3:
            return self.assignment(fresh=self.rng.random() < 0.3)
        if draw < 0.5:
            return self.writing(self.rng.choice(split(WRITES)))
        if draw < 0.65:
            kept = [] if self.spares else WRITING_WHAT_IS_KEPT
            return self.writing(self.rng.choice(WRITING + kept))
        if draw < 0.75:
            return self.named(self.rng.choice(split(OTHER)))
        return self.named(self.rng.choice(split(READS) + READING))

    def assignment(self, fresh):
        source = self.rng.choice(list(self.dims))
        dims = self.dims[source]
        if fresh:
            text, after = self.rng.choice(split(FRESH_OF_ALL)), dims
        else:
            pool = [each.rsplit(" ", 1) for each in split(VIEWS_OF[dims])]
            pool += [[each, dims] for each in split(VIEWS_OF_ALL)]
            text, after = self.rng.choice(pool)
        name = self.rng.choice(["a", "b", "c", "d", source])
        text = self.put(f"{name} = {text}", {"v": source})
        self.dims[name] = int(after)
        if fresh or source in self.own:
            self.own.add(name)
        else:
            self.own.discard(name)
        return text

    def writing(self, text):
        """Return statements that write v and w."""
        if not (names := sorted(self.own) if self.spares else list(self.dims)):
            return self.assignment(fresh=True)
        while "W" in text:
            text = text.replace("W", self.rng.choice(split(WRITES)), 1)
        return self.named(text, names)

    def named(self, text, names=None):
        """Put names of arrays for v and w."""
        first, second = self.rng.choices(names or list(self.dims), k=2)
        words = {"v": first, "w": second}
        if text == "v, w = w, v":
            self.dims[first], self.dims[second] = self.dims[second], self.dims[first]
            self.own -= {first, second}
        if "lambda w" in text:
            del words["w"]
        if "def inner(v)" in text:
            del words["v"]
            self.dims["v"] = self.dims[second]
        return self.put(text, words)

    def put(self, text, words):
        pattern = r"(?<![\w.'\"])[vw](?![\w'\"])"
        return re.sub(pattern, lambda found: words.get(found[0], found[0]), text)

    def source(self):
        lines = "\n".join(self.parts).splitlines()
        return HEADER + "".join(f"    {line}\n" for line in lines)

    def body(self, folder):
        """Return the body that a module file defines, so that it has a source."""
        name = f"program_{next(NUMBER)}"
        path = folder / f"{name}.py"
        path.write_text(self.source())
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)

        def forget():
            module.KEPT.clear()
            module.COUNT[:] = 0

        return Body(
            name,
            module.program,
            self.take,
            lambda f, x, y: f(x, y, self.k),
            arrays=2,
            dims=(2,),
            state=lambda: (module.KEPT, module.COUNT),
            reset=forget,
        )

    def disagreement(self, folder):
        body = self.body(folder)
        try:
            guarded = cow.no_mutate(body.function)
            for shape in ((6, 8), (50, 100)):
                for kind in PROGRAM_KINDS:
                    where = disagreement(body, guarded, Arguments(kind, shape))
                    if where:
                        return where
        finally:
            del sys.modules[body.name]
        return None


NUMBER = itertools.count()
PROGRAM_KINDS = ("f8", "sliced", "cow", "i8", "read-only", "fortran", "mixed")


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_random_program_does_guarded_what_it_does_on_copies(seed, tmp_path):
    program = Program(seed)
    where = program.disagreement(tmp_path)
    if where is None:
        return
    for at in reversed(range(len(program.parts) - 1)):
        shorter = copy.copy(program)
        shorter.parts = program.parts[:at] + program.parts[at + 1 :]
        found = shorter.disagreement(tmp_path)
        if found:
            program, where = shorter, found
    pytest.fail(f"{where}\n{program.source()}")


def test_random_programs_compute_something(tmp_path):
    outcomes = collections.Counter()
    for seed in range(100):
        body = Program(seed).body(tmp_path)
        caller = Caller(body, with_copies(body.function), Arguments("f8", (6, 8)))
        outcomes[caller.call()[0]] += 1
        del sys.modules[body.name]
    assert outcomes["returned"] > 50
