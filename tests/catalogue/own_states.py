"""What functions keep and give out; the ways in which they do are in own_ways.py.

A state is a value and a function that writes a number all over it, as the next call
of an environment, a ring buffer or a plan does.
"""

import array
import collections
import dataclasses
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
