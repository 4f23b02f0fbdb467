"""Hostile input: an exception or a correct array, never a crash.

``python hostile.py SEED STEPS`` takes random steps, each an odd use of the
victim, an array that shares its memory with bystanders. Afterwards every
bystander has its values, and every array stands the core's consistency check.
The last line printed names the step at which a process died.
"""

import faulthandler
import gc
import operator
import os
import pickle
import random
import resource
import signal
import sys
import warnings

import numpy as np
from numpy.lib import NumpyVersion

import cow
from cow import _core

try:
    from tests.programs import odd
except ImportError:  # run as a program
    import odd

DTYPES = ["f8", "i2", "?", "c8", "S3", "U2", "O", "T", "M8[s]", ">i4", "V5", "S0"]
DTYPES += ["f4,O", "i4,(2,)f4"]
SHAPES = [(5,), (3, 4), (), (0,), (2, 0, 3), (1,) * 12, (4, 1, 2)]
# raw pointers to C functions, switches of the whole process, files
NOT_CALLED = {"configure", "measure", "capsule", "set_ledger", "trim"}
FILES = {"save", "savez", "savez_compressed", "savetxt", "load", "loadtxt", "memmap"}
FILES |= {"genfromtxt", "fromfile", "tofile", "dump", "fromregex", "show_config"}
FILES |= {"info", "test", "show_runtime", "setbufsize", "seterr", "from_dlpack"}
FILES |= {"set_printoptions", "errstate", "printoptions", "lookfor", "source"}
FILES |= {"setprintoptions", "seterrcall", "get_include", "ctypes", "data"}
FUNCTIONS = [
    getattr(np, n) for n in dir(np) if callable(getattr(np, n)) and n not in FILES
]
FUNCTIONS = [f for f in FUNCTIONS if not isinstance(f, type)]
FILES |= {"byteswap"}  # of strings in place: NumPy dies
METHODS = [n for n in dir(cow.CowArray) if n not in FILES and n != "__class__"]
OPERATORS = [getattr(operator, n) for n in operator.__all__ if n != "call"]


