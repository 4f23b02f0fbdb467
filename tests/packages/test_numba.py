"""Functions compiled by numba read cow arrays and refuse to write them."""

import numba
import numpy as np
import pytest
from numba.core.errors import TypingError

import cow


@numba.njit
def total(x):
    result = 0.0
    for value in x:
        result += value
    return result


@numba.njit
def doubled(x):
    return x * 2


@numba.njit
def zero_first(x):
    x[0] = 0
    return x


@numba.vectorize(["f8(f8)"])
def halved(value):
    return value / 2


@numba.guvectorize(["(f8[:], f8[:])"], "(n)->(n)")
def reversed_into(x, out):
    for i in range(len(x)):
        out[i] = x[len(x) - 1 - i]


def test_compiled_function_reads_arrays_views_and_readonly_arrays():
    a = cow.array([1.0, 2.0, 3.0])
    assert total(a) == total(cow.readonly(a)) == 6
    assert total(a[1:]) == total(a[:0:-1]) == 5
    result = doubled(a)
    assert type(result) is np.ndarray and result.tolist() == [2, 4, 6]


def test_compiled_write_is_refused_and_a_plain_copy_is_written():
    a = cow.array([1.0, 2.0, 3.0])
    with pytest.raises(TypingError, match="readonly array"):
        zero_first(a)
    assert zero_first(np.array(a)).tolist() == [0, 2, 3]
    assert a.tolist() == [1, 2, 3]


def test_compiled_ufuncs_write_cow_arrays_copy_on_write():
    a = cow.array([1.0, 2.0, 3.0])
    kept = a.copy()
    assert type(halved(a)) is cow.CowArray
    assert halved(a, out=a) is a and a.tolist() == [0.5, 1, 1.5]
    out = cow.zeros(3)
    assert reversed_into(kept, out) is out and out.tolist() == [3, 2, 1]
    assert kept.tolist() == [1, 2, 3]


@numba.njit
def tail(x):
    return x[1:]


@numba.njit
def total_of_two(x, y):
    return x.sum() + y.sum()


def refused(a):
    with pytest.raises(TypingError):
        zero_first(a)


CALLS = {
    "reads": total,
    "reads a view": lambda a: total(a[1:]),
    "reads what is read-only": lambda a: total(cow.readonly(a)),
    "reads it twice": lambda a: total_of_two(a, a),
    "makes an array": doubled,
    "is refused": refused,
    "ufunc": halved,
    "ufunc with an output": lambda a: halved(a, out=a),
    "generalized ufunc": lambda a: reversed_into(a, cow.zeros(3)),
}


@pytest.mark.parametrize("name", CALLS)
def test_compiled_functions_leave_no_sharer(name):
    a = cow.array([1.0, 2.0, 3.0])
    for _ in range(3):
        CALLS[name](a)
    assert not cow.is_shared(a)
    with cow.ledger() as log:
        a[0] = 9
    assert log.total_bytes == 0


def test_view_that_a_compiled_function_returns_is_read_only_and_keeps_its_memory():
    # known issue: it sees later writes to `a` that need no copy
    a = cow.array([1.0, 2.0, 3.0])
    view = tail(a)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 9
    kept = a[...]
    a[:] = 0
    del a
    assert view.tolist() == [2, 3] and kept.tolist() == [1, 2, 3]
