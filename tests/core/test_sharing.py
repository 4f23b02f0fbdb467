"""What must share does, and what must not copy does not."""

import contextlib
import copy
import ctypes
import os
import pickle

import numpy as np
import pytest

import cow
from cow import _core


@contextlib.contextmanager
def copies():
    """Collect the sizes of the private copies that are made."""
    made = []
    old = _core.set_ledger(lambda array, nbytes, why: made.append(nbytes))
    try:
        yield made
    finally:
        _core.set_ledger(old)


@pytest.fixture
def a():
    return cow.arange(1_000_000.0).reshape(1000, 1000)


VIEWS = {
    "slice": lambda a: a[2:5],
    "row": lambda a: a[3],
    "reshape": lambda a: a.reshape(-1),
    "transpose": lambda a: a.T,
    "np.transpose": np.transpose,
    "snapshot": lambda a: a[...],
    "asarray": np.asarray,
    "readonly": cow.readonly,
    "memoryview": memoryview,
    "broadcast_to": lambda a: np.broadcast_to(a, (2, 1000, 1000)),
}


@pytest.mark.parametrize("name", VIEWS)
def test_view_shares_until_the_write(a, name):
    view = VIEWS[name](a)
    assert np.shares_memory(np.asarray(view), np.asarray(a))
    assert cow.is_shared(a)
    before = np.array(view)
    a[3, 3] = -1
    assert not np.shares_memory(np.asarray(view), np.asarray(a))
    np.testing.assert_array_equal(np.asarray(view), before)


COPIES = {
    "copy": lambda a: a.copy(),
    "np.copy": np.copy,
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "np.array": np.array,
    "cow.array": cow.array,
    "astype": lambda a: a.astype(a.dtype),
    "flatten": lambda a: a.flatten(),
    "take": lambda a: a.take(range(len(a)), axis=0),
    "fancy": lambda a: a[np.arange(len(a))],
    "mask": lambda a: a[np.ones(len(a), bool)],
    "concatenate": lambda a: np.concatenate([a]),
    "repeat": lambda a: np.repeat(a, 1, axis=0),
    "pickle": lambda a: pickle.loads(pickle.dumps(a, 5)),
    "to_numpy": lambda a: a.to_numpy(),
    "at": lambda a: a.at[0].set(a[0]),
    "require": lambda a: np.require(a, requirements="OW"),
    "sort": lambda a: np.sort(a, axis=0),
    "safe_modify": lambda a: cow.safe_modify(a, lambda x: x),
    "readonly copy": lambda a: cow.readonly(a).copy(),
}


@pytest.mark.parametrize("name", COPIES)
def test_copy_has_memory_of_its_own(a, name):
    copied = COPIES[name](a)
    assert not np.shares_memory(np.asarray(copied), np.asarray(a))
    for one, other in ((copied, a), (a, copied)):
        kept = np.array(other)
        address = np.asarray(one).__array_interface__["data"][0]
        ctypes.memset(address, 255, 8)  # as C code that ignores every flag
        np.testing.assert_array_equal(np.asarray(other), kept)


def test_unshared_array_is_written_in_place(a):
    with copies() as made:
        a[0] = 1
        a += 1
        a.sort()
        np.add(a, 1, out=a)
    assert made == []


def test_loop_that_writes_rows_copies_rows_only(a):
    expected = np.array(a) * 2
    with copies() as made:
        for i, row in enumerate(a):
            a[i] = row * 2
    assert sum(made) <= a.nbytes and max(made) <= a[0].nbytes
    np.testing.assert_array_equal(a, expected)


def test_smaller_side_moves(a):
    rows = [a[i] for i in range(10)]
    with copies() as made:
        a[:] = 0
    assert made == [8000] * 10
    assert [row[0] for row in rows] == [1000.0 * i for i in range(10)]


def test_views_that_do_not_see_the_write_stay_where_they_are(a):
    rows = [a[i] for i in range(1, 10)]
    with copies() as made:
        a[0] = 1
        a[0, 0] = 2
        a[10:20] = 3
        a[-1] = 4
    assert made == []
    assert [row[0] for row in rows] == [1000.0 * i for i in range(1, 10)]


