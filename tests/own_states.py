"""What functions keep and give out, and the ways in which they do.

A state is a value and a function that writes a number all over it, as the next call
of an environment, a ring buffer or a plan does.
"""

import array
import asyncio
import collections
import dataclasses
import functools
import tempfile
import types

import numpy as np

import cow

N = 6


class Sub(np.ndarray):
    """Has an attribute that is an array, too."""

    def __array_finalize__(self, obj):
        self.info = getattr(obj, "info", None)


@dataclasses.dataclass
class Box:
    x: object
    y: object = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Slots:
    x: object


Pair = collections.namedtuple("Pair", "x y")


def writes(array):
    def write(v):
        array[...] = v

    return write


def of_array(change):
    def make():
        base = np.zeros((N, N))
        return change(base), writes(base)

    return make


def subclass():
    info = np.zeros(3)
    base = np.zeros(N)
    x = base.view(Sub)
    x.info = info

    def write(v):
        base[...] = v
        info[...] = v

    return x, write


def masked():
    m = np.ma.array(np.zeros(N), mask=[1, 0, 0, 0, 1, 0], hard_mask=True)

    def write(v):
        m.data[...] = v
        m._mask[1] = v % 2

    return m, write


def objects():
    inner, row = np.zeros(3), [0.0]
    o = np.array([inner, row, None, "text", (inner,)], dtype=object)

    def write(v):
        inner[...] = v
        row[:] = [v]
        o[3] = v

    return o, write


def objects_in_fields():
    inner = np.zeros(3)
    o = np.zeros(2, dtype=[("a", "O"), ("b", "f8")])
    o["a"][:] = [inner, [inner]]

    def write(v):
        inner[...] = v
        o["b"] = v

    return o, write


def mapped():
    with tempfile.TemporaryFile() as file:
        m = np.memmap(file, dtype="f8", mode="w+", shape=(N,))
    return m, writes(m)


def mutable_bytes():
    b = bytearray(16)
    return b, lambda v: b.__setitem__(slice(None), bytes([int(v)]) * 16)


def numbers():
    a = array.array("d", [0.0] * 4)
    return a, lambda v: a.__setitem__(slice(None), array.array("d", [v] * 4))


def over_bytes():
    b, write = mutable_bytes()
    return np.frombuffer(b), write


def nested(build):
    def make():
        base = np.zeros((N, N))
        return build(base), writes(base)

    return make


def growing():
    rows = []
    return rows, lambda v: rows.append(v)


def counting():
    count = {}
    return count, lambda v: count.update({v: [v]})


def borrowed(change):
    def make():
        base = np.zeros(N)
        return change(base), writes(base)

    return make


def cow_state():
    a = cow.zeros(N)
    return a, writes(a)


def cow_objects():
    inner = np.zeros(3)
    return cow.array([inner, None], dtype=object), writes(inner)


def closed(x):
    x = x[1:]
    x.flags.writeable = False
    return x


