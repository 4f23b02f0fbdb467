"""A fuzzer of writes through raw pointers.

``python -m tests.programs.pointers SEED SECONDS`` takes random steps with arrays that
are viewed, copied, borrowed and written, by cow and through pointers that were asked
for by protocol; with the word ``paged`` after it, with arrays of `cow.paged`. Such a
write changes the array that was asked, and nothing else. A write by C code that ignores
the read-only flag (a *blind* one) changes the array that it was given and those that
share its memory as views do: never one that was copied.
"""

import copy
import gc
import mmap
import pickle
import random
import sys
import time
import weakref

import numpy as np

import cow
from cow import _core
from tests.programs.raw import (
    BLIND,
    FILLS,
    JOINED_POINTERS,
    POINTERS,
    address_of,
    blind_memset,
)
from tests.programs.spaces import as_plain, eager, same
from tests.programs.world import Difference

DTYPES = ["u1", "i2", "i4", "i8", "f4", "f8", "f8", "c8", "c16", "?"]
SIZES = [1, 2, 3, 8, 100, 9000, 100_000]
PAGED_SIZES = [9000, 70_000, 100_000, 300_001]  # most of them of 64 KiB and more
MOST = 14


# ------------------------------------------------------- views, copies, snapshots

VIEWS = {
    "all": lambda a: a[...],
    "part": lambda a: a[1:],
    "reversed": lambda a: a[::-1],
    "second": lambda a: a[::2],
    "transposed": lambda a: a.T,
    "reshaped": lambda a: a.reshape(-1),
    "ravelled": lambda a: a.ravel(),
    "method": lambda a: a.view(),
    "dimension": lambda a: a[None],
    "swapped": lambda a: a.swapaxes(0, -1),
    "real": lambda a: a.real,
    "imag": lambda a: a.imag,
    "bytes": lambda a: a.view("u1") if a.flags.c_contiguous else a[...],
    "readonly": cow.readonly,
    "broadcast": lambda a: np.broadcast_to(a, (2, *a.shape)),
    "strided": lambda a: np.lib.stride_tricks.as_strided(a),
    "row": lambda a: next(iter(a)) if a.ndim > 1 else a[...],
    "split": lambda a: np.split(a, [1])[1],
    "atleast": np.atleast_2d,
    "flip": np.flip,
    "guarded": cow.no_mutate(lambda a: a[1:]),
    "pickled": lambda a: out_of_band(a),
    "asarray": cow.asarray,
    "asanyarray": np.asanyarray,
    "squeeze": lambda a: a.squeeze(),
    "diagonal": lambda a: a.diagonal() if a.ndim > 1 else a[...],
    "expanded": lambda a: np.expand_dims(a, 0),
    "tuple": lambda a: np.broadcast_arrays(a, a)[0],
}
COPIES = {
    "method": lambda a: a.copy(),
    "order": lambda a: a.copy(order="K"),
    "np.copy": np.copy,
    "np.copy subok": lambda a: np.copy(a, subok=True),
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "np.array": np.array,
    "np.array subok": lambda a: np.array(a, subok=True),
    "cow.array": cow.array,
    "astype": lambda a: a.astype(a.dtype),
    "flatten": lambda a: a.flatten(),
    "at": lambda a: a.at[:0].set(0),
    "safe_modify": lambda a: cow.safe_modify(a, lambda b: None),
    "editing": lambda a: edited(a),
    "of a view": lambda a: a[...].copy(),
    "nested": lambda a: copy.deepcopy({"a": [a]})["a"][0],
    "result": lambda a: a | a if a.dtype == bool else a + 0,
    "concatenated": lambda a: np.concatenate([a]),
    "taken": lambda a: a.take(range(len(a)), axis=0),
    "pickled": lambda a: pickle.loads(pickle.dumps(a, 5)),
    "to_numpy": lambda a: a.to_numpy(),
    "fancy": lambda a: a[list(range(len(a)))],
    "snapshot": cow.snapshot,
    "paged": cow.paged,
}
SNAPSHOTS = [np.asarray, memoryview, lambda a: a.data, lambda a: a.view(np.ndarray)]
SNAPSHOTS += [np.from_dlpack, lambda a: np.asarray(memoryview(a))]


def out_of_band(a):
    buffers = []
    data = pickle.dumps(a, 5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=buffers)


def edited(a):
    with cow.editing(a) as e:
        return e