def test_two_halves_are_written_in_place():
    whole = cow.arange(100_000.0)
    left, right = np.split(whole, 2)
    del whole
    with copies() as made:
        left += 1
        right.sort()
        np.sqrt(right, out=right)
    assert made == []
    np.testing.assert_array_equal(left, np.arange(50_000.0) + 1)
    np.testing.assert_array_equal(right, np.sqrt(np.arange(50_000.0, 100_000)))


def test_window_that_sees_the_write_moves_alone(a):
    windows = [a[i : i + 10] for i in range(990)]
    with copies() as made:
        a[0] = 1
    assert made == [80_000]
    assert windows[0][0, 1] == 1 and windows[1][0, 1] == 1001


def test_windows_are_moved_until_a_copy_of_the_array_is_cheaper(a):
    windows = [a[i : i + 10] for i in range(990)]
    with copies() as made:
        for i in range(1000):
            a[i] = -1
    assert a.nbytes < sum(made) <= 2 * a.nbytes + 800_000
    assert all(
        np.all(w[:, 0] == 1000.0 * (i + np.arange(10))) for i, w in enumerate(windows)
    )
    assert np.all(a == -1)


def some_view(rng, a):
    """Return a random view of a two-dimensional array, by a function of its own."""
    rows, columns = (
        slice(*sorted(rng.integers(0, n + 1, 2)), int(rng.integers(1, 4)))
        for n in a.shape
    )
    views = [
        lambda a: a[rows],
        lambda a: a[rows, columns],
        lambda a: a[::-1][rows].T,
        lambda a: a.T[columns],
        lambda a: a.reshape(-1)[rows],
        lambda a: a[:, columns][::-2],
        lambda a: a[int(rng.integers(len(a)))],
    ]
    return views[rng.integers(len(views))](a)


def some_write(rng, ndim, length, value):
    """Return a function that writes some part of an array."""
    row = int(rng.integers(-length, length))
    writes = [
        lambda x: x.__setitem__(row, value),
        lambda x: x.__setitem__(slice(row, row + 2), value),
        lambda x: x.__setitem__((row,) + (0,) * (ndim - 1), value),
        lambda x: x.__iadd__(1),
        lambda x: np.add(x, value, out=x),
        lambda x: x.__setitem__(slice(1, None), np.asarray(x)[:-1]),
        lambda x: x.sort(),
    ]
    return writes[rng.integers(len(writes))]


@pytest.mark.parametrize("seed", range(20))
def test_no_view_ever_sees_a_write_into_another(seed):
    rng = np.random.default_rng(seed)
    a = cow.arange(40.0 * 50).reshape(40, 50)
    alive = [(a, np.array(a))]
    for step in range(300):
        source, _ = alive[rng.integers(len(alive))]
        if source.ndim == 2 and min(source.shape) > 0 and rng.random() < 0.6:
            view = some_view(rng, source)
            alive.append((view, np.array(view)))
        else:
            at = int(rng.integers(len(alive)))
            target, expected = alive[at]
            if not target.size:
                continue
            write = some_write(rng, target.ndim, len(target), step)
            write(target)
            write(expected)
        if len(alive) > 30:
            del alive[rng.integers(len(alive))]
        for array, expected in alive:
            _core.check(array)
            np.testing.assert_array_equal(np.asarray(array), expected)


def test_view_that_escapes_from_a_write_reaches_no_other_view():
    left, right = np.split(cow.zeros(100_000), 2)
    escaped = _core.write(lambda alias: alias[...], (left,), None, 0)
    escaped[...] = 1
    assert not left.any() and not right.any()
    right[0] = 2
    assert escaped.all() and not left.any()


def test_what_is_told_of_copies_may_look_at_the_array(a):
    seen = []
    old = _core.set_ledger(lambda array, nbytes, why: seen.append(array[:]))
    try:
        view = a[:]
        with pytest.raises(RuntimeError, match="must not share"):
            a[0] = -1
    finally:
        _core.set_ledger(old)
    assert all(x[0, 1] == 1 for x in (a, view, *seen))


def test_view_beyond_the_elements_of_a_view_sees_no_write(a):
    flat = a.reshape(-1)
    part = flat[500:600]
    beyond = np.lib.stride_tricks.as_strided(part, (200,), (8,), subok=True)
    flat[650] = -1
    assert beyond[150] == 650


