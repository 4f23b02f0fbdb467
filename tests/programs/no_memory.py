"""Each allocation of each operation fails: nothing has changed, nothing is lost.

``python no_memory.py``: the operation raises and the arrays are as they were, or it
succeeds with the right result; what it leaves is consistent, and every storage dies
with its arrays. NumPy's allocations for elements fail by a handler. CPython's fail
by its own test module, one alone and all from one on, in what the core does itself:
elsewhere NumPy 2.4 and CPython lose references (`ufunc` overrides, closures), raise
SystemError or crash (`copy.deepcopy`, `pickle`) on plain arrays, too.
"""

import copy
import ctypes
import gc
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import weakref

import numpy as np

import cow
from cow import _core

try:
    import _testcapi
except ImportError:  # a CPython without its test modules
    _testcapi = None

N = 200


class Sub(cow.CowArray):
    """Has a dictionary."""


class State:
    """An array, a view and a snapshot that share its memory, and a plain array."""

    def __init__(self, dtype, cls):
        self.plain = np.arange(float(N)).reshape(20, 10).astype(dtype)
        self.a = cow.array(self.plain).view(cls)
        self.v = self.a[2:4]
        self.b = self.a[...]
        self.alone = cow.array(self.plain)
        self.loan = cow.asarray(self.plain)
        self.export = np.asarray(self.v)

    def arrays(self):
        return [self.a, self.v, self.b, self.alone, self.loan]

    def values(self):
        plains = [_core.plain(c) for c in self.arrays()]
        return [p.tolist() for p in [*plains, self.plain, self.export]]

    def sharing(self):
        return [(*_core.sharing(c)[:2], *_core.sharing(c)[5:]) for c in self.arrays()]

    def check(self):
        for c in self.arrays():
            _core.check(c)


@cow.no_mutate
def writes(x):
    x[0] = 1
    return x[1:]


OPERATIONS = {
    "element": lambda s: s.a[3, 4],
    "row": lambda s: s.a[3],
    "slice": lambda s: s.a[2:9, ::2],
    "mask": lambda s: s.a[s.a > 3],
    "fancy": lambda s: s.a[[1, 2]],
    "transposed": lambda s: s.a.T,
    "reshape": lambda s: s.a.reshape(10, 20),
    "iterate": lambda s: list(s.a),
    "set element": lambda s: s.a.__setitem__((3, 4), 5),
    "set slice": lambda s: s.a.__setitem__(slice(2, 9), 5),
    "set view": lambda s: s.v.__setitem__(..., 5),
    "set fancy": lambda s: s.b.__setitem__([1, 2], 5),
    "set reversed": lambda s: s.a.__setitem__(slice(None), s.a[::-1]),
    "set alone": lambda s: s.alone.__setitem__(3, 5),
    "set loan": lambda s: s.loan.__setitem__(3, 5),
    "views of one": lambda s: [s.alone[i : i + 2] for i in range(4)],
    "move others": lambda s: (
        s.__dict__.update(v=s.alone[2:4], b=s.alone[5]),
        s.alone.__setitem__(2, 7),
    ),
    "copy": lambda s: s.a.copy(),
    "copy F": lambda s: s.a.copy("F"),
    "deepcopy": lambda s: copy.deepcopy(s.a),
    "pickle": lambda s: pickle.loads(pickle.dumps(s.a, 5)),
    "add": lambda s: s.a + s.b,
    "add number": lambda s: 1 + s.a,
    "negative": lambda s: -s.a,
    "compare": lambda s: s.a == s.b,
    "power": lambda s: s.a**2,
    "in place": lambda s: s.a.__iadd__(s.v[:1]),
    "in place view": lambda s: s.v.__imul__(2),
    "ufunc": lambda s: np.multiply(s.a, s.b),
    "out": lambda s: np.add(s.a, 1, out=s.b),
    "out alone": lambda s: np.add(s.alone, 1, out=s.alone),
    "two outs": lambda s: np.modf(s.plain * 1.0, out=(s.a, s.b), casting="unsafe"),
    "reduce": lambda s: np.add.reduce(s.a, axis=0),
    "at": lambda s: np.add.at(s.a, [0, 0], 1),
    "sum": lambda s: s.a.sum(axis=1),
    "sort": lambda s: s.a.sort(),
    "sort alone": lambda s: s.alone.sort(),
    "fill": lambda s: s.v.fill(3),
    "concatenate": lambda s: np.concatenate([s.a, s.v]),
    "where": lambda s: np.where(s.a == 3, s.a, s.b),
    "copyto": lambda s: np.copyto(s.b, s.a),
    "split": lambda s: np.array_split(s.a, 3),
    "wrap": lambda s: _core.wrap(s.plain, cow.CowArray),
    "share": lambda s: _core.share(s.plain, Sub),
    "asarray": lambda s: cow.asarray(s.plain),
    "array": lambda s: cow.array(s.plain),
    "zeros": lambda s: cow.zeros((3, 4)),
    "readonly": lambda s: cow.readonly(s.a),
    "detach": lambda s: _core.detach(s.a),
    "become": lambda s: _core.become(s.a, np.ones((3, 2), s.a.dtype)),
    "resize": lambda s: s.a.resize((4, 5)),
    "state": lambda s: s.a.__setstate__(np.ones(3, s.a.dtype).__reduce__()[2]),
    "memoryview": lambda s: memoryview(s.alone).tolist(),
    "dlpack": lambda s: np.from_dlpack(s.a),
    "flat": lambda s: s.a.flat.__setitem__(3, 1),
    "at set": lambda s: s.a.at[0].set(1),
    "masked": lambda s: np.ma.array(s.a),
    "foreign": lambda s: s.a.view(np.matrix),
    "repr": lambda s: repr(s.v),
    "guard": lambda s: writes(s.a),
    "guard plain": lambda s: writes(s.plain),
}
# fails after it has written, in NumPy itself or because it is many writes
STEPWISE = {"move others", "two outs", "at", "become"}
NOT_OF_OBJECTS = {"two outs", "memoryview", "dlpack"}
# in which CPython's allocators fail, too
OF_THE_CORE = ["element", "row", "slice", "transposed", "set element", "set slice"]
OF_THE_CORE += ["set view", "set alone", "set loan", "set reversed", "move others"]
OF_THE_CORE += ["copy", "copy F", "detach", "become", "wrap", "share", "fill", "sort"]
# those of a subclass are NumPy's, which makes each object anew in between
OPERATORS = ["add", "negative", "compare", "in place", "in place view"]
# NumPy 2.4 never gives back the operand of a reduction whose override raises
LEAKS = {"reduce"}


