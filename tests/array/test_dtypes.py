"""Every dtype and every memory layout."""

import sys

import numpy as np
import pytest

import cow
from cow import _core

DTYPES = [
    *"?bBhHiIlLqQefdgFDG",
    "M8[s]",
    "m8[D]",
    "S5",
    "U5",
    "V3",
    "O",
    ">f8",
    ">i4",
    np.dtype([("x", "f4"), ("y", "i2", (2,))]),
    np.dtype([("x", "O"), ("y", "f8")]),
    np.dtypes.StringDType(),
]


def values(dtype, shape=(4, 6)):
    n = int(np.prod(shape))
    dtype = np.dtype(dtype)
    if dtype.names:
        a = np.zeros(n, dtype)
        a["x"] = np.arange(n)
        return a.reshape(shape)
    if dtype.kind == "V":
        return np.arange(n * dtype.itemsize, dtype="u1").view(dtype).reshape(shape)
    if dtype.kind == "M":
        return np.arange(n).astype("m8[s]").view("M8[s]").reshape(shape)
    return np.arange(n).astype(dtype).reshape(shape)


LAYOUTS = {
    "C": lambda a: a,
    "F": np.asfortranarray,
    "negative": lambda a: a[::-1, ::-1],
    "strided": lambda a: a[::2, 1::2],
    "broadcast": lambda a: np.broadcast_to(a[0], (3, 6)),
    "0-d": lambda a: a[1, 2, ...],
    "zero size": lambda a: a[:0],
    "transposed": lambda a: a.T,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("make", [cow.array, cow.asarray])
def test_write_changes_one_side_only(dtype, layout, make):
    p = LAYOUTS[layout](values(dtype))
    a = make(p)
    assert a.dtype == p.dtype and a.shape == p.shape
    v = a[...]
    w = a.copy()
    expected = np.array(p)
    fill = values(dtype)[3, 3]
    v[...] = fill
    for array in (a, w, p):
        np.testing.assert_array_equal(np.asarray(array), expected)
    expected[...] = fill
    np.testing.assert_array_equal(np.asarray(v), expected)
    for array in (a, v, w):
        _core.check(array)


def test_unaligned_memory_is_copied_on_write():
    raw = np.zeros(81, "u1")
    p = raw[1:].view("f8")
    a = cow.asarray(p)
    a[0] = 1.0
    a += 1
    assert p[0] == 0 and a[0] == 2


def test_object_elements_are_counted_exactly():
    item = object()
    before = sys.getrefcount(item)
    a = cow.array([item] * 100, dtype=object)
    assert sys.getrefcount(item) == before + 100
    v = a[:50]
    v[0] = None
    assert sys.getrefcount(item) == before + 149
    del a, v
    assert sys.getrefcount(item) == before


def test_arrays_inside_object_arrays_stay_what_they_are():
    inner = np.arange(3)
    a = cow.empty(2, dtype=object)
    a[0] = inner
    assert a[0] is inner and a[np.int64(0)] is inner


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # from NumPy 2.5 on
def test_setters_of_shape_and_dtype_change_one_array():
    a = cow.arange(6.0)
    v = a[:]
    v.dtype = "i8"
    assert a.dtype == "f8" and v.dtype == "i8"
    v[0] = 5
    assert a[0] == 0


def test_element_of_a_structured_array_refuses_and_two_lines_write_it():
    s = cow.zeros(3, [("x", "f8"), ("n", "i4")])
    kept = s[...]
    with pytest.raises(ValueError, match="read-only"):
        s[0]["x"] = 1
    x = s["x"]
    x[0] = 1
    s["x"] = x
    with cow.writing(s) as p:
        p[1]["x"] = 2
    assert s["x"].tolist() == [1, 2, 0] and kept["x"].tolist() == [0, 0, 0]
