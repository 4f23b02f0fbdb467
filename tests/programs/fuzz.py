"""The machine with everything else that looks at memory: exports, iterators,
threads, borrowed and foreign arrays, every kind of write, garbage collections.

``python fuzz.py SEED STEPS``; under valgrind in ``make test-memory``, with many
more steps in ``make stress``.
"""

import copy
import gc
import sys
import threading

import numpy as np

import cow
from cow import _core

try:
    from tests.programs.machine import Machine
except ImportError:  # run as a program
    from machine import Machine


class Sub(cow.CowArray):
    """Has attributes, and so a dictionary."""

    def __array_finalize__(self, obj):
        self.origin = [obj]


class Foreign(np.ndarray):
    def __array_finalize__(self, obj):
        self.note = getattr(obj, "note", None)


class Fuzz(Machine):
    def export(self, look, plain=True):
        """Keep what `look` makes of an array, with the values it must have."""
        c, a = self.pick()
        if plain and (self.dtype.hasobject or self.dtype.char == "T"):
            return
        self.exports.append((look(c), a.copy()))
        del self.exports[:-10]

    # ------------------------------------------------------------- holders

    def dlpack(self):
        self.export(np.from_dlpack)

    def from_buffer(self):
        self.export(lambda c: np.asarray(memoryview(c)))

    def iterator(self):
        # an iterator is read once, later; until then it holds a pointer
        c, a = self.pick()
        if a.ndim and self.dtype.char not in "OT":
            self.iterators.append((np.nditer(c, order="C"), a.copy()))

    def broadcast(self):
        c, a = self.pick()
        if a.ndim and self.dtype.char not in "OT":
            self.iterators.append((np.broadcast(c, 1), a.copy()))

    def read_iterator(self):
        # it sees later writes in place, as in NumPy: what counts is that it lives
        if self.iterators:
            it, a = self.iterators.pop(self.random.randrange(len(self.iterators)))
            assert sum(1 for _ in it) == a.size

    def foreign(self):
        self.export(lambda c: c.view(Foreign), plain=False)

    def unbound_foreign(self):
        self.export(lambda c: np.ndarray.view(c, Foreign), plain=False)

    def masked(self):
        self.export(np.ma.array)

    # -------------------------------------------------------------- arrays

    def subclass(self):
        c, a = self.pick()
        self.add(c.view(Sub), a)

    def again(self):
        """Borrow a plain view of a cow array."""
        c, a = self.pick()
        self.add(cow.asarray(np.asarray(c)), a)

    def deep(self):
        c, a = self.pick()
        self.add(copy.deepcopy(c), a)

    def rows(self):
        c, a = self.pick()
        if a.ndim > 1:
            for i in self.random.sample(range(len(a)), min(3, len(a))):
                self.add(c[i], a[i])

    def result(self):
        c, a = self.pick()
        if self.may_double(a):
            self.add(c + c, a + a)

    # -------------------------------------------------------------- writes

    def copyto(self):
        (c, a), value = self.pick(), self.values(()).item()
        np.copyto(c, value)
        np.copyto(a, value)

    def put(self):
        (c, a), value = self.pick(), self.values(()).item()
        if a.size:
            c.put([0, -1], value)
            a.put([0, -1], value)

    def masked_write(self):
        (c, a), value = self.pick(), self.values(()).item()
        if a.ndim:
            mask = np.arange(len(a)) % 3 == 0
            c[mask] = value
            a[mask] = value

    def flat_write(self):
        (c, a), value = self.pick(), self.values(()).item()
        if a.size:
            c.flat[a.size // 2] = value
            a.flat[a.size // 2] = value

    def at(self):
        c, a = self.pick()
        if a.ndim and len(a) and self.may_double(a):
            value = self.values(()).item()
            np.add.at(c, [0, 0], value)
            np.add.at(a, [0, 0], value)

    def fill(self):
        (c, a), value = self.pick(), self.values(()).item()
        c.fill(value)
        a.fill(value)

    def from_reversed(self):
        c, a = self.pick()
        c[...] = c[::-1] if a.ndim else c
        a[...] = a[::-1].copy() if a.ndim else a

    def from_export(self):
        c, a = self.pick()
        for export, b in self.exports:
            if b.shape == a.shape and not isinstance(export, memoryview):
                c[...] = export
                a[...] = b

    def resize(self):
        c, a = self.pick()
        shape = (max(1, a.size // 2), 2)
        # in the order of its memory, which is not that of the copy
        b = np.array(np.asarray(c), order="K")
        c.resize(shape, refcheck=False)
        b.resize(shape)
        at = next(i for i, (d, _) in enumerate(self.pairs) if d is c)
        self.pairs[at] = (c, b)

    def state(self):
        c, _ = self.pick()
        b = self.values((ROWS, 64))
        c.__setstate__(b.__reduce__()[2])
        at = next(i for i, (d, _) in enumerate(self.pairs) if d is c)
        self.pairs[at] = (c, b)

    # ------------------------------------------------------ threads, garbage

    def thread(self):
        """Take a few steps in another thread."""
        errors = []
        thread = threading.Thread(target=self.guarded, args=(self.few, errors))
        thread.start()
        thread.join()
        assert not errors, errors

    def few(self):
        for _ in range(3):
            self.step()

    def guarded(self, function, errors):
        try:
            function()
        except BaseException as error:
            errors.append(error)

    def reader(self):
        """Write while another thread reads: it sees the old or the new.

        By what waits; ``np.array(c)`` does not, see the known issues.
        """
        (c, a), value, errors = self.pick(), self.values(()).item(), []
        seen = []
        thread = threading.Thread(
            target=self.guarded,
            args=(lambda: seen.extend([c.copy(), c[...]]), errors),
        )
        old = a.copy()
        thread.start()
        c[...] = value
        a[...] = value
        thread.join()
        assert not errors, errors
        for array in seen:
            array = np.asarray(array)
            assert np.array_equal(array, old) or np.array_equal(array, a)

    def collect(self):
        gc.collect()

    def cycle(self):
        """Leave an array in a cycle of garbage."""
        c, _ = self.pick()
        items = [c, c[...], np.asarray(c)]
        items.append(items)

    STEPS = Machine.STEPS + (dlpack, from_buffer, iterator, broadcast, read_iterator)
    STEPS += (foreign, unbound_foreign, masked, subclass, again, deep, rows, result)
    STEPS += (copyto, put, masked_write, flat_write, at, fill, from_reversed)
    STEPS += (from_export, resize, state, thread, reader, collect, cycle)

    def __init__(self, *args):
        self.iterators = []
        super().__init__(*args)


ROWS = 96


def run(seed, steps, dtype="f8"):
    fuzz = Fuzz(seed, dtype)
    for _ in range(steps):
        fuzz.step()
        fuzz.check()
    while fuzz.iterators:
        fuzz.read_iterator()
    pairs, fuzz.pairs = fuzz.pairs, []
    gc.collect()
    fuzz.check()
    for c, a in pairs:
        _core.check(c)
        np.testing.assert_array_equal(np.asarray(c), a)


if __name__ == "__main__":
    seed, steps = int(sys.argv[1]), int(sys.argv[2])
    sys.setswitchinterval(1e-5)
    for dtype in ("f8", "i2", "O", "T"):
        run(seed, steps, dtype)
    print(f"4 fuzzers of {steps} steps: as the eager copies")
