"""What the memory run does under valgrind, done plainly, and leaks."""

import subprocess
import sys

import pytest

from tests.memory import holders, machine


@pytest.mark.parametrize("holder", holders.HOLDERS, ids=lambda h: h.__name__)
def test_holder_of_a_pointer_reads_right_values(holder):
    holder()


@pytest.mark.parametrize("dtype", ["f8", "i2", "c16", "?", "M8[s]", "S3", "O", "T"])
def test_random_steps_agree_with_eager_copies(dtype):
    if dtype in ("?", "M8[s]", "S3"):
        steps = [
            s
            for s in machine.Machine.STEPS
            if s.__name__ not in ("in_place", "add_out", "memory")
        ]
    else:
        steps = machine.Machine.STEPS
    for seed in range(3):
        m = machine.Machine(seed, dtype)
        m.STEPS = steps
        for _ in range(250):
            m.step()
            m.check()


LEAKS = """
import gc, pickle, sys, tracemalloc
import numpy as np, cow
a = cow.arange(1000.0)
p = np.arange(10_000.0)
o = cow.array([[], {}, None], dtype=object)
guarded = cow.no_mutate(lambda x: x[1:])
def shared(): v = a[1:]; v[0] = 1
def source(): v = a[1:]; a[0] = 1
def element(): a[5] = 1.0
def fancy(): a[[1, 2]] = 3
def operators(): a + a; -a; a < a; divmod(a, 2)
def in_place(): global a; a += 1
def ufuncs(): np.sqrt(a); np.add(a, 1, out=a); np.add.at(a, [0], 1)
def methods(): a.sum(); a.copy()[0] = 1; a.reshape(10, 100).T; a.astype(int)
def functions(): np.concatenate([a, a]); np.where(a > 3, a, 0); np.copyto(a, 1)
def borrow(): c = cow.asarray(p); c[0] = 1
def exports(): memoryview(a); np.asarray(a); np.from_dlpack(a); np.ma.array(a)
def objects(): c = o.copy(); c[0] = object(); o[0] = 1
def pickles(): pickle.loads(pickle.dumps(a, 5))
def chained():
    try: a[1:][0] = 1
    except cow.ChainedAssignmentError: pass
def refused():
    try: a[1:] = [1, 2]
    except ValueError: pass
def readonly(): r = cow.readonly(a); r[1:]
def guard(): guarded(p)
def modify(): cow.safe_modify(p, np.ndarray.sort)
def flat(): a.flat[0] = 1; next(a.flat)
def kept():
    b = a.copy(); it = np.nditer(b); b[0] = 1; c = b.copy(); b[1] = 2
def state():
    gc.collect()
    numpy = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)])
    return sum(t.size for t in numpy.traces), sys.getallocatedblocks()
tracemalloc.start()
def run(f, n):
    for _ in range(n): f()
ROUNDS = 100_000
slow = {pickles, guard, modify, exports, chained, kept, functions}
for f in (shared, source, element, fancy, operators, in_place, ufuncs, methods,
          functions, borrow, exports, objects, pickles, chained, refused,
          readonly, guard, modify, flat, kept):
    n = int(sys.argv[1])
    run(f, 200)
    before = state()
    run(f, n)
    after = state()
    assert after[0] - before[0] < 100_000, (f.__name__, before, after)
    assert after[1] - before[1] < 500, (f.__name__, before, after)
print("no leak")
"""


def test_many_rounds_leave_no_memory_behind():
    done = subprocess.run(
        [sys.executable, "-c", LEAKS, "3000"], capture_output=True, text=True
    )
    assert done.stdout == "no leak\n", done.stderr
