"""Basic indices, which the core reads itself, give the views that NumPy gives."""

import operator

import numpy as np
import pytest

import cow
from cow import _core


def an_index(rng, shape):
    """Integers, slices, None and an ellipsis, some of them wrong."""
    items = []
    for n in shape[: int(rng.integers(len(shape) + 1))]:
        kind = rng.integers(6)
        at = [int(i) for i in rng.integers(-n - 1, n + 2, size=2)]
        step = int(rng.choice([-3, -1, 1, 1, 2]))
        if kind == 0:
            items.append(np.int16(at[0]) if rng.integers(2) else at[0])
        elif kind == 1:
            items.append(slice(None))
        else:
            items.append(slice(at[0], None if kind == 2 else at[1], step))
    for extra in (None, None, Ellipsis, Ellipsis):
        if rng.integers(4) == 0:
            items.insert(int(rng.integers(len(items) + 1)), extra)
    if rng.integers(30) == 0:
        items.append(0)
    return items[0] if len(items) == 1 and rng.integers(2) else tuple(items)


def outcome(function, *args):
    """What a function returns, or the class and the text of what it raises."""
    try:
        return function(*args)
    except (IndexError, ValueError) as error:
        return type(error), str(error)


def arrays(rng):
    shape = tuple(rng.integers(1, 5, size=int(rng.integers(6))))
    dtype = rng.choice(["f8", "i2", "c8", "O", "S3", "f8,i4", "M8[s]"])
    plain = np.arange(int(np.prod(shape))).reshape(shape)
    plain = plain.astype("i8" if dtype[0] in "MS" else "f8").astype(dtype)
    order = rng.permutation(len(shape))
    return cow.array(plain).transpose(order), plain.transpose(order)


@pytest.mark.parametrize("seed", range(20))
def test_basic_indices_give_the_views_of_numpy(seed):
    rng = np.random.default_rng(seed)
    for _ in range(200):
        a, p = arrays(rng)
        idx = an_index(rng, p.shape)
        found, expected = (outcome(operator.getitem, x, idx) for x in (a, p))
        if not isinstance(expected, np.ndarray):
            assert found == expected or type(expected) is np.void
            continue
        assert type(found) is cow.CowArray
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype), idx
        if expected.size:
            assert found.strides == expected.strides, idx
        assert found.flags.c_contiguous == expected.flags.c_contiguous
        assert found.flags.aligned == expected.flags.aligned
        np.testing.assert_array_equal(np.asarray(found), expected, strict=True)
        _core.check(found)
        _core.check(a)


@pytest.mark.parametrize("seed", range(20))
def test_basic_indices_are_written_as_by_numpy(seed):
    rng = np.random.default_rng(seed)
    for _ in range(200):
        a, p = arrays(rng)
        p, before, snapshot = p.copy(), p.copy(), a[...]
        idx = an_index(rng, p.shape)
        value = p.flat[int(rng.integers(p.size))] if p.size else 0
        found = outcome(operator.setitem, a, idx, value)
        assert found == outcome(operator.setitem, p, idx, value), idx
        np.testing.assert_array_equal(np.asarray(a), p, strict=True)
        np.testing.assert_array_equal(np.asarray(snapshot), before, strict=True)
        _core.check(a)


class Once:
    """An index that may be asked once."""

    def __init__(self, at):
        self.at = at

    def __index__(self):
        at, self.at = self.at, None
        return at


def test_the_code_of_an_index_runs_once():
    a, p = cow.arange(12).reshape(3, 4), np.arange(12).reshape(3, 4)
    for make in [
        lambda: slice(Once(1), Once(3)),
        lambda: (slice(Once(1), None), 2),
        lambda: (slice(Once(2), Once(2)), 2),
        lambda: (Once(1), slice(Once(1), None)),
        lambda: (Once(1), Once(2)),
        lambda: (..., slice(Once(9))),
        lambda: (slice(Once(0), Once(2)), [0, 1]),
    ]:
        np.testing.assert_array_equal(np.asarray(a[make()]), p[make()])
        a[make()] = -1
        p[make()] = -1
        np.testing.assert_array_equal(np.asarray(a), p)
