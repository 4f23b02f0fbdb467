"""Size, shape, strides, dtype and state that are set anew."""

import tracemalloc

import numpy as np
import pytest

import cow
from cow import _core

# NumPy 2.5 deprecates that shape, dtype and strides are set
pytestmark = pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")

TEXTS = np.dtypes.StringDType()
RECORD = [("a", "O"), ("b", "f8")]


def test_resize_of_an_array_that_something_else_holds_is_refused():
    a = cow.zeros(3)
    held = np.broadcast(a)
    with pytest.raises(ValueError, match="refcheck=False"):
        a.resize(1)
    del held
    a.resize(1)
    assert a.shape == (1,)


def test_memory_that_an_array_has_left_is_used_again():
    x, window = cow.zeros(1000), []
    for _ in range(500):
        window.append(x[...])
        x += 1
        del window[:-10]
    assert _core.sharing(x).kept <= 20 * x.nbytes


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_strides_that_make_elements_overlap_are_refused():
    a = cow.arange(8.0).reshape(4, 2)
    with pytest.raises(ValueError, match="as_strided"):
        a.strides = (8, 8)
    assert a.strides == (16, 8) and a[1].tolist() == [2, 3]
    square = cow.arange(4.0).reshape(2, 2)
    square.strides = (8, 16)
    assert square.tolist() == [[0, 2], [1, 3]]
    _core.check(square)


def test_elements_in_one_place_are_put_apart_by_a_write():
    for w in (
        np.lib.stride_tricks.sliding_window_view(cow.arange(6.0), 3),
        np.lib.stride_tricks.as_strided(cow.arange(6.0), (4, 3), (8, 8), subok=True),
    ):
        w[0, 1] = 99
        assert w.tolist() == [[0, 99, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
    b = cow.asarray(np.broadcast_to(cow.zeros(3), (2, 3)))
    b[0] += 1
    assert b.tolist() == [[1, 1, 1], [0, 0, 0]]


def test_array_that_grows_step_by_step_takes_no_more_than_its_size():
    def grown():
        a = cow.zeros(1)
        for n in range(2, 2000):
            a.resize(n)
        return a

    grown()  # its code is looked at once
    tracemalloc.start()
    try:
        a = grown()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert a.size == 1999 and peak < 20 * a.nbytes
    view = a[...]
    a.resize(3)
    assert view.size == 1999 and a.size == 3


@pytest.mark.parametrize("dtype", ["f8", "O", "U40", "S9", "M8[s]", RECORD, TEXTS])
@pytest.mark.parametrize("part", [slice(None), slice(None, None, 3)])
@pytest.mark.parametrize("writes", ["array", "view"])
def test_array_that_is_shared_and_written_again_and_again_keeps_its_size(
    dtype, part, writes
):
    plain = np.zeros(300, dtype)
    plain[...] = (1, 2) if plain.dtype.names else 1
    a = cow.array(plain)[part].copy() if part == slice(None) else cow.array(plain)[part]

    def step():
        snapshot = a[...]
        target = a if writes == "array" else snapshot
        target[0] = target[1]
        if dtype is TEXTS:
            target[2] = "z" * 300
            target[3] = ""

    for _ in range(5):
        step()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(500):
            step()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20 * a.nbytes
    _core.check(a)


def test_dtype_of_more_bytes_is_refused():
    a = cow.arange(10, dtype="i4")
    old = np.ndarray.flat.__get__(a)
    with pytest.raises(ValueError, match=r"Write instead:  a = a.view\(dtype\)"):
        a.dtype = "f8"
    assert a.dtype == "i4" and list(old) == [*range(10)]
    a = a.view("f8")
    assert a.size == 5
    a.dtype = "u1"
    assert a.size == 40
    empty = cow.zeros(0, "i4")
    empty.dtype = "f8"
    assert empty.dtype == "f8"


STATES = ["f8", "i4", ">f8", "O", [("x", "O"), ("y", "i2")], "U3", TEXTS, "?"]


@pytest.mark.parametrize("new", STATES)
@pytest.mark.parametrize("old", STATES)
def test_state_of_another_dtype_is_for_an_empty_array(old, new):
    state = np.zeros(3, new).__reduce__()[2]
    plain = np.empty(0)
    plain.__setstate__(state)
    a = cow.zeros(2, old)
    holder = np.ndarray.flat.__get__(a)
    narrower = plain.itemsize <= a.itemsize
    narrower = narrower and not (plain.dtype.hasobject or a.dtype.hasobject)
    if a.dtype == plain.dtype or narrower:
        a.__setstate__(state)
        assert a.shape == (3,) and a.dtype == plain.dtype
    else:
        with pytest.raises(TypeError, match=r"Write instead:  a = cow"):
            a.__setstate__(state)
        assert a.dtype == np.zeros(0, old).dtype and a.shape == (2,)
    assert len(list(holder)) <= 2
    a = cow.array(np.empty(0))
    a.__setstate__(state)
    assert a.dtype == plain.dtype and a.shape == (3,)
    a = cow.zeros(2, old)
    holder = np.ndarray.flat.__get__(a)
    a.resize(0, refcheck=False)
    if a.dtype != plain.dtype and not narrower:
        with pytest.raises(TypeError, match=r"Write instead:  a = cow"):
            a.__setstate__(state)
    assert [repr(item) for item in holder] == [repr(item) for item in np.zeros(2, old)]


def test_lengths_that_write_the_array_that_is_resized():
    a = cow.arange(4.0)

    class Length:
        def __index__(self):
            a[0] += 1
            return 6

    a.resize(Length(), refcheck=False)
    assert a.tolist() == [1, 1, 2, 3, 0, 0]
    a.resize((Length(), 1), refcheck=False)
    assert a.shape == (6, 1) and a[0, 0] == 2
    for shape in ((), (None,), ((3, 2),), (3, 2), ([2, 3],), (np.int8(6),)):
        plain = np.arange(4.0)
        a = cow.array(plain)
        plain.resize(*shape, refcheck=False)
        a.resize(*shape, refcheck=False)
        assert np.array_equal(a, plain) and a.shape == plain.shape
    for shape in (("x",), (1.5,), ((1, "x"),), (-1,), (2, -3)):
        with pytest.raises((TypeError, ValueError)) as wanted:
            np.arange(4.0).resize(*shape, refcheck=False)
        with pytest.raises(wanted.type):
            a.resize(*shape, refcheck=False)


@pytest.mark.parametrize("shape", [0, 3, 12, 500, (4, 5), (2, 3), (0, 2), ()])
@pytest.mark.parametrize("order", ["C", "F"])
def test_resize_of_strings_is_that_of_numbers(order, shape):
    numbers = cow.array(np.arange(1, 13).reshape(3, 4, order=order), order=order)
    strings = cow.array(np.array(numbers.astype("U2"), TEXTS, order=order), order=order)
    numbers.resize(shape, refcheck=False)
    strings.resize(shape, refcheck=False)
    wanted = np.asarray(numbers).astype("U2").astype(TEXTS)
    wanted[np.asarray(numbers) == 0] = ""  # what is new
    assert strings.shape == numbers.shape and strings.tolist() == wanted.tolist()
