"""Many rounds of each kind of operation leave memory where it was.

``python leaks.py ROUNDS``; the suite runs 3,000, ``make test-memory`` 100,000.
"""

import gc
import os
import pickle
import resource
import sys
import tracemalloc

import numpy as np

import cow

a = cow.arange(1000.0)
p = np.arange(10_000.0)
o = cow.array([[], {}, None], dtype=object)
guarded = cow.no_mutate(lambda x: x[1:])
listed = cow.no_mutate(lambda b, x, *c: (exec("None"), b.append(1), x.sum()))
q = np.arange(10.0)
kept_parts = [q, q[::2], {"a": q[5:]}, np.array([q[1:], None], dtype=object)]
own = cow.no_mutate(results="own")
own_parts = own(lambda: (kept_parts, np.broadcast_to(q, (3, 10)), iter(kept_parts)))
own_part = own(lambda: q[1:])
fresh = own(lambda: (np.zeros(10), [np.ma.zeros(10)]))


def shared():
    v = a[1:]
    v[0] = 1


def source():
    v = a[1:]
    a[0] = v[0]


def element():
    a[5] = 1.0


def fancy():
    a[[1, 2]] = 3


def operators():
    a + a
    -a
    assert not (a < a).any()
    divmod(a, 2)
    a**2


def in_place():
    a.__iadd__(1)


def ufuncs():
    np.sqrt(a)
    np.add(a, 1, out=a)
    np.multiply(a, 0.5, out=a, where=True)
    np.add.at(a, [0], 1)
    np.divmod(a, 2)


def methods():
    a.sum()
    a.copy()[0] = 1
    a.reshape(10, 100).T
    a.astype(int)
    a.clip(0, 1, out=a)
    a.nonzero()


def functions():
    np.concatenate([a, a])
    np.where(a > 3, a, 0)
    np.copyto(a, 1)
    np.array_split(a, 3)


def borrow():
    c = cow.asarray(p)
    c[0] = 1


def exports():
    memoryview(a)
    np.asarray(a)
    np.from_dlpack(a)
    np.ma.array(a)


def objects():
    c = o.copy()
    c[0] = object()
    o[0] = 1


def pickles():
    pickle.loads(pickle.dumps(a, 5))


def chained():
    try:
        a[1:][0] = 1
    except cow.ChainedAssignmentError:
        pass


def refused():
    for value in ([1, 2], "word"):
        try:
            a[1:] = value
        except ValueError:
            pass
    try:
        np.add(a, [1, 2], out=a)
    except ValueError:
        pass


def readonly():
    r = cow.readonly(a)
    r[1:]


def guard():
    guarded(p)
    guarded(a)


def guard_lists():
    b = [1.0, "a", (2, 3)]
    listed(b, p, b, [4])
    try:
        listed((1,), a)
    except AttributeError:
        pass


def own_results():
    own_parts()
    own_part()
    fresh()


def modify():
    cow.safe_modify(p, np.ndarray.sort)
    a.at[0].set(1)


def flat():
    a.flat[0] = 1
    next(a.flat)


def kept():
    b = a.copy()
    np.nditer(b)
    b[0] = 1
    c = b.copy()
    b[1] = c[1]


def state():
    gc.collect()
    numpy = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)]
    )
    return sum(t.size for t in numpy.traces), sys.getallocatedblocks()


KINDS = [shared, source, element, fancy, operators, in_place, ufuncs, methods]
KINDS += [functions, borrow, exports, objects, pickles, chained, refused]
KINDS += [readonly, guard, guard_lists, own_results, modify, flat, kept]


def main(rounds):
    tracemalloc.start()
    for kind in KINDS:
        for _ in range(200):
            kind()
        # caches of the interpreter fill once; a leak goes on
        for _ in range(2):
            before = state()
            for _ in range(rounds):
                kind()
            after = state()
            if after[1] - before[1] < 500:
                break
        assert after[0] - before[0] < 100_000, (kind.__name__, before, after)
        assert after[1] - before[1] < 500, (kind.__name__, before, after)
    if os.path.exists("/proc/self/statm"):
        # ru_maxrss would count what the parent had when it forked
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[1]) * resource.getpagesize()
        assert used < 300_000_000, f"{used} bytes"
    print("no leak")


if __name__ == "__main__":
    main(int(sys.argv[1]))