WRITES = [
    lambda a, k: a.__setitem__(0, k),
    lambda a, k: a.__setitem__(..., k),
    lambda a, k: a.__setitem__(slice(None, None, 2), k),
    lambda a, k: a.fill(k),
    lambda a, k: a.sort(),
    lambda a, k: np.maximum(a, k, out=a),
    lambda a, k: np.copyto(a, k),
    lambda a, k: a.put([0, -1], k),
    lambda a, k: a.__setitem__(..., a[::-1].copy()),
    lambda a, k: a.__setitem__(slice(1, None), np.array(a[:-1])),
]


# ------------------------------------------------------------------------- steps


class Entry:
    """An array, what it must show, and the family that blind writes may reach."""

    def __init__(self, array, twin, family, name):
        self.array = array
        self.twin = eager(twin)
        self.family = family
        self.name = name
        self.address = None  # of an array that was asked for its pointer
        self.pointers = []

    def writeable(self):
        return isinstance(self.array, cow.CowArray) and not (
            cow.is_readonly(self.array) or 0 in self.array.strides
        )


class Pointers:
    def __init__(self, seed, paged=False):
        self.random = random.Random(seed)
        self.make = cow.paged if paged else cow.array
        self.sizes = PAGED_SIZES if paged else SIZES
        self.entries = []
        self.weak = []
        self.families = 0
        self.trace = []

    def pick(self, items):
        return self.random.choice(list(items))

    def family(self):
        self.families += 1
        return self.families

    def add(self, array, twin, family, name):
        if isinstance(array, np.ndarray | memoryview):
            self.entries.append(Entry(array, twin, family, name))
            del self.entries[:-MOST]

    def cows(self):
        return [
            e for e in self.entries if e.writeable() and e.array.size and e.array.ndim
        ]

    def source(self):
        return self.pick(self.cows() or [self.new()])

    def note(self, *what):
        self.trace.append(" ".join(map(str, what)))

    def values(self):
        n = self.pick(self.sizes)
        k = self.random.randrange(50)
        a = ((np.arange(n) + k) % 60).astype(self.pick(DTYPES))
        return a.reshape(2, -1) if n % 2 == 0 and self.random.random() < 0.5 else a

    # --------------------------------------------------------------- arrays

    def new(self):
        a = self.values()
        self.note("new", a.dtype, a.shape)
        self.add(self.make(a), a, self.family(), "new")
        return self.entries[-1]

    def view(self):
        e, name = self.source(), self.pick(VIEWS)
        self.note("view", name, "of", e.name)
        if e.array.flags.c_contiguous != e.twin.flags.c_contiguous:
            return  # a view as bytes would be another one
        made = VIEWS[name](e.array)
        plain_view = e.address is not None and type(made) is np.ndarray
        if made is not e.array and not plain_view:
            self.add(
                made, VIEWS_OF_PLAIN.get(name, VIEWS[name])(e.twin), e.family, name
            )

    def copy(self):
        e, name = self.source(), self.pick(COPIES)
        self.note("copy", name, "of", e.name, e.array.shape)
        made = COPIES[name](e.array)
        plain = eager(as_plain(made))
        if not same(plain.ravel(), e.twin.ravel()):
            raise Difference(f"the copy {name} is {plain!r:.200}, not {e.twin!r:.200}")
        for other in self.entries:
            if np.may_share_memory(as_plain(made), as_plain(other.array)):
                raise Difference(f"the copy {name} shares memory with {other.name}")
        self.add(made, plain, self.family(), f"copy {name}")

    def snapshot(self):
        e = self.source()
        if e.address is None:
            self.note("snapshot of", e.name)
            self.add(self.pick(SNAPSHOTS)(e.array), e.twin, e.family, "snapshot")

    def borrow(self):
        """Borrow somebody's memory, with weak references and views of it about."""
        a, kind, family = self.values(), self.random.randrange(5), self.family()
        self.note("borrow", kind, a.dtype, a.shape)
        if kind == 1:
            a = np.frombuffer(a.tobytes(), a.dtype)
        elif kind == 2:
            a = np.frombuffer(bytearray(a.tobytes()), a.dtype)
        elif kind == 3:
            self.add(a[..., ::-1], a[..., ::-1], family, "view of borrowed")
        elif kind == 4:
            memory = mmap.mmap(-1, max(1, a.nbytes))
            flat = a.ravel()
            a = np.frombuffer(memory, a.dtype, a.size)
            a[...] = flat
        twin = eager(a)
        if self.random.random() < 0.5:
            self.weak.append((weakref.ref(a), twin, family))
        if self.random.random() < 0.5:
            self.add(a, twin, family, "borrowed")
        self.add(cow.asarray(a), twin, family, "borrower")

    # --------------------------------------------------------------- writes

    def write(self):
        e, k = self.source(), self.random.randrange(60)
        which = self.random.randrange(len(WRITES))
        self.note("write", which, "to", e.name)
        value = e.twin.dtype.type(k)
        WRITES[which](e.array, value)
        WRITES[which](e.twin, value)

    def point(self):
        """Ask an array for its pointer."""
        e = self.source()
        joined = e.array.flags.c_contiguous
        way = self.pick(POINTERS + (JOINED_POINTERS if joined else []))
        self.note("pointer", way.__name__, "of", e.name)
        e.pointers.append(way(e.array))
        e.address = address_of(e.array)
        self.through(e)

    def through(self, e=None):
        """Write through a pointer that was taken now or before."""
        having = [e] if e else [e for e in self.entries if e.pointers]
        if having:
            e, k = self.pick(having), self.random.randrange(60)
            self.note("write", k, "through a pointer of", e.name)
            pointer = self.pick(e.pointers)
            at = self.pick([..., 0, -1])
            pointer[at] = k
            e.twin[at] = k

    def fill(self):
        """Have the buffer of an array filled."""
        e, way = self.source(), self.pick(FILLS)
        if e.array.flags.c_contiguous and e.array.dtype != bool:
            self.note("fill", way.__name__, e.name)
            data = e.twin.tobytes()[: -e.array.itemsize] + bytes(e.array.itemsize)
            way(e.array, data)
            e.twin[...] = np.frombuffer(data, e.twin.dtype).reshape(e.twin.shape)
            e.address = address_of(e.array)

    def writing(self):
        if hasattr(cow, "writing"):
            e, k = self.source(), self.random.randrange(60)
            self.note("writing", e.name)
            with cow.writing(e.array) as p:
                blind_memset(p)
                p[...] = k
            e.twin[...] = k
            e.address = address_of(e.array)

    def blind(self):
        """C code writes memory that it was given read-only."""
        e, way = self.source(), self.pick(BLIND)
        self.note("blind", way.__name__, e.name)
        way(e.array)
        for other in self.entries:
            if other.family == e.family:
                other.twin = eager(as_plain(other.array))
        self.weak = [w for w in self.weak if w[2] != e.family]

    def drop(self):
        if self.entries:
            self.entries.pop(self.random.randrange(len(self.entries)))

    def collect(self):
        gc.collect()

    STEPS = {
        new: 3,
        view: 9,
        copy: 8,
        snapshot: 5,
        borrow: 4,
        write: 9,
        point: 6,
        through: 8,
        fill: 3,
        writing: 2,
        blind: 2,
        drop: 4,
        collect: 1,
    }

    def step(self):
        step = self.random.choices(list(self.STEPS), self.STEPS.values())[0]
        step(self)
        self.check()

    def check(self):
        for e in self.entries:
            if isinstance(e.array, _core.Array):
                _core.check(e.array)
            if not same(as_plain(e.array), e.twin):
                shown = as_plain(e.array)
                raise Difference(f"{e.name} is {shown!r:.300}, not {e.twin!r:.300}")
            if e.address is not None and address_of(e.array) != e.address:
                raise Difference(f"{e.name} has moved although its pointer is out")
        for reference, twin, _ in self.weak:
            a = reference()
            if a is not None and not same(a, twin):
                raise Difference(f"what was borrowed is {a!r:.300}, not {twin!r:.300}")


VIEWS_OF_PLAIN = {
    "readonly": eager,
    "guarded": lambda a: a[1:],
    "asarray": np.asarray,
}


def run(seed, steps, paged=False):
    """Take some steps; return the number of them, the trace and the difference."""
    pointers = Pointers(seed, paged)
    for n in range(steps):
        try:
            pointers.step()
        except Exception as difference:
            return n + 1, pointers.trace, difference
    return steps, pointers.trace, None


def fuzz(seed, seconds, paged=False, steps=40):
    end = time.monotonic() + seconds
    rounds = taken = 0
    while time.monotonic() < end:
        n, trace, difference = run(f"{seed}:{rounds}", steps, paged)
        rounds += 1
        taken += n
        if difference is not None:
            print(f"round {seed}:{rounds - 1}, step {n}, {taken} in all: {difference}")
            print("\n".join(trace), flush=True)
            return False
    print(f"{rounds} rounds, {taken} steps: no pointer reached another array")
    return True


if __name__ == "__main__":
    sys.exit(not fuzz(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:]))
