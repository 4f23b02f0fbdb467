"""Threads: a reader sees the old or the new elements, never a mixture."""

import sys
import threading
import time

import numpy as np
import pytest

import cow
from cow import _core

N = 200_000  # large enough that ufuncs let other threads run


@pytest.fixture(autouse=True)
def switch_often():
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(old)


def run(*functions):
    failures = []

    def call(function):
        try:
            function()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=call, args=(f,)) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


WRITES = {
    "iadd": lambda a: a.__iadd__(1),
    "out": lambda a: np.add(a, 1, out=a),
    "slice": lambda a: a.__setitem__(slice(None), a + 1),
    "method": lambda a: a.fill(a[0] + 1),
}
READS = {
    "ufunc": lambda a: a + 0,
    "sum": lambda a: a.reshape(2, -1).sum(axis=1),
    "copy": lambda a: a.copy(),
    "view": lambda a: a[:] * 1,
    "function": lambda a: np.concatenate([a, a]),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("read", READS)
def test_reader_sees_no_mixture(write, read):
    a = cow.zeros(N)
    done = threading.Event()

    def writer():
        for _ in range(40):
            WRITES[write](a)
        done.set()

    def reader():
        while not done.is_set():
            seen = READS[read](a)
            assert seen.min() == seen.max()

    run(writer, reader, reader)
    assert a.min() == a.max() == 40
    _core.check(a)


def test_two_arrays_that_are_written_into_each_other_do_not_wait_for_ever():
    a, b = cow.zeros(N), cow.ones(N)

    def into(x, y):
        for _ in range(50):
            x[:] = y
            np.add(x, y, out=x)

    run(lambda: into(a, b), lambda: into(b, a))
    _core.check(a)
    _core.check(b)


INTO = {
    "take": lambda x, y: np.take(y, INDEX, out=x),
    "method": lambda x, y: y.cumsum(out=x),
    "accumulate": lambda x, y: np.add.accumulate(y, out=x),
    "put": lambda x, y: x.put(INDEX, y),
    "copyto": np.copyto,
    "two outputs": lambda x, y: np.modf(INDEX, out=(x, y)),
    "reads what it writes": lambda x, y: np.clip(x, y[0], 2, out=x),
}
INDEX = np.arange(N)


@pytest.mark.parametrize("name", INTO)
def test_outputs_that_other_threads_read_wait_for_nobody_for_ever(name):
    a, b = cow.zeros(N), cow.ones(N)
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        run(
            lambda: [INTO[name](a, b) for _ in range(200)],
            lambda: [INTO[name](b, a) for _ in range(200)],
        )
    finally:
        sys.setswitchinterval(old)
    _core.check(a)
    _core.check(b)


def test_many_threads_share_and_drop():
    shared = [cow.arange(float(N)) for _ in range(3)]

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(150):
            a = shared[rng.integers(3)]
            v = a[int(rng.integers(N)) :]
            w = a.copy()
            w[int(rng.integers(N))] = -1
            np.asarray(v).sum()
            memoryview(a)[0]
            if v.size:
                v[0] = 7
            shared[rng.integers(3)] = w if rng.integers(2) else cow.arange(float(N))

    run(*[lambda i=i: work(i) for i in range(8)])
    for a in shared:
        _core.check(a)


def test_one_half_is_read_and_written_while_the_other_is_written():
    left, right = np.split(cow.zeros(1000), 2)
    left[0] = 0
    assert len(cow.explain(left).sharers) == 1
    sums = []

    def touch():
        right[...] = right + 1
        sums.append(float(right.sum()))

    def meanwhile(x):
        if not sums:
            run(touch)
        return x + 1

    np.frompyfunc(meanwhile, 1, 1)(left, out=left, casting="unsafe")
    assert sums == [500.0] and right.sum() == left.sum() == 500
    _core.check(left)
    _core.check(right)


def test_two_threads_write_parts_of_one_storage_and_none_is_torn():
    a = cow.zeros(60_000)
    left, right = a[:30_000], a[30_000:]
    del a
    failures = []

    def run(mine, other):
        try:
            for k in range(150):
                mine[:] = k
                seen = np.asarray(other.copy())
                if seen.min() != seen.max() or mine[0] != mine[-1]:
                    failures.append(k)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=pair)
        for pair in ((left, right), (right, left))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.parametrize("write", ["x += 1", "np.add(x, 1, out=x)"])
def test_no_thread_loses_what_another_has_added(write):
    # who is told of copies lets others run in the middle
    x, snapshots, rounds = cow.zeros(5), [], 300
    code = compile(write, "<write>", "exec")

    def add():
        scope = {"x": x, "np": np}
        for _ in range(rounds):
            snapshots[:] = [x[...]]
            exec(code, scope)

    ledger = _core.set_ledger(lambda array, nbytes, why: time.sleep(1e-6))
    try:
        run(*[add] * 4)
    finally:
        _core.set_ledger(ledger)
    assert x.tolist() == [4 * rounds] * 5
