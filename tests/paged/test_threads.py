"""Threads that copy, write and read the same paged arrays."""

import random
import threading
import time

import numpy as np

import cow

N = 400_000  # 3 MB
SECONDS = 1.5


def run(*functions):
    """Run the functions at the same time, again and again; raise what they raise."""
    end, failed = time.monotonic() + SECONDS, []

    def work(function):
        rng = random.Random(threading.get_ident())
        try:
            while time.monotonic() < end and not failed:
                function(rng)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(f,)) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def test_copies_are_of_one_moment(mapped):
    """All elements are the same at any moment: most pages change, bases are made."""
    before = mapped()
    b = cow.paged(np.zeros(N))

    def write(rng):
        b[...] = rng.random()

    def copy(rng):
        c = b.copy()
        assert c.min() == c.max()
        c[rng.randrange(N)] = -1
        d = c.copy()
        assert d.min() == -1 and d.max() == c.max()

    run(write, copy, copy)
    assert mapped() <= before + 2


def test_copies_while_few_pages_change():
    b = cow.paged(np.zeros(2 * N))

    def write(rng):
        i = rng.randrange(N)
        b[[i, N + i]] = rng.random()

    def copy(rng):
        c = b.copy()
        assert (c[:N] == c[N:]).all()

    run(write, copy, copy)


def test_own_copies_of_one_source():
    a = np.arange(float(N))
    b = cow.paged(a)

    def change(rng):
        c = b.copy()
        c[rng.randrange(N)] = -1
        d = c.copy()
        d += 1
        e = d.copy()
        assert (e == d).all() and (c == -1).sum() == 1

    run(change, change, change)
    assert b.tobytes() == a.tobytes()


def test_write_through_a_pointer_meanwhile_is_never_lost():
    b = cow.paged(np.zeros(N))
    pointer = np.frombuffer(b)
    written = [0.0]

    def write(rng):
        pointer[...] = written[0] + 1
        written[0] += 1

    def copy(rng):
        before = written[0]
        c = b.copy()
        assert before <= c.min() and c.max() <= written[0] + 1

    run(write, copy, copy)
    assert (b == written[0]).all() and (b.copy() == written[0]).all()
