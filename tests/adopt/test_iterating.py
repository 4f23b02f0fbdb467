"""`cow.numpy.nditer` writes cow arrays, and goes over snapshots of the others."""

import numpy
import pytest

import cow
import cow.numpy as np

READWRITE = ["readwrite"]


def test_the_loop_writes_the_array_and_no_snapshot_of_it():
    a = np.arange(6).reshape(2, 3)
    kept, view = a[...], a[0]
    for x in np.nditer(a, op_flags=READWRITE):
        x[...] = 2 * x
    assert a.tolist() == [[0, 2, 4], [6, 8, 10]]
    assert kept.tolist() == [[0, 1, 2], [3, 4, 5]] and view.tolist() == [0, 1, 2]
    b = a.copy()
    v = b[:1]
    assert cow.is_shared(v)  # a copy shares memory again
    a[0] = 7
    assert b[0, 0] == 0


@pytest.mark.parametrize("flags", [[], ["external_loop"], ["buffered"], ["c_index"]])
@pytest.mark.parametrize("given", ["position", "name"])
def test_flags_are_those_of_numpy(flags, given):
    results = []
    for module in (np, numpy):
        a = module.arange(6, dtype=float)
        if given == "name":
            it = module.nditer(op=a, flags=flags, op_flags=READWRITE)
        else:
            it = module.nditer(a, flags, READWRITE)
        with it:
            for x in it:
                x[...] += 1
        results.append(a.tolist())
    assert results[0] == results[1] == [1, 2, 3, 4, 5, 6]


def test_several_operands():
    a, b, kept = np.arange(3), np.zeros(3, int), np.zeros(3, int)
    alias = b[...]
    flags = [["readonly"], ["writeonly"], ["readwrite"]]
    with np.nditer([a, b, kept], [], flags) as it:
        for x, y, z in it:
            y[...] = x + 1
            z[...] += x
    assert (b.tolist(), kept.tolist()) == ([1, 2, 3], [0, 1, 2])
    assert alias.tolist() == [0, 0, 0]
    for x, y in np.nditer([b, b], op_flags=[["readwrite"], ["readonly"]]):
        x[...] = 2 * y
        assert x == y
    assert b.tolist() == [2, 4, 6]


def test_allocated_operands_and_index_and_state_are_those_of_numpy():
    it = np.nditer([np.arange(3), None])
    assert type(it) is numpy.nditer and isinstance(it, np.nditer)
    for x, y in it:
        y[...] = x * x
    assert it.operands[1].tolist() == [0, 1, 4]
    with pytest.raises(TypeError):
        np.nditer()
    with pytest.raises(ValueError):
        np.nditer([np.zeros(2), np.zeros(3)])


def test_what_is_only_read_is_a_snapshot():
    a = np.arange(3)
    seen = []
    for x in np.nditer(a):
        a[2] = 9
        seen.append(int(x))
    assert seen == [0, 1, 2] and a[2] == 9
    with pytest.raises(ValueError, match="read-only"):
        x[...] = 1


def test_nested_iterators_write():
    a = np.arange(6).reshape(2, 3)
    i, j = np.nested_iters(a, [[1], [0]], op_flags=READWRITE)
    for _ in i:
        for y in j:
            y[...] += 1
    assert a.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_what_the_loop_would_lose_is_refused():
    a = np.zeros((2, 4))
    lost = [
        lambda: np.nditer(a[1:], op_flags=READWRITE),
        lambda: np.nditer(a[1:], None, READWRITE),
        lambda: np.nditer(op=a[1:], op_flags=READWRITE),
        lambda: np.nditer(
            [a[1:], None], op_flags=[READWRITE, ["writeonly", "allocate"]]
        ),
        lambda: np.nested_iters(a[:, 1:], [[0], [1]], op_flags=READWRITE),
    ]
    for write in lost:
        with pytest.raises(cow.ChainedAssignmentError, match=r"view = a\[1:3\]"):
            write()
    r = cow.readonly(a)
    with pytest.raises(cow.ReadOnlyError):
        np.nditer(r, op_flags=READWRITE)
    with pytest.raises(cow.ReadOnlyError):
        np.nditer(r[1:], op_flags=READWRITE)


def test_views_that_have_a_name_are_written():
    a = np.zeros(4)
    v = a[1:]
    for x in np.nditer(v, op_flags=READWRITE):
        x[...] = 1
    for x in np.nditer([v], op_flags=[READWRITE]):
        x[...] += 1
    assert v.tolist() == [2, 2, 2] and not a.any()