# ------------------------------------------------------ allocators that fail


class Elements:
    """A handler of NumPy's whose n-th allocation fails."""

    def __init__(self):
        source = pathlib.Path(__file__).with_name("fails.c")
        with tempfile.TemporaryDirectory() as folder:
            built = f"{folder}/fails.so"
            cc = os.environ.get("CC", "cc")
            subprocess.run([cc, "-shared", "-fPIC", "-o", built, source], check=True)
            self.library = ctypes.CDLL(built)
        self.left = ctypes.c_long.in_dll(self.library, "left")
        pointer, python = ctypes.c_void_p, ctypes.pythonapi
        python.PyCapsule_New.restype = ctypes.py_object
        python.PyCapsule_New.argtypes = [pointer, ctypes.c_char_p, pointer]
        python.PyCapsule_GetPointer.restype = pointer
        python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
        self.name = ctypes.c_char_p(b"mem_handler")
        handler = ctypes.addressof(ctypes.c_char.in_dll(self.library, "handler"))
        self.capsule = python.PyCapsule_New(handler, self.name, None)
        table = python.PyCapsule_GetPointer(np._core._multiarray_umath._ARRAY_API, None)
        address = (pointer * 305).from_address(table)[304]  # PyDataMem_SetHandler
        self.set = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(address)


class Failing:
    """Context in which allocation number `n` fails."""

    def __init__(self, n, what):
        self.n, self.what = n, what

    def __enter__(self):
        if self.what == "elements":
            elements.left.value = self.n
            self.old = elements.set(elements.capsule)
        else:
            _testcapi.set_nomemory(self.n, self.n + 1 if self.what == "one" else 0)

    def __exit__(self, *exc):
        if self.what == "elements":
            elements.set(self.old)
        else:
            _testcapi.remove_mem_hooks()


def plain(result):
    """What a result is worth, to compare."""
    if isinstance(result, np.ndarray):
        return (result.shape, str(result.dtype), np.asarray(result).tolist())
    if isinstance(result, (list, tuple)):
        return [plain(item) for item in result]
    return result


def attempt(name, make, n, what):
    """Let an allocation of the operation fail; return what it did instead."""
    operation, state = OPERATIONS[name], make()
    before = state.values(), state.sharing()
    refs = [weakref.ref(_core.plain(c)) for c in state.arrays()]
    failing, result, error = Failing(n, what), None, None
    failing.__enter__()
    try:
        result = operation(state)
    except (MemoryError, SystemError) as e:
        # NumPy's error without an exception, where not the elements failed
        assert what != "elements" or isinstance(e, MemoryError)
        error = e
    finally:
        failing.__exit__()
    state.check()
    after = state.values(), state.sharing()
    if error is None:
        return "done", plain(result), after[0]
    error.__traceback__ = error.__context__ = None
    del error
    if name not in STEPWISE:
        assert after[0] == before[0], "values have changed"
    assert after[0][-1] == before[0][-1], "the export has changed"
    del state
    gc.collect()
    lost = [ref for ref in refs if ref() is not None]
    assert not lost or name in LEAKS, "a storage lives on"
    return "failed", None, None


def run(name, make, what, most=2000):
    """Fail every allocation of an operation; return how many there were."""
    state = make()
    expected = "done", plain(OPERATIONS[name](state)), state.values()
    seen = 0
    for n in range(most):
        try:
            got = attempt(name, make, n, what)
            assert got[0] == "failed" or got == expected, "wrong result"
        except Exception as error:
            error.add_note(f"{name}, {what}, allocation {n}")
            raise
        seen += got[0] == "failed"
        # in mode "one" an optional allocation may fail without harm
        if got[0] == "done" and (what == "all" or n > 20 + 2 * seen):
            return seen
    raise AssertionError(f"{name} has no end")


elements = Elements()
KINDS = [("f8", cow.CowArray), ("O", cow.CowArray), ("i2", Sub)]


def main(names):
    total = 0
    for dtype, cls in KINDS:
        for name in names:
            if dtype == "O" and name in NOT_OF_OBJECTS:
                continue
            ways = ["elements"]
            plain_floats = (dtype, cls) == KINDS[0]
            inside = name in OF_THE_CORE or (name in OPERATORS and plain_floats)
            if _testcapi is not None and inside:
                ways += ["one", "all"]
            for what in ways:
                total += run(name, lambda d=dtype, c=cls: State(d, c), what)
    print(f"{total} allocations failed: nothing has changed")


if __name__ == "__main__":
    main(sys.argv[1:] or OPERATIONS)
