"""Holders of a cached pointer: the array moves, its old memory is read.

Run under valgrind by ``make test-memory``; the suite runs each function too.
Buffers are 96 KiB: NumPy keeps small blocks, which would hide a use after free.
"""

import gc

import numpy as np

import cow
from cow import _core

N = 12_288


def fresh():
    return cow.arange(float(N))


def move(a):
    """Make `a` leave its memory, whose other holders then die."""
    sharer = a[...]
    a[0] = -1.0
    del sharer
    gc.collect()
    filler = [np.full(N, 7.0) for _ in range(4)]
    assert a[0] == -1.0
    _core.check(a)
    return filler


class Foreign(np.ndarray):
    def __array_finalize__(self, obj):
        self.info = getattr(obj, "info", None)


class Bare(np.ndarray):
    pass


def nditer():
    a = fresh()
    it = np.nditer(a)
    move(a)
    assert [float(x) for x in it][:3] == [0.0, 1.0, 2.0]


def nditer_alone():
    it = np.nditer(fresh()[5:])
    gc.collect()
    assert float(next(it)) == 5.0


def broadcast():
    a = fresh()
    b = np.broadcast(a, 1.0)
    move(a)
    assert next(b) == (0.0, 1.0)


def flatiter():
    a = fresh()
    it = np.ndarray.flat.__get__(a)
    move(a)
    assert next(it) == 0.0


def flat():
    a = fresh()
    it = a.flat
    move(a)
    assert next(it) == -1.0 and it[1] == 1.0


def memory_view():
    a = fresh()
    m = memoryview(a)
    move(a)
    del a
    gc.collect()
    assert m[0] == 0.0 and m[N - 1] == N - 1


def from_buffer():
    a = fresh()
    b = np.frombuffer(a)
    v = a[:]
    b[1] = 5.0
    move(a)
    assert b[0] == -1.0 and a[1] == 5.0 and v[1] == 1.0
    del a
    gc.collect()
    assert b[2] == 2.0


def dlpack():
    a = fresh()
    b = np.from_dlpack(a)
    move(a)
    del a
    assert b[0] == 0.0 and b[-1] == N - 1


def ctypes_pointer():
    import ctypes

    a = fresh()
    pointer = a.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    pointer[1] = 5.0
    assert a[1] == 5.0
    v = a[:]
    pointer[1] = 6.0
    assert v[1] == 5.0 and a[1] == 6.0
    move(a)
    assert pointer[2] == 2.0


def masked():
    a = fresh()
    m = np.ma.array(a)
    a[0] = -1.0
    assert m[0] == 0.0
    move(a)
    del a
    gc.collect()
    assert m[1] == 1.0 and m.sum() == N * (N - 1) / 2


def foreign_subclass():
    a = fresh()
    f = np.ndarray.view(a, Foreign)
    a[0] = -1.0
    assert f[0] == 0.0
    g = a.view(Foreign)
    move(a)
    del a
    assert g[1] == 1.0 and f[1] == 1.0


def unbound_view():
    a = fresh()
    b = np.ndarray.view(a, Bare)
    move(a)
    assert b[1] == 1.0
    c = b.view(cow.CowArray)
    c[1] = 9.0
    assert b[1] == 1.0
    _core.check(c)
    del a, b
    gc.collect()
    assert c[2] == 2.0


def interface():
    a = fresh()

    class Holder:
        def __init__(self, array):
            self.array = array
            self.__array_interface__ = array.__array_interface__

    v = a[...]
    b = np.asarray(Holder(a))
    b[1] = 5.0
    move(a)
    assert b[0] == -1.0 and a[1] == 5.0 and v[1] == 1.0


def rows_outlive():
    a = cow.arange(float(N)).reshape(96, 128)
    rows = list(a)
    a[:] = 0
    del a
    gc.collect()
    assert rows[3][0] == 3 * 128
    rows[3][0] = 1
    assert rows[4][0] == 4 * 128


def plain_outlives():
    a = fresh()
    p = np.asarray(a)
    del a
    gc.collect()
    c = cow.asarray(p)
    c[0] = 5.0
    assert p[0] == 0.0 and c[1] == 1.0


def borrowed_source_dies():
    p = np.arange(float(N))
    a = cow.asarray(p)
    v = a[5:]
    del p
    gc.collect()
    a[0] = 9.0
    assert v[0] == 5.0 and a[1] == 1.0


def state_replaced():
    a = fresh()
    v = a[:]
    a.__setstate__((1, (N,), np.dtype("f8"), False, b"\0" * (8 * N)))
    assert v[1] == 1.0 and a[1] == 0.0
    a[0] = 1.0
    _core.check(a)
    _core.check(v)


def state_replaced_under_views():
    a = fresh()
    f, it = np.ndarray.view(a, Foreign), np.nditer(a)
    a.__setstate__((1, (N,), np.dtype("f8"), False, b"\1" * (8 * N)))
    gc.collect()
    filler = [np.full(N, 7.0) for _ in range(4)]
    assert f[1] == 1.0 and float(it[0]) == 0.0 and len(filler) == 4


def foreign_view_of_a_sharer():
    a = fresh()
    f = np.ndarray.view(a, Foreign)
    b = a.copy()
    a[0] = -1.0
    b += 1
    assert f[1] == 1.0


def objects():
    a = cow.array([[i] for i in range(9000)] + [None], dtype=object)
    m = memoryview(np.asarray(a)).obj
    a[0] = "moved"
    del a
    gc.collect()
    assert m[0] == [0]


def ping_pong():
    a = fresh()
    for i in range(20):
        v = a[:]
        it = np.nditer(a)
        a[0] = float(i)
        assert v[1] == 1.0 and float(it[0]) == float(v[0])


HOLDERS = [
    nditer,
    nditer_alone,
    broadcast,
    flatiter,
    flat,
    memory_view,
    from_buffer,
    dlpack,
    ctypes_pointer,
    masked,
    foreign_subclass,
    unbound_view,
    interface,
    rows_outlive,
    plain_outlives,
    borrowed_source_dies,
    state_replaced,
    state_replaced_under_views,
    foreign_view_of_a_sharer,
    objects,
    ping_pong,
]

if __name__ == "__main__":
    for holder in HOLDERS:
        holder()
        gc.collect()
    print(f"{len(HOLDERS)} holders: right values")