STATES = {
    "1-d": of_array(lambda x: x.reshape(-1)),
    "owner": of_array(lambda x: x),
    "2-d view": of_array(lambda x: x[1:4, 2:]),
    "strided": of_array(lambda x: x[::2, ::3]),
    "reversed": of_array(lambda x: x[::-1]),
    "transposed": of_array(lambda x: x.T),
    "0-d": of_array(lambda x: x[1:2, 1].reshape(())),
    "empty": of_array(lambda x: x[:0]),
    "diagonal": of_array(np.diag),
    "read-only": of_array(closed),
    "broadcast": of_array(lambda x: np.broadcast_to(x, (50, N, N))),
    "windows": of_array(lambda x: np.lib.stride_tricks.sliding_window_view(x[0], 3)),
    "as_strided": of_array(
        lambda x: np.lib.stride_tricks.as_strided(x[0], (3, 2), (8, 16))
    ),
    "other dtype": of_array(lambda x: x.view("c16")),
    "real": of_array(lambda x: x.view("c16").real),
    "matrix": of_array(lambda x: x.view(np.matrix)),
    "structured": of_array(lambda x: x.view([("a", "f8"), ("b", "f8")])),
    "field": of_array(lambda x: x.view([("a", "f8"), ("b", "f8")])["b"]),
    "records": of_array(lambda x: x.view([("a", "f8"), ("b", "f8")]).view(np.recarray)),
    "record": of_array(lambda x: x.view([("a", "f8"), ("b", "f8")])[0, 0]),
    "flat": of_array(lambda x: x.flat),
    "memoryview": of_array(lambda x: memoryview(x[0])),
    "memoryview of a view": of_array(lambda x: memoryview(x.T[1:])),
    "subclass": subclass,
    "masked": masked,
    "objects": objects,
    "view of objects": lambda: (lambda o, w: (o[:2], w))(*objects()),
    "fields of objects": objects_in_fields,
    "memmap": mapped,
    "bytearray": mutable_bytes,
    "array.array": numbers,
    "over bytes": over_bytes,
    "list": nested(lambda x: [x[0], x[1], x]),
    "dict": nested(lambda x: {"a": x[0], ("b", 1): x[1:]}),
    "dict in a list": nested(lambda x: [{"a": x[0], "b": [x[1]]}]),
    "ordered dict": nested(lambda x: collections.OrderedDict(a=x[0])),
    "default dict": nested(lambda x: collections.defaultdict(list, a=x[0])),
    "values": nested(lambda x: {"a": x[0]}.values()),
    "keys and items": nested(lambda x: [{"a": x}.keys(), {"a": x}.items()]),
    "proxy": nested(lambda x: types.MappingProxyType({"a": x})),
    "tuple": nested(lambda x: (x[0], (x[1],))),
    "named tuple": nested(lambda x: Pair(x[0], [x[1]])),
    "dataclass": nested(lambda x: Box(x[0], [x[1]])),
    "slots": nested(lambda x: Slots(x[0])),
    "namespace": nested(lambda x: types.SimpleNamespace(x=x[0])),
    "deque": nested(lambda x: collections.deque([x[0], x], maxlen=2)),
    "user list": nested(lambda x: collections.UserList([x])),
    "user dict": nested(lambda x: collections.UserDict({"a": x})),
    "chain map": nested(lambda x: collections.ChainMap({"a": x}, {"b": x[0]})),
    "set": nested(lambda x: {1, 2}),
    "list that grows": growing,
    "dict that grows": counting,
    "cow array": cow_state,
    "cow view": lambda: (lambda a, w: (a[1:], w))(*cow_state()),
    "cow array of objects": cow_objects,
    "borrowed": borrowed(cow.asarray),
    "read-only borrowed": borrowed(cow.readonly),
}


def frozen(x):
    """Return what a value looks like, down to the classes of its parts."""
    kind = type(x).__name__
    if isinstance(x, np.flatiter):
        return kind, x.base.tolist()
    if isinstance(x, np.ndarray):
        plain = x.filled(-1) if isinstance(x, np.ma.MaskedArray) else np.asarray(x)
        items = [frozen(each) for each in plain.ravel().tolist()]
        more = [frozen(x.info)] if isinstance(x, Sub) else x.flags.writeable
        return kind, x.dtype.str, x.shape, items, more
    if isinstance(x, memoryview):
        return kind, x.format, x.shape, x.readonly, x.tolist()
    if isinstance(x, np.void):
        return kind, x.tolist()
    if isinstance(x, (dict, collections.UserDict, types.MappingProxyType)):
        return kind, [(k, frozen(v)) for k, v in x.items()]
    if isinstance(x, collections.ChainMap):
        return kind, [frozen(each) for each in x.maps]
    if isinstance(x, (Box, types.SimpleNamespace)):
        return kind, [(k, frozen(v)) for k, v in vars(x).items()]
    if isinstance(x, Slots):
        return kind, frozen(x.x)
    if isinstance(x, str | complex | float | int | bytes | None):
        return x
    return kind, [frozen(each) for each in x]


def spoil(x):
    """Write into all that can be written."""
    if isinstance(x, np.flatiter):
        x[:] = 77
    elif isinstance(x, np.ndarray):
        if x.dtype.hasobject:
            for each in x.ravel().tolist():
                spoil(each)
        if isinstance(x, Sub):
            spoil(x.info)
        if x.flags.writeable or (isinstance(x, cow.CowArray) and not readonly(x)):
            x[...] = 77
    elif isinstance(x, np.void):
        x["a"] = 77
    elif isinstance(x, memoryview):
        np.asarray(x)[...] = 77
    elif isinstance(x, bytearray | array.array):
        x[0] = 77
    elif isinstance(x, Box | types.SimpleNamespace):
        spoil(list(vars(x).values()))
        x.x = 77
    elif isinstance(x, Slots):
        spoil(x.x)
    elif isinstance(x, str | complex | float | int | bytes | None):
        pass
    else:
        _spoil_container(x)


def readonly(x):
    return isinstance(x, cow.CowArray) and cow.is_readonly(x)


