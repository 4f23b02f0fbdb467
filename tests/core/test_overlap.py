"""Operands that overlap the memory that is written."""

import numpy as np
import pytest

import cow
from cow import _core

# NumPy 2.5 deprecates that shape, dtype and strides are set
pytestmark = pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")

DTYPES = [
    "?",
    "i1",
    "u2",
    "i4",
    "f2",
    "f4",
    "f8",
    "g",
    "F",
    "D",
    "S3",
    "U2",
    "m8[s]",
    "M8[D]",
    ">i4",
    ">f8",
    "O",
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [7, 100, 20_000])
def test_operand_over_the_memory_that_is_written(dtype, n):
    p = (np.arange(n) % 7).astype("M8[D]" if dtype == "M8[D]" else dtype)
    half = n // 2
    places = [
        (slice(None, 2 * half, 2), slice(half)),
        (slice(half), slice(None, 2 * half, 2)),
        (slice(1, None), slice(-1)),
        (slice(-1), slice(1, None)),
        (slice(None), slice(None, None, -1)),
        (slice(half), slice(n - half, None)),
    ]
    for to, of in places:
        expected = p.copy()
        expected[to] = p[of].copy()
        for named in (True, False):
            a = cow.array(p)
            if named:
                v = a[of]
                a[to] = v
                assert v.tolist() == p[of].tolist()
            else:
                a[to] = a[of]
            assert a.tolist() == expected.tolist()
            _core.check(a)
        a, w = cow.array(p), None
        w = np.asarray(a)
        a[to] = w[of]
        assert a.tolist() == expected.tolist() and w.tolist() == p.tolist()


@pytest.mark.parametrize("n", [10, 1000, 100_000])
def test_operators_and_outputs_over_their_own_memory(n):
    p = np.arange(float(n))
    a = cow.array(p)
    a += a[::-1]
    assert (np.asarray(a) == p + p[::-1]).all()
    a = cow.array(p)
    v = a[::-1]
    a -= v
    assert (np.asarray(a) == p - p[::-1]).all() and (np.asarray(v) == p[::-1]).all()
    a = cow.array(p)
    np.multiply(a[::-1], a, out=a)
    assert (np.asarray(a) == p * p[::-1]).all()
    a = cow.array(p)
    np.copyto(a, a[::-1])
    assert (np.asarray(a) == p[::-1]).all()
    a = cow.array(p)
    np.cumsum(a[::-1], out=a)
    assert (np.asarray(a) == p[::-1].cumsum()).all()
    a = cow.array(p)
    b = a[1:]
    b[:] = a[:-1]
    assert (np.asarray(b) == p[:-1]).all() and (np.asarray(a) == p).all()


def test_index_over_the_memory_that_is_written():
    a = cow.array([3, 1, 2, 0])
    a[a] = 7
    assert a.tolist() == [7] * 4
    a = cow.arange(6)
    a[a[::-1]] = a * 10
    assert a.tolist() == [50, 40, 30, 20, 10, 0]
    m = cow.array([True, False, True])
    m[m] = [False, True]
    assert m.tolist() == [False, False, True]
