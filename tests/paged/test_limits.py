"""Where the system gives no more, copies are plain, and nothing is left behind."""

import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="copies are plain, not mapped"
)

START = """
import os, resource, sys
import numpy as np
import cow
from cow import _core

def mapped():
    return open("/proc/self/maps").read().count("memfd:cow")

def descriptors():
    return len(os.listdir("/proc/self/fd"))

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

def limit(which, most):
    resource.setrlimit(which, (most, resource.getrlimit(which)[1]))

def works(b, wanted):
    c = b.copy()
    c[0] = -1
    assert c[0] == -1 and c[1:].tobytes() == wanted[1:].tobytes()
    assert b.tobytes() == wanted.tobytes()
    return c

a = np.arange(100_000.0)
"""


@pytest.fixture
def program(python):
    def run(text):
        done = python("-c", START + textwrap.dedent(text))
        assert done.returncode == 0, done.stderr

    return run


def test_a_hundred_thousand_copies_leave_nothing(program):
    program("""
        b = cow.paged(a)
        h = [b.copy()]
        for k in range(3):
            c = b.copy()
            c[k] = 1
        before = mapped(), descriptors()
        size = resident()
        for k in range(100_000):
            c = b.copy()
            if k % 100 == 0:
                c[k % c.size] = -1
                d = c.copy()
        del c, d
        assert (mapped(), descriptors()) <= before
        assert resident() < size + (8 << 20), (resident(), size)
        bases = [cow.paged(a) for k in range(50)]
        assert descriptors() == before[1] + 50
        del bases, b, h
        assert mapped() == 0 and descriptors() == before[1] - 1
    """)


def test_new_bases_leave_the_old_ones(program):
    program("""
        b = cow.paged(a)
        before, size = descriptors(), resident()
        for k in range(2000):
            b += 1
            c = b.copy()
        assert c.tobytes() == (a + 2000).tobytes()
        assert descriptors() == before and mapped() == 2
        assert resident() < size + (32 << 20)
    """)


def test_so_many_copies_that_mappings_end(program):
    program("""
        import threading
        b = cow.paged(np.arange(8192.0))
        most = int(open("/proc/sys/vm/max_map_count").read())
        copies = [b.copy() for k in range(most // 2 + 500)]
        assert most // 2 - 5 < mapped() <= most // 2
        assert all(_core.pages(c) is None for c in copies[-400:])
        copies[-1][0] = copies[7][0] = -1
        assert [float(c[0]) for c in (b, copies[0], copies[7], copies[-1])] == [
            0, 0, -1, -1]
        thread = threading.Thread(target=list)      # there is room for others
        thread.start()
        thread.join()
        del copies
        assert mapped() == 1 and _core.pages(b.copy()) is not None
    """)


def test_no_more_descriptors(program):
    program("""
        # 16 of them: a quarter is ours
        limit(resource.RLIMIT_NOFILE, descriptors() + 12)
        arrays = [cow.paged(a) for k in range(30)]
        assert 0 < mapped() < 10
        open(os.devnull).close()        # there are some left
        for b in arrays:
            works(b, a)
    """)


def test_none_from_the_start(program):
    program("""
        limit(resource.RLIMIT_NOFILE, descriptors() - 1)
        b = cow.paged(a)
        works(b, a)
        z = cow.zeros(100_000, paged=True)
        z[3] = 1
        works(z, z.to_numpy())
        assert cow.explain(b).pages is None
        h = cow.history(b)
        b[3] = 1
        assert h.mark() == 1 and h.undo() == 0 and b[3] == 3
    """)


def test_none_when_zeros_are_copied(program):
    program("""
        z = cow.zeros(100_000, paged=True)
        z[3] = 1
        cow.paged(a)
        limit(resource.RLIMIT_NOFILE, 3)
        works(z, z.to_numpy())
        h = cow.history(z)
        z[4] = 1
        assert h.mark() == 1 and h.undo() == 0 and z[4] == 0
    """)


def test_no_more_room_for_addresses(program):
    program("""
        b = cow.paged(a)
        cow.paged(a)
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        limit(resource.RLIMIT_AS, used + (8 << 20))
        kept = []
        try:
            for k in range(100):
                kept.append(works(b, a))
        except MemoryError:             # NumPy's: a plain copy has no room, either
            pass
        assert kept and mapped() < 10
        limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)
        works(b, a)
    """)


def test_files_may_not_be_that_large(program):
    program("""
        limit(resource.RLIMIT_FSIZE, 500_000)
        works(cow.paged(a), a)
        assert mapped() == 0
        limit(resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
        works(cow.paged(a), a)
        b = cow.paged(a)
        assert mapped() == 1
        limit(resource.RLIMIT_FSIZE, 500_000)
        b *= 2
        works(b, a * 2)         # most differs, and there can be no new base
    """)


def test_descriptors_that_somebody_closes_and_gives_to_other_files(program):
    program("""
        b, z = cow.paged(a), cow.zeros(100_000, paged=True)
        z.copy()
        first = descriptors()
        os.closerange(3, 100)
        works(b, a)
        others = [os.open(sys.executable, os.O_RDONLY) for k in range(20)]
        for k in range(3):
            works(b, a)
            works(z, np.zeros(100_000))
        b *= 2
        works(b, a * 2)
        del b, z
        assert all(os.fstat(k).st_size > 1000 for k in others)
    """)


def test_parent_and_child_are_independent(program):
    program("""
        b = cow.paged(a)
        b[3] = -3
        pointer = np.frombuffer(cow.snapshot(b))
        before = descriptors()
        ready, go = os.pipe()
        child = os.fork()
        if child == 0:
            os.closerange(go, go + 1)
            c = works(b, b.to_numpy())
            assert os.read(ready, 1) == b"x"        # the parent has written
            assert b[3] == -3 and b[7] == 7 and pointer[7] == 7
            b[5] = pointer[5] = -5
            c = b.copy()
            b *= 2
            assert b.copy()[5] == -10 and c[5] == -5 and mapped() >= 3
            os.closerange(3, 50)
            works(b, b.to_numpy())
            os._exit(0)
        b[7] = pointer[7] = -7
        d = b.copy()
        os.write(go, b"x")
        assert os.waitpid(child, 0)[1] == 0
        assert (b[5], b[3], b[7], d[5], pointer[5]) == (5, -3, -7, 5, 5)
        assert descriptors() == before + 2
    """)


def test_workers_of_a_pool_get_them(program):
    program("""
        import multiprocessing
        def double(x):
            x *= 2
            return x
        b = cow.paged(a)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for made in pool.map(double, [b, b.copy(), b[:1000]]):
                assert made.tobytes() == (a * 2)[:made.size].tobytes()
        assert b.tobytes() == a.tobytes()
    """)