def _spoil_container(x):
    values = x.values() if hasattr(x, "values") else x
    for each in list(values):
        spoil(each)
    if hasattr(x, "clear"):
        x.clear()


# ------------------------------------------------ how a state is given out


def function(own, value, write):
    def step(v):
        write(v)
        return value

    return own(step)


def default_argument(own, value, write):
    def step(v, kept=[value]):  # noqa: B006
        write(v)
        return kept[0]

    return own(step, only="v")


kept = {}


def global_state(own, value, write):
    kept["value"] = value

    def step(v):
        write(v)
        return kept["value"]

    return own(step)


class _Holder:
    def __init__(self, value, write):
        self.value, self.write = value, write


def method(own, value, write):
    class Env(_Holder):
        @own
        def step(self, v):
            self.write(v)
            return self.value

    return Env(value, write).step


def bound_method(own, value, write):
    class Env(_Holder):
        def step(self, v):
            self.write(v)
            return self.value

    return own(Env(value, write).step)


def callable_object(own, value, write):
    class Plan(_Holder):
        def __call__(self, v):
            self.write(v)
            return self.value

    return own(Plan(value, write))


def whole_class(own, value, write):
    @own
    class Env(_Holder):
        def step(self, v):
            self.write(v)
            return self.value

    return Env(value, write).step


def item(own, value, write):
    @own
    class Ring(_Holder):
        def __getitem__(self, v):
            self.write(v)
            return self.value

    return Ring(value, write).__getitem__


def property_(own, value, write):
    class Image(_Holder):
        @own
        @property
        def data(self):
            return self.value

    image = Image(value, write)
    return lambda v: (write(v), image.data)[1]


def cached_property(own, value, write):
    class Image(_Holder):
        @own
        @functools.cached_property
        def data(self):
            return self.value

    image = Image(value, write)
    return lambda v: (write(v), image.data)[1]


def cached_property_of_a_class(own, value, write):
    @own
    class Image(_Holder):
        @functools.cached_property
        def data(self):
            return value

    image = Image(None, write)
    return lambda v: (write(v), image.data)[1]


def class_method(own, value, write):
    class Env:
        kept = [value]

        @own
        @classmethod
        def step(cls, v):
            write(v)
            return cls.kept[0]

    return Env.step


def static_method(own, value, write):
    class Env:
        @own
        @staticmethod
        def step(v):
            write(v)
            return value

    return Env.step


def partial(own, value, write):
    def step(scale, v):
        write(v * scale)
        return value

    return own(functools.partial(step, 1))


def lru_cache(own, value, write):
    @functools.lru_cache
    def load():
        return value

    get = own(load)
    return lambda v: (write(v), get())[1]


def generator(own, value, write):
    def frames():
        v = 0
        while True:
            v = yield value
            write(v)

    run = own(frames)()
    next(run)
    return run.send


def for_loop(own, value, write):
    def frames():
        while True:
            write(asked[0])
            yield value

    asked, run = [0], own(frames)()
    return lambda v: (asked.__setitem__(0, v), next(run))[1]


def returned_by_a_generator(own, value, write):
    @own
    def last(v):
        yield
        write(v)
        return value

    def call(v):
        *_, result = [None, *_delegate(last(v))]
        return result

    def _delegate(run):
        result = yield from run
        yield result

    return call


def generator_that_is_returned(own, value, write):
    return lambda v: next(own(lambda v: ((write(v), value)[1] for _ in "ab"))(v))


def iterator_that_is_returned(own, value, write):
    held = [value]
    get = own(lambda: iter(held))
    return lambda v: (write(v), next(get()))[1]


def coroutine(own, value, write):
    @own
    async def step(v):
        write(v)
        return value

    return lambda v: asyncio.run(step(v))


def async_generator(own, value, write):
    @own
    async def frames(v):
        write(v)
        yield value

    async def first(v):
        async for each in frames(v):
            return each

    return lambda v: asyncio.run(first(v))


def in_a_fresh_container(own, value, write):
    def step(v):
        write(v)
        return {"x": [value]}

    get = own(step)
    return lambda v: get(v)["x"][0]


WAYS = [
    *(function, default_argument, global_state, method, bound_method),
    *(callable_object, whole_class, item, property_, cached_property),
    *(cached_property_of_a_class, class_method, static_method, partial, lru_cache),
    *(generator, for_loop, returned_by_a_generator, generator_that_is_returned),
    *(iterator_that_is_returned, coroutine, async_generator, in_a_fresh_container),
]
