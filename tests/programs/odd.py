"""Odd classes, exporters and objects for `hostile`."""

import array
import ctypes
import gc

import numpy as np

import cow
from cow import _core

try:
    import _testbuffer  # CPython's own exporter of odd buffers, where it is built
except ImportError:
    _testbuffer = None

kept = []


class Interrupt(BaseException):
    """Raised by odd objects, as KeyboardInterrupt would be."""


# ---------------------------------------------------------------- subclasses


class Raises(cow.CowArray):
    def __array_finalize__(self, obj):
        raise RuntimeError("finalize")


class Writes(cow.CowArray):
    def __array_finalize__(self, obj):
        self[...] = 0


class WritesSource(cow.CowArray):
    def __array_finalize__(self, obj):
        if isinstance(obj, np.ndarray):
            obj[...] = 1


class Keeps(cow.CowArray):
    def __array_finalize__(self, obj):
        kept.append((self, obj))
        del kept[:-5]


class Reshapes(cow.CowArray):
    def __array_finalize__(self, obj):
        self.shape = (self.size,)


class Views(cow.CowArray):
    def __array_finalize__(self, obj):
        kept.append(self[...])
        del kept[:-5]


class NoHook(cow.CowArray):
    __array_finalize__ = None


class NotCallable(cow.CowArray):
    __array_finalize__ = 3


class Static(cow.CowArray):
    @staticmethod
    def __array_finalize__(obj):
        pass


class Lies(cow.CowArray):
    @property
    def __class__(self):
        return np.ndarray


class NoUfunc(cow.CowArray):
    __array_ufunc__ = None
    __array_priority__ = "high"


class Result(cow.CowArray):
    _result_class = int


class Attributes(cow.CowArray):
    def __getattribute__(self, name):
        if name in ("dtype", "shape", "__dict__", "__array_finalize__"):
            raise Interrupt(name)
        return super().__getattribute__(name)


class Resurrects(cow.CowArray):
    def __del__(self):
        kept.append(self)
        del kept[:-5]


class WritesAtDeath(cow.CowArray):
    def __del__(self):
        self[...] = 0


class Slots(cow.CowArray):
    __slots__ = ()


class Other(cow.CowArray):
    def __new__(cls, *args):
        return np.zeros(2) if args else None


class Wraps(cow.CowArray):
    def __array_wrap__(self, *args):
        return args

    def __getitem__(self, idx):
        return super().__getitem__(idx) if isinstance(idx, int) else self


class Twice(cow.CowArray, np.recarray):
    pass


class Foreign(np.ndarray):
    def __array_finalize__(self, obj):
        self.info = getattr(obj, "info", None)


class ForeignWrites(np.ndarray):
    def __array_finalize__(self, obj):
        if isinstance(obj, np.ndarray):
            obj[...] = 5


CLASSES = [Raises, Writes, WritesSource, Keeps, Reshapes, Views, NoHook, NotCallable]
CLASSES += [Static, Lies, NoUfunc, Result, Attributes, Resurrects, WritesAtDeath]
CLASSES += [Slots, Other, Wraps, Twice, Foreign, ForeignWrites, cow.ReadOnlyArray]
CLASSES += [np.ma.MaskedArray, np.matrix, np.recarray]


# ------------------------------------------------------------------- objects


class Evil:
    """Does something to the array whenever it is asked for anything."""

    def __init__(self, random, a):
        self.random = random
        self.array = a

    def act(self, *args):
        a = self.array
        if not isinstance(a, np.ndarray):
            return self.random.choice([0, -1, None, "x"])
        i = self.random.randrange(10)
        if i == 0:
            raise Interrupt("evil")
        if i == 1:
            a[...] = 0
        elif i == 2:
            a.__setstate__((1, (2,), np.dtype("i1"), False, b"ab"))
        elif i == 3:
            a.resize((2, 2))
        elif i == 4:
            kept.append(a[...])
            del kept[:-5]
        elif i == 5:
            a.shape = (-1,)
        elif i == 6:
            gc.collect()
        elif i == 7:
            a += 1
        elif i == 8:
            self.array = None
        return self.random.choice([0, 1, 2, -1])

    __index__ = __int__ = __float__ = __len__ = __bool__ = __hash__ = act
    __eq__ = __lt__ = __gt__ = __add__ = __radd__ = __mul__ = __rmul__ = act
    __getitem__ = __neg__ = __call__ = __del__ = act

    def __iter__(self):
        return iter([self.act(), self.act()])

    def __array__(self, dtype=None, copy=None):
        self.act()
        return self.array if isinstance(self.array, np.ndarray) else 0


class Overrides:
    def __init__(self, a):
        self.array = a

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if isinstance(self.array, np.ndarray):
            self.array[...] = 0
        return NotImplemented if method == "at" else self

    def __array_function__(self, *args):
        return self


def looped():
    items = [1]
    items.append(items)
    return items