def test_plain_view_sees_no_write_though_numpy_gave_a_sharer_other_memory(a):
    sharer, plain = a[2:4], np.asarray(a)
    np.ndarray.__setstate__(sharer, (1, (2,), np.dtype(float), False, bytes(16)))
    a[0] = -1
    a[5, 5] = -1
    assert plain[0, 1] == 1 and plain[5, 5] == 5005


def test_memory_that_a_guard_shares_is_not_taken_for_an_operand_s():
    x, kept = cow.arange(64.0), []

    def seal_of(array):
        return id(_core.sharing(array).storage.base)

    def guard(array):
        """Let the array move to and fro, so that a new seal lies where one was."""
        first, blocks = seal_of(array), [np.empty(0) for _ in range(30)]
        while blocks and (seal_of(array) != first or len(blocks) == 30):
            view = array[:]
            _core.detach(array)
            del view
            blocks.pop()
        kept.append(np.asarray(array))

    for _ in range(5):
        _core.set_guard(x, guard)
        x += x
        _core.set_guard(x, None)
    assert [view[1] for view in kept] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize(
    "write",
    [
        lambda b: b.__setitem__((0, 1), 9.0),
        lambda b: b.__iadd__(np.arange(12.0).reshape(4, 3)[::-1]),
        lambda b: b.partition(1, axis=0),
        lambda b: np.add.at(b, 0, 1),
    ],
)
def test_rows_of_a_broadcast_array_are_written_one_by_one(write):
    b = np.broadcast_to(cow.arange(3.0), (4, 3))
    assert cow.explain(b).moves == "array"
    expected = np.array(b)
    write(b)
    write(expected)
    np.testing.assert_array_equal(b, expected)
    _core.check(b)


def test_small_view_moves_itself(a):
    row = a[5]
    with copies() as made:
        row[0] = 1
    assert made == [8000]


def test_moves_alternate_between_two_blocks(a):
    blocks = set()
    for i in range(10):
        v = a[:]
        a[0, 0] = i
        blocks.add(np.asarray(a).ctypes.data)
    assert v[0, 0] == 8
    assert len(blocks) <= 3


@pytest.mark.parametrize("alive", [True, False])
def test_many_views_need_no_walk_for_each_write(a, alive):
    views = [a[i % 1000] for i in range(100_000)]
    if not alive:
        views.clear()
    with copies() as made:
        for i in range(1000):
            a[i % 1000, 0] = i
    assert len(made) <= 1


def test_borrowed_array_is_never_written(a):
    p = np.arange(100_000.0)
    for flag in (True, False):
        p.flags.writeable = flag
        c = cow.asarray(p)
        assert np.shares_memory(np.asarray(c), p) and cow.is_shared(c)
        c[0] = -1
        c += 1
        assert p[0] == 0 and c[0] == 0 and not cow.is_shared(c)


def test_small_part_of_a_large_array_is_copied_to_let_go(a):
    assert not np.shares_memory(np.asarray(a[3].copy()), np.asarray(a))


def test_core_is_the_one_beside_the_package():
    assert os.path.dirname(_core.__file__) == os.path.dirname(cow.__file__)


@pytest.mark.parametrize("nd", range(1, 8))
def test_transposed_view_with_negative_strides(nd):
    p = np.arange(2**nd).reshape((2,) * nd)[::-1]
    c = cow.arange(2**nd).reshape((2,) * nd)[::-1]
    for transpose in (lambda a: a.T, np.ndarray.transpose, np.transpose):
        v = transpose(c)
        np.testing.assert_array_equal(v, transpose(p))
        _core.check(v)
        v[...] = 0
        np.testing.assert_array_equal(c, p)


def test_record_is_a_snapshot():
    c = cow.array([(1, 2), (3, 4)], dtype=[("u", "i4"), ("w", "i4")])
    first, rows = c[0], list(c)
    c[0] = (5, 6)
    assert first.tolist() == (1, 2) and rows[0].tolist() == (1, 2)
    assert c[0].tolist() == (5, 6)


def test_operand_that_overrides_ufuncs_gets_no_alias():
    seen = []

    class Other:
        def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
            seen.extend([*inputs[:1], *out])
            return "other"

    c = cow.zeros(3)
    kept = c
    c += Other()
    assert c == "other" and seen[0] is kept and seen[1] is kept