class Hostile:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kept = []

    # ------------------------------------------------------ arrays and junk

    def array(self):
        """Return a plain array of any dtype, shape and order."""
        dtype, shape = np.dtype(self.pick(DTYPES)), self.pick(SHAPES)
        n = int(np.prod(shape))
        if dtype.kind == "O":
            a = np.array([[i] for i in range(n)] + [0], dtype=object)[:-1]
        elif dtype.names or dtype.kind in "VM?":
            a = np.zeros(n, dtype)
        else:
            a = (np.arange(n) % 90).astype(dtype)
        a = a.reshape(shape)
        return self.pick([a, a, a.T, np.asfortranarray(a), a[::-1] if a.ndim else a])

    def source(self):
        a = self.pick([cow.array, cow.asarray, cow.array])(self.array())
        return self.pick([a, a, a[...], a.T, a.copy(), a[1:] if a.ndim else a])

    def victim(self, c):
        """Return `c`, or an array of another class made from it."""
        view = self.pick([c.view, lambda cls: np.ndarray.view(c, cls), cow.readonly])
        try:
            made = c if self.random.random() < 0.6 else view(self.pick(odd.CLASSES))
        except (Exception, odd.Interrupt):
            return c
        return made if isinstance(made, np.ndarray) else c

    def pick(self, items):
        return self.random.choice(items)

    def number(self):
        return self.pick([0, 1, -1, 2, 3, 7, -9, 2**31, -(2**63), 2**64, 10**30])

    def junk(self, a=None):
        make = self.pick(odd.JUNK)
        value = make(self.random, a)
        if self.random.random() < 0.2:
            value = self.pick([[value], (value,), {"out": value}, (value, None)])
        return value

    def arguments(self, a):
        return [self.junk(a) for _ in range(self.random.randrange(4))]

    # ---------------------------------------------------------------- steps

    def construct(self, a):
        names = [n for n in cow._array.creation.__all__ if n not in FILES]
        function = getattr(cow, self.pick(names))
        return function(
            self.pick([self.junk(a), a, odd.buffer(self.random)]),
            *self.arguments(a)[:2],
        )

    def new(self, a):
        make = self.pick(
            [
                lambda *args: object.__new__(*args),
                lambda *args: np.ndarray.__new__(*args),
                lambda *args: _core.Array.__new__(*args),
                lambda cls, *args: cls(*args),
            ]
        )
        cls = self.pick([cow.CowArray, _core.Array, cow.ReadOnlyArray, *odd.CLASSES])
        size = self.pick([(3,), (), 2, (2, 2), 2**62])  # below 0 NumPy dies
        dtype = self.pick(["f8", "S0", "V3", "i2,f4"])
        rest = self.pick(
            [
                (),
                (odd.buffer(self.random),),
                (odd.buffer(self.random), self.pick([0, 1, 8, 9, 10**30])),
                (None, 0, (0,)),
                (odd.buffer(self.random), 0, self.junk(a)),
            ]
        )
        if size == 2**62:
            dtype = "f8"  # of no bytes each, that many would fit
        elif not rest:  # bytes as pointers to objects would be a forgery
            dtype = self.pick([dtype, "O", "f4,O", "T", self.junk(a)])
        return make(cls, size, dtype, *rest)

    def again(self, a):
        a.__init__(*self.arguments(a))
        return type(a).__new__(type(a), *self.arguments(a))

    def state(self, a):
        old = list(self.array().__reduce__()[2])
        for _ in range(self.random.randrange(3)):
            old[self.random.randrange(len(old))] = self.junk(a)
        state = self.pick([tuple(old), tuple(old), tuple(old[1:]), old, self.junk(a)])
        a.__setstate__(state)

    def pickled(self, a):
        part = self.pick(
            [
                lambda: pickle.loads(pickle.dumps(a, self.random.randrange(6))),
                lambda: self.rebuilt(a.__reduce__()),
                lambda: self.rebuilt(a.__reduce_ex__(self.random.randrange(6))),
            ]
        )
        return part()

    def rebuilt(self, reduced):
        rebuild, args, state = reduced
        args = list(args)
        if self.random.random() < 0.5:
            args[self.random.randrange(len(args))] = self.junk()
        new = rebuild(*args)
        if state is not None and isinstance(new, cow.CowArray):
            new.__setstate__(state)
        return new

    def buffer(self, a):
        exporter = odd.buffer(self.random)
        made = self.pick([cow.asarray, cow.array, cow.frombuffer])(exporter)
        if isinstance(exporter, memoryview):
            try:
                exporter.release()
            except BufferError:
                pass
        made[...] = self.junk(a)
        return made

    def memory(self, a):
        m = self.pick([memoryview, np.asarray, lambda a: a.data])(a)
        self.keep(m)
        if isinstance(m, memoryview):
            self.pick([m.release, m.tobytes, lambda: m.cast("B"), m.tolist])()
        return m

    def dlpack(self, a):
        once = odd.Capsule(a, self.random)
        first = np.from_dlpack(once)
        made = self.pick([cow.asarray, cow.array])(first)
        made[...] = 0
        np.from_dlpack(once)

    def interface(self, a):
        return cow.asarray(odd.interface(self.random, self.junk(a)))

    def attribute(self, a):
        name = self.pick(
            [
                "shape",
                "dtype",
                "strides",
                "data",
                "real",
                "imag",
                "flat",
                "base",
                "ctypes",
                "__class__",
                "__array_interface__",
                "T",
                "__dict__",
                "at",
                "__array_priority__",
                "flags",
                "mT",
            ]
        )
        if name in ("real", "imag") and a.ndim == 0:
            return  # NumPy 2.5 does not ask whether it may write
        setter = self.pick(
            [setattr, lambda a, n, v: getattr(np.ndarray, n).__set__(a, v)]
        )
        value = self.pick(
            [
                self.junk(a),
                self.pick(odd.CLASSES),
                (1, -1),
                "i1",
                (0,),
                "O",
                (self.number(),),
                cow.CowArray,
                _core.Array,
            ]
        )
        setter(a, name, value)

    def flags(self, a):
        name = self.pick(["writeable", "aligned", "writebackifcopy"])
        self.pick(
            [
                lambda: setattr(a.flags, name, True),
                lambda: np.ndarray.setflags(a, write=True),
                lambda: a.setflags(write=self.junk(a)),
                lambda: setattr(np.asarray(a).flags, name, True),
                lambda: setattr(_core.plain(a).base.flags, name, True),
                lambda: memoryview(_core.plain(a).base),
            ]
        )()

    def unbound(self, a):
        name = self.pick([n for n in dir(np.ndarray) if n not in FILES])
        return getattr(np.ndarray, name)(a, *self.arguments(a))

    def method(self, a):
        return getattr(a, self.pick(METHODS))(*self.arguments(a))

    def index(self, a):
        self.pick(
            [
                lambda: operator.setitem(a, self.junk(a), self.junk(a)),
                lambda: operator.setitem(a, ..., self.junk(a)),
                lambda: operator.delitem(a, self.junk(a)),
            ]
        )()
        return a[self.junk(a)]

    def operate(self, a):
        pair = [a, self.junk(a)]
        self.random.shuffle(pair)
        return self.pick(OPERATORS)(*pair)

    def function(self, a):
        return self.pick(FUNCTIONS)(*self.pick([[a], []]), *self.arguments(a))

    def ufunc(self, a):
        ufunc = self.pick([np.add, np.divmod, np.negative, np.matmul, np.modf])
        method = self.pick(["__call__", "at", "reduce", "reduceat", "outer", "x"])
        args = self.arguments(a)
        kwargs = {self.pick(["out", "where", "axis", "dtype"]): self.junk(a)}
        return self.pick(
            [
                lambda: getattr(ufunc, method)(a, *args, **kwargs),
                lambda: a.__array_ufunc__(ufunc, method, a, *args, **kwargs),
                lambda: a.__array_ufunc__(*args, **kwargs),
                lambda: a.__array_function__(*args, self.junk(a)),
            ]
        )()

    def core(self, a):
        names = [n for n in dir(_core) if n[0] != "_" and n not in NOT_CALLED]
        function = getattr(_core, self.pick(names))
        args = self.pick([[a], [], [a, type(a)]]) + self.arguments(a)
        return function(*args)

    def kind(self, a):
        cls = self.pick([*odd.CLASSES, np.ndarray, _core.Array, cow.CowArray])
        self.pick(
            [
                lambda: setattr(a, "__class__", cls),
                lambda: self.keep(a.view(cls)),
                lambda: self.keep(np.ndarray.view(a, cls)),
                lambda: self.keep(np.array(a, subok=True).view(cls)),
                lambda: a.__array_finalize__(self.junk(a)),
                lambda: cls.__array_finalize__(a, self.junk(a)),
            ]
        )()

    def keep(self, value):
        self.kept.append(value)
        del self.kept[:-8]
        return value

    STEPS = ("construct", "new", "again", "state", "pickled", "buffer", "memory")
    STEPS += ("dlpack", "attribute", "flags", "unbound", "method")
    if NumpyVersion(np.__version__) >= "2.3.0":
        STEPS += ("interface",)  # older ones die in np.array of a malformed one
    STEPS += ("index", "operate", "function", "ufunc", "core", "kind")

    def step(self, name):
        """Take the step; return the number of arrays that were looked at."""
        c = self.source()
        bystanders = [_core.share(c, cow.CowArray), c[...], _core.plain(c)]
        values = frozen(c)
        a = self.victim(c)
        result = None
        try:
            result = getattr(self, name)(a)
        except (Exception, odd.Interrupt):
            pass
        for bystander in bystanders:
            now = frozen(bystander)
            assert now == values, f"a bystander has changed: {values} {now}"
        return look_at([c, a, result, *bystanders, *self.kept, *odd.kept])


