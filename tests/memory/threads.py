"""Eight threads read, write, share, export and drop the same arrays.

``python threads.py SECONDS``; ``make stress`` runs it on every CPython found. Each
array has one number in all its elements, which a write changes as a whole: a
reader that sees two numbers has seen a torn write.
"""

import collections
import gc
import pickle
import random
import sys
import threading
import time

import numpy as np

import cow
from cow import _core

N = 40_000  # 320 KB: ufuncs let other threads run, NumPy caches no such block
SHARED = 4

WRITES = {
    "fill": lambda a: a.fill(3),
    "slice": lambda a: a.__setitem__(slice(None), 4.0),
    "iadd": lambda a: a.__iadd__(1),
    "out": lambda a: np.multiply(a, 0.5, out=a),
    "array": lambda a: a.__setitem__(..., a + 1),
    "copyto": lambda a: np.copyto(a, 6.0),
    "sort": lambda a: a.sort(),
    "clip": lambda a: a.clip(0, 5, out=a),
}
READS = {
    "ufunc": lambda a: a + 0,
    "into": lambda a: np.add(a, 0, out=np.empty(N)),
    "copy": lambda a: a.copy(),
    "view": lambda a: a[:],
    "rows": lambda a: a.reshape(100, -1)[50],
    "transposed": lambda a: a.reshape(100, -1).T,
    "concatenate": lambda a: np.concatenate([a, a]),
    "pickle": lambda a: pickle.loads(pickle.dumps(a, 5)),
    "array": lambda a: np.array(a.copy()),  # NumPy copies `a` itself unasked
    "take": lambda a: a.take([0, N // 2, N - 1]),
    "mask": lambda a: a[a == a],
    "readonly": lambda a: cow.readonly(a),
    "sums": lambda a: a.reshape(100, -1).sum(axis=1),
    "elements": lambda a: a[[0, -1]],
}
# plain views wait for nobody, as the documentation says: made and dropped only
EXPORTS = [np.asarray, memoryview, np.from_dlpack, np.nditer, np.ma.array, cow.asarray]


class Stress:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds
        self.shared = [cow.zeros(N) for _ in range(SHARED)]
        self.counts = collections.Counter()
        self.failures = []

    def pick(self, r):
        return self.shared[r.randrange(SHARED)]

    def read(self, r):
        name = r.choice(list(READS))
        seen = READS[name](self.pick(r))
        assert seen.min() == seen.max(), (name, "saw two numbers")

    def write(self, r):
        WRITES[r.choice(list(WRITES))](self.pick(r))

    def write_own(self, r):
        """Write a sharer: nobody else sees it."""
        own = r.choice([lambda a: a.copy(), lambda a: a[:]])(self.pick(r))
        own[...] = -7.0
        assert own.min() == own.max() == -7.0

    def export(self, r):
        exports = [r.choice(EXPORTS)(self.pick(r)) for _ in range(3)]
        del exports

    def replace(self, r):
        i = r.randrange(SHARED)
        self.shared[i] = r.choice([lambda a: a.copy(), lambda a: a + 1])(self.pick(r))

    def collect(self, r):
        gc.collect(0)

    def check(self, r):
        _core.check(self.pick(r))

    STEPS = [read] * 6 + [write] * 3 + [write_own, export, replace, check]

    def work(self, seed):
        r = random.Random(seed)
        try:
            while time.monotonic() < self.end and not self.failures:
                step = r.choice(self.STEPS)
                step(self, r)
                self.counts[step.__name__] += 1
        except BaseException as error:
            self.failures.append(error)

    def run(self):
        threads = [threading.Thread(target=self.work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive(), "a thread waits for ever"
        if self.failures:
            raise self.failures[0]
        for a in self.shared:
            _core.check(a)
            assert a.min() == a.max() >= 0.0


if __name__ == "__main__":
    sys.setswitchinterval(1e-5)
    stress = Stress(float(sys.argv[1]))
    stress.run()
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"CPython {version}: {sum(stress.counts.values())} steps, none torn")
