"""Eight threads read, write, share, export and drop the same arrays.

``python threads.py SECONDS [INTERVAL ...]``; ``make stress`` runs it on every CPython
found. Each array has one number in all its elements, which a write changes as a whole:
a reader that sees two numbers has seen a torn write. Of some arrays the first element
is another one, and written alone. What is kept of an array must stay as it was.
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


SNAPSHOTS = [
    lambda a: a[...],
    lambda a: a.copy(),
    lambda a: np.asarray(a[...]),
    lambda a: memoryview(a[...]),
    lambda a: a[::2],
]
OWN = [lambda a: a.copy(), lambda a: a[:], lambda a: a[::2], lambda a: a[7:]]
INTERVALS = [5e-3, 1e-5, 1e-6]


class Stress:
    def __init__(self, seconds, threads=8):
        self.end = time.monotonic() + seconds
        self.threads = threads
        self.shared = [cow.zeros(N) for _ in range(SHARED)]
        # their first elements are written alone
        self.poked = [cow.zeros(N + 1) for _ in range(2)]
        self.counts = collections.Counter()
        self.failures = []

    def pick(self, r):
        return self.shared[r.randrange(SHARED)]

    def read(self, r):
        name = r.choice(list(READS))
        seen = READS[name](self.pick(r))
        assert seen.min() == seen.max(), (name, "saw two numbers")

    def read_poked(self, r):
        name = r.choice(list(READS))
        seen = READS[name](r.choice(self.poked)[1:])
        assert seen.min() == seen.max(), (name, "saw two numbers")

    def write_poked(self, r):
        WRITES[r.choice(["fill", "slice", "copyto", "array"])](r.choice(self.poked))

    def poke(self, r):
        """Write one element while another array looks at the memory, or many do."""
        a = r.choice(self.poked)
        sharers = [r.choice(SNAPSHOTS)(a) for _ in range(r.randrange(3))]
        a[0] = -1.0
        del sharers

    def keep(self, r):
        """What was made of an array stays as it is."""
        a = r.choice([*self.shared, *self.poked])
        kept = np.asarray(r.choice(SNAPSHOTS)(a))
        before = kept.tobytes()
        if r.random() < 0.5:
            self.write(r)
            self.write_poked(r)
        assert kept.tobytes() == before, "a snapshot has changed"

    def write(self, r):
        WRITES[r.choice(list(WRITES))](self.pick(r))

    def write_own(self, r):
        """Write a sharer: nobody else sees it."""
        own = r.choice(OWN)(self.pick(r))
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
    STEPS += [read_poked] * 2 + [write_poked] * 2 + [poke, keep]

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
        threads = [
            threading.Thread(target=self.work, args=(i,)) for i in range(self.threads)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0, self.end - time.monotonic()) + 120)
            assert not thread.is_alive(), "a thread waits for ever"
        if self.failures:
            raise self.failures[0]
        for a in self.shared:
            _core.check(a)
            assert a.min() == a.max() >= 0.0
        for a in self.poked:
            _core.check(a)
            assert a[1:].min() == a[1:].max() >= 0.0


def main(seconds, *intervals):
    version = ".".join(map(str, sys.version_info[:3]))
    for interval in intervals or [1e-5]:
        sys.setswitchinterval(interval)
        stress = Stress(seconds)
        stress.run()
        steps = sum(stress.counts.values())
        print(f"CPython {version}, {interval:g} s: {steps} steps, none torn")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
