"""A seeded random mixture of views, writes, copies, exports and deletions.

Every array has a twin: a plain array, copied eagerly wherever a cow array shares.
Run under valgrind by ``make test-memory``, and by the suite with more steps.
"""

import gc
import pickle
import random
import sys

import numpy as np

import cow
from cow import _core

ROWS, COLUMNS = 96, 128


class Machine:
    def __init__(self, seed, dtype="f8"):
        self.random = random.Random(seed)
        self.dtype = np.dtype(dtype)
        self.pairs = []
        self.exports = []
        self.new()

    def pick(self):
        return self.random.choice(self.pairs)

    def add(self, c, a):
        self.pairs.append((c, np.array(a)))
        if len(self.pairs) > 12:
            self.drop()

    def values(self, shape):
        n = int(np.prod(shape))
        v = np.arange(n) * self.random.randint(1, 9) % 100
        return v.reshape(shape).astype(self.dtype)

    def new(self):
        a = self.values((ROWS, COLUMNS))
        self.add(cow.array(a), a)

    def borrow(self):
        a = self.values((ROWS, COLUMNS))
        self.exports.append((a, a.copy()))
        self.add(cow.asarray(a), a)

    def view(self):
        c, a = self.pick()
        i = self.random.randrange(6)
        if a.ndim == 0 or a.shape[0] < 3:
            i = 3
        index = [
            slice(1, None),
            slice(None, None, -1),
            slice(None, None, 2),
            ...,
            self.random.randrange(max(1, len(a) if a.ndim else 1)),
            (..., slice(1, None)),
        ][i]
        if isinstance(index, int) and a.ndim < 2:
            index = ...
        self.add(c[index], a[index])

    def transpose(self):
        c, a = self.pick()
        self.add(c.T, a.T)

    def copy(self):
        c, a = self.pick()
        self.add(c.copy(), a)

    def pickled(self):
        c, a = self.pick()
        self.add(pickle.loads(pickle.dumps(c, 5)), a)

    def write(self):
        c, a = self.pick()
        value = self.values(()).item()
        index = self.random.choice([..., slice(None, 2), slice(1, None, 2)])
        if a.ndim == 0:
            index = ...
        c[index] = value
        a[index] = value

    def write_element(self):
        c, a = self.pick()
        if a.size:
            index = tuple(self.random.randrange(n) for n in a.shape)
            c[index] = 7
            a[index] = 7

    def assign(self):
        (c, a), (d, b) = self.pick(), self.pick()
        if a.shape == b.shape:
            c[...] = d
            a[...] = b.copy()

    def may_double(self, a):
        # each sum doubles a string: 30 of them would fill the machine
        return self.dtype.char != "T" or np.strings.str_len(a).max(initial=0) < 100

    def in_place(self):
        c, a = self.pick()
        if not self.may_double(a):
            return
        c += c
        a += a

    def at_reversed(self):
        c, a = self.pick()
        if a.ndim and len(a) > 1:
            c[1:] = c[:-1]
            a[1:] = a[:-1].copy()

    def sort(self):
        c, a = self.pick()
        if a.ndim:
            c.sort()
            a.sort()

    def add_out(self):
        c, a = self.pick()
        if not self.may_double(a):
            return
        np.add(c, c, out=c)
        np.add(a, a, out=a)

    def plain(self):
        c, a = self.pick()
        self.exports.append((np.asarray(c), a.copy()))

    def memory(self):
        c, a = self.pick()
        if not self.dtype.hasobject and self.dtype.char != "T":
            self.exports.append((memoryview(c), a.copy()))

    def drop(self):
        self.pairs.pop(self.random.randrange(len(self.pairs)))
        if not self.pairs:
            self.new()

    def forget(self):
        if self.exports:
            self.exports.pop(self.random.randrange(len(self.exports)))

    STEPS = (new, borrow, view, view, view, transpose, copy, copy, pickled, write)
    STEPS += (write, write_element, assign, in_place, at_reversed, sort, add_out)
    STEPS += (plain, memory, drop, forget)

    def step(self):
        self.random.choice(self.STEPS)(self)

    def check(self):
        for c, a in self.pairs:
            _core.check(c)
            np.testing.assert_array_equal(np.asarray(c), a)
        for export, a in self.exports:
            np.testing.assert_array_equal(np.asarray(export), a)


def run(seed, steps, dtype="f8"):
    machine = Machine(seed, dtype)
    for _ in range(steps):
        machine.step()
        machine.check()
    machine.pairs.clear()
    gc.collect()
    machine.check()


if __name__ == "__main__":
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    for at, dtype in enumerate(("f8", "i2", "O", "T")):
        run(at, steps, dtype)
    print(f"4 machines of {steps} steps: as the eager copies")