def frozen(a):
    """The values of an array, to compare."""
    items = np.array(a).tolist()
    return pickle.dumps(items) if a.dtype.hasobject else repr(items)


def look_at(items):
    """Read and check every cow array among the items."""
    arrays = [a for a in items if isinstance(a, _core.Array)]
    arrays = [a for a in arrays if np.ndarray.size.__get__(a) < 10**6]
    for a in arrays:  # what NumPy changed behind our back is seen when touched
        np.array(_core.plain(a)).tolist()
    for a in arrays:
        _core.check(a)
    return len(arrays)


def run(seed, steps, names=Hostile.STEPS):
    hostile = Hostile(seed)
    for i in range(steps):
        name = hostile.pick(names)
        print(seed, i, name, flush=True)
        signal.alarm(20)  # an object may well loop for ever in Python code
        hostile.step(name)
        signal.alarm(0)
        if i % 50 == 0:
            gc.collect()
    hostile.kept.clear()
    odd.kept.clear()
    gc.collect()


def interrupt(*args):
    raise odd.Interrupt("too slow")


def main(seed, steps, *names):
    faulthandler.enable()
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    limit = 4 << 30  # sizes that nobody can allocate shall fail, and fast
    if "asan" not in os.environ.get("LD_PRELOAD", ""):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sys.unraisablehook = lambda *args: None
    signal.signal(signal.SIGALRM, interrupt)
    run(seed, steps, names or Hostile.STEPS)
    print("unharmed")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