JUNK = [
    lambda r, a: r.choice([0, 1, -1, 2, 5, -7]),
    lambda r, a: r.choice([2**31, -(2**63), 2**63, 2**64, 10**30]),
    lambda r, a: r.choice([0.5, float("nan"), float("inf"), 1j, True, None, ...]),
    lambda r, a: r.choice(["x", "", "f8", "O", b"ab", "K", "real", "\0", "T"]),
    lambda r, a: r.choice([(), [], {}, set(), (1, 2), [0, 1], {"a": 1}]),
    lambda r, a: r.choice(
        [slice(1), slice(None, None, -1), slice("x"), slice(0, 9, 0)]
    ),
    lambda r, a: r.choice([int, object, np.ndarray, cow.CowArray, type, np.float32]),
    lambda r, a: r.choice([np.dtype("f8"), np.dtype("f4,O"), np.dtypes.StringDType()]),
    lambda r, a: r.choice(
        [np.float64(2), np.int8(1), np.str_("a"), np.datetime64(1, "s")]
    ),
    lambda r, a: r.choice([len, print, lambda *args: 1, np.add, np.sum]),
    lambda r, a: np.arange(r.randrange(4)),
    lambda r, a: np.ones((2, 2), dtype=r.choice(["f8", "O", "?"])),
    lambda r, a: np.zeros(2)[:0],
    lambda r, a: cow.arange(4.0),
    lambda r, a: cow.array([None, [1]], dtype=object)[r.choice([0, ..., slice(1)])],
    lambda r, a: a,
    lambda r, a: a[...] if isinstance(a, np.ndarray) else a,
    lambda r, a: _core.plain(a) if isinstance(a, _core.Array) else a,
    lambda r, a: np.asarray(a) == np.asarray(a) if isinstance(a, np.ndarray) else a,
    lambda r, a: memoryview(b"abcdefgh"),
    lambda r, a: Evil(r, a),
    lambda r, a: [Evil(r, a), Evil(r, a)],
    lambda r, a: Overrides(a),
    lambda r, a: looped(),
    lambda r, a: np.nditer(np.zeros(2)),
    lambda r, a: np.broadcast(np.zeros(2), 1),
    lambda r, a: np.zeros(3).flat,
    lambda r, a: np.ma.array([1, 2], mask=[0, 1]),
    lambda r, a: buffer(r),
]


# ------------------------------------------------- buffers and the protocols


def buffer(r):
    """Return an object that exports a buffer, none of which lies."""
    p = np.arange(24, dtype="i2").reshape(4, 6)
    make = [
        lambda: b"12345678",
        lambda: bytearray(16),
        lambda: memoryview(bytearray(16)),
        lambda: memoryview(b"abcdef")[::-2],
        lambda: array.array("d", [1, 2]),
        lambda: (ctypes.c_int * 4)(1, 2, 3, 4),
        lambda: ctypes.c_double(5),
        lambda: memoryview(np.asfortranarray(p)),
        lambda: memoryview(p)[::2],
        lambda: memoryview(np.lib.stride_tricks.as_strided(p, (3, 3), (0, 0))),
        lambda: memoryview(np.zeros((0, 3))),
        lambda: memoryview(np.array(5)),
        lambda: memoryview(np.array([None, []], dtype=object)),
        lambda: memoryview(np.zeros(2, "i4,f8")),
    ]
    if _testbuffer is not None:
        make += [
            lambda: _testbuffer.ndarray(
                list(range(6)), shape=[2, 3], format="h", flags=_testbuffer.ND_PIL
            ),
            lambda: _testbuffer.ndarray(
                list(range(6)), shape=[6], format="i", strides=[-4], offset=20
            ),
            lambda: _testbuffer.ndarray([1], shape=[], format="L"),
            lambda: _testbuffer.ndarray([(1, 2)] * 3, shape=[3], format="bh"),
            lambda: _testbuffer.ndarray(
                [1, 2], shape=[2], format="i", flags=_testbuffer.ND_WRITABLE
            ),
        ]
    return r.choice(make)()


class Capsule:
    """Gives the same DLPack capsule each time it is asked."""

    def __init__(self, a, r):
        made = r.choice([a, np.asarray(a), np.arange(6.0)])
        self.capsule = made.__dlpack__(**r.choice([{}, {"max_version": (1, 0)}]))
        self.device = r.choice([(1, 0), (1, 0), (2, 0), None, ("cpu", -1)])

    def __dlpack__(self, **kwargs):
        return self.capsule

    def __dlpack_device__(self):
        return self.device


class Interface:
    pass


def interface(r, junk):
    """Return an object with a malformed ``__array_interface__`` or struct."""
    holder = Interface()
    holder.owner = np.arange(12.0)
    if r.random() < 0.3:
        holder.__array_struct__ = r.choice([_core.capsule, None, junk, "x"])
        return holder
    description = {"shape": (4,), "typestr": "<f8", "data": holder.owner, "version": 3}
    # nothing that NumPy, which does not compare with the buffer, would believe
    wrong = {
        "shape": [(-1,), 3, "x", (2**62, 2**62), None, (2, 2), ()],
        "typestr": ["", "<f99", 3, None, "|V3", "<i4"],
        "data": [None, (1,), ("x", 0)],
        "strides": [(1, 1), "x", None, (-1,) * 3],
        "descr": [[], "x", [("", "<f8")], junk],
        "offset": [-(2**70), "x", None, 1.5],
        "version": [2, None, "x"],
    }
    for _ in range(r.randrange(3)):
        key = r.choice(sorted(wrong))
        description[key] = r.choice(wrong[key])
    if r.random() < 0.2:
        description.pop(r.choice(sorted(description)))
    holder.__array_interface__ = r.choice([description, description, junk])
    return holder
