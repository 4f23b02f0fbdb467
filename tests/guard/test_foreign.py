"""Sparse matrices, buffers and the like stay as their caller has them."""

import array
import copy
import ctypes
import datetime
import decimal
import fractions
import io
import pathlib
import re
import types
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import cow
from cow._guard.registry import how, is_guarded
from tests.oracle.guarded import alike, never_written, pointed, tells

# ------------------------------------------------------------------- scipy.sparse

DENSE = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 3.0], [0.0, 4.0, 0.0]])
FORMATS = ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"]
SPARSE = {
    f"{form} {kind}": lambda form=form, make=make: make(DENSE).asformat(form)
    for form in FORMATS
    for kind, make in {
        "array": scipy.sparse.csr_array,
        "matrix": scipy.sparse.csr_matrix,
    }.items()
}
SPARSE["one dimension"] = lambda: scipy.sparse.coo_array(DENSE[1])
SPARSE["empty"] = lambda: scipy.sparse.csr_array((3, 3))
SPARSE["doubled"] = lambda: scipy.sparse.coo_array(([1.0, 2.0], ([0, 0], [1, 1])))


def call(method, *args, **named):
    return lambda x: getattr(x, method)(*args, **named)


# (an object array of lists is no memory of numbers: C code would crash)
SPARSE_WRITES = {
    "item": lambda x: x.__setitem__((1, 0), 9.0),
    "new item": lambda x: x.__setitem__((0, 0), 9.0),
    "row": lambda x: x.__setitem__((0, slice(None)), 9.0),
    "in place": lambda x: x.__imul__(2),
    "diagonal": call("setdiag", 5.0),
    "zeros": lambda x: (x.data.view("f8").__setitem__(0, 0), x.eliminate_zeros()),
    "data": lambda x: x.data.view("f8").__setitem__(0, 9.0),
    "data pointer": lambda x: pointed(x.data),
    "indices pointer": lambda x: pointed(x.indices, 0),
    "coordinates": lambda x: pointed(x.coords[-1], 0),
    "offsets": lambda x: pointed(x.offsets, 0),
    "lists": lambda x: x.data[1].__setitem__(0, 8.0),
    "rows": lambda x: (x.rows[0].append(2), x.data[0].append(9.0)),
    "dict": lambda x: x._dict.__setitem__((0, 0), 9.0),
    "resize": call("resize", (2, 2)),
    "prune": lambda x: (x.sum_duplicates(), x.data.__setitem__(0, 8.0)),
    "attribute": lambda x: setattr(x, "data", x.data.view("f8") * 2),
    "reading": lambda x: (x @ np.ones(x.shape[-1]), x.sum(), x.tocsr().T),
}


def sparse_seen(x):
    return repr((x.format, x.shape, x.toarray().tolist(), str(x.dtype)))


@pytest.mark.parametrize("write", SPARSE_WRITES)
@pytest.mark.parametrize("kind", SPARSE)
def test_sparse_matrix_is_written_inside_alone(kind, write):
    alike(SPARSE[kind], SPARSE_WRITES[write], sparse_seen)


@pytest.mark.parametrize("write", SPARSE_WRITES)
def test_write_into_a_sparse_matrix_is_told(write):
    for kind in SPARSE:
        tells(SPARSE[kind], SPARSE_WRITES[write], sparse_seen)


def test_the_writes_into_sparse_matrices_write():
    assert never_written(SPARSE, SPARSE_WRITES, sparse_seen) == {"reading"}


def test_array_beside_its_sparse_matrix_is_one_inside():
    def write(matrix, data):
        data[0] = 99.0
        return matrix.toarray().tolist()

    matrix = SPARSE["csr array"]()
    inside = write(*copy.deepcopy((matrix, matrix.data)))
    assert cow.no_mutate(write)(matrix, matrix.data) == inside
    assert matrix.data[0] == 1


# ------------------------------------------------------------------------ buffers


class Bytes(bytearray):
    pass


class Numbers(array.array):
    pass


class Pair(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("n", ctypes.c_int * 2)]


class Either(ctypes.Union):
    _fields_ = [("x", ctypes.c_double), ("n", ctypes.c_int * 2)]


class Swapped(ctypes.BigEndianStructure):
    _fields_ = [("n", ctypes.c_int)]


def sub_bytes():
    value = Bytes(b"abcdefgh")
    value.note = [np.zeros(2)]
    return value


def characters():
    with warnings.catch_warnings():  # Python 3.13 and later
        warnings.filterwarnings("ignore", "The 'u' type code", DeprecationWarning)
        return array.array("u", "äöü")


def addressed(x):
    ctypes.memset(ctypes.addressof(x), 1, ctypes.sizeof(x))


BUFFERS = {
    "bytearray": lambda: bytearray(b"abcdefgh"),
    "empty": lambda: bytearray(),
    "subclass": sub_bytes,
    "doubles": lambda: array.array("d", [1.0, 2.0]),
    "characters": characters,
    "array subclass": lambda: Numbers("i", [1, 2]),
    "ctypes array": lambda: (ctypes.c_double * 3)(1, 2, 3),
    "ctypes over an array": lambda: (ctypes.c_double * 3).from_buffer(np.arange(3.0)),
    "structure": lambda: Pair(1.0, (1, 2)),
    "union": lambda: Either(1.0),
    "swapped": lambda: Swapped(3),
    "number": lambda: ctypes.c_double(1.0),
    "nested": lambda: (Pair * 2)(Pair(1.0), Pair(2.0)),
}
if "w" in array.typecodes:  # since Python 3.13
    BUFFERS["wide characters"] = lambda: array.array("w", "äöü")
BUFFER_WRITES = {
    "item": lambda x: x.__setitem__(0, x[1]),
    "slice": lambda x: x.__setitem__(slice(0, 2), x[1:2]),
    "append": lambda x: x.append(x[0]),
    "clear": lambda x: x.clear(),
    "in place": lambda x: x.__iadd__(x),
    "byteswap": lambda x: x.byteswap(),
    "view": lambda x: memoryview(x).cast("B").__setitem__(0, 1),
    "frombuffer": lambda x: np.frombuffer(x, np.uint8).__setitem__(0, 1),
    "pointer": lambda x: pointed(np.frombuffer(x, np.uint8)),
    "address": lambda x: addressed(x),
    "read into": lambda x: io.BytesIO(b"\1" * 8).readinto(x),
    "field": lambda x: setattr(x, "x", 9.0),
    "inner field": lambda x: x.n.__setitem__(0, 9),
    "big end": lambda x: setattr(x, "n", 9),
    "value": lambda x: x.value and setattr(x, "value", 9.0),
    "element": lambda x: setattr(x[0], "x", 9.0),
    "attribute": lambda x: x.note[0].__setitem__(0, 9),
    "nothing": lambda x: bytes(x),
}


def buffer_seen(x):
    return repr((bytes(x), getattr(x, "note", None)))


@pytest.mark.parametrize("write", BUFFER_WRITES)
@pytest.mark.parametrize("kind", BUFFERS)
def test_buffer_is_written_inside_alone(kind, write):
    def deep(x):  # of an array it forgets the class
        return Numbers("i", x) if isinstance(x, Numbers) else copy.deepcopy(x)

    alike(BUFFERS[kind], BUFFER_WRITES[write], buffer_seen, deep)


@pytest.mark.parametrize("write", BUFFER_WRITES)
def test_write_into_a_buffer_is_told(write):
    for kind, build in BUFFERS.items():
        if kind != "subclass":
            tells(build, BUFFER_WRITES[write], buffer_seen)


def test_the_writes_into_buffers_write():
    assert never_written(BUFFERS, BUFFER_WRITES, buffer_seen) == {"nothing"}


def test_structure_with_pointers_passes_as_it_is():
    class Pointing(ctypes.Structure):
        _fields_ = [("at", ctypes.POINTER(ctypes.c_int))]

    value = Pointing(ctypes.pointer(ctypes.c_int(3)))
    assert cow.no_mutate(lambda x: x)(value) is value
    assert "skip" not in how(value)


VIEWS = {
    "bytes": lambda: memoryview(b"abcdefgh"),
    "bytearray": lambda: memoryview(bytearray(b"abcdefgh")),
    "part": lambda: memoryview(bytearray(b"abcdefgh"))[2:6],
    "steps": lambda: memoryview(bytearray(b"abcdefgh"))[::2],
    "backwards": lambda: memoryview(bytearray(b"abcdefgh"))[::-1],
    "array": lambda: memoryview(array.array("l", [1, 2, 3])),
    "doubles": lambda: memoryview(np.arange(6.0)),
    "two dimensions": lambda: memoryview(np.arange(6.0).reshape(2, 3)),
    "columns first": lambda: memoryview(np.arange(6.0).reshape(2, 3).T),
    "strides": lambda: memoryview(np.arange(24.0).reshape(4, 6)[::2, 1::2]),
    "no dimension": lambda: memoryview(np.array(3.0)),
    "empty": lambda: memoryview(bytearray()),
    "cast": lambda: memoryview(bytearray(range(16))).cast("d"),
    "characters": lambda: memoryview(bytearray(b"abcdefgh")).cast("c"),
    "cast to two": lambda: memoryview(bytearray(range(16))).cast("B", (4, 4)),
    "read-only": lambda: memoryview(bytearray(b"abcdefgh")).toreadonly(),
    "cow": lambda: memoryview(cow.arange(6.0)),
    "records": lambda: memoryview(np.zeros(3, [("a", "i4"), ("b", "f8")])),
    "truths": lambda: memoryview(np.array([True, False])),
    "pointers": lambda: memoryview(bytearray(range(16))).cast("P"),
    "ctypes": lambda: memoryview((ctypes.c_double * 3)(1, 2, 3)),
    "big end": lambda: memoryview(np.arange(3, dtype=">f8")),
}
VIEW_WRITES = {
    "item": lambda x: x.__setitem__(0, x[1]),
    "two items": lambda x: x.__setitem__((0, 1), x[1, 0]),
    "asarray": lambda x: np.asarray(x).__setitem__(0, np.asarray(x)[1]),
    "pointer": lambda x: pointed(np.asarray(x)),
    "no dimension": lambda x: x.__setitem__((), 9.0),
    "release": lambda x: x.release(),
    "with": lambda x: x.__enter__().__exit__(None, None, None),
}


def view_seen(x):
    try:
        facts = (x.format, x.shape, x.readonly, x.ndim, x.itemsize, x.nbytes)
    except ValueError:
        return "released"
    return repr((facts, x.tobytes()))


def view_of_a_copy(x):
    """As `copy.deepcopy` would give it; views it cannot copy."""
    try:
        inner = memoryview(np.array(x))
        if inner.format != x.format:
            raise ValueError
    except ValueError:
        inner = memoryview(bytearray(x.tobytes()))
        inner = inner.cast(x.format, x.shape) if x.nbytes else inner
    return inner.toreadonly() if x.readonly else inner


@pytest.mark.parametrize("write", VIEW_WRITES)
@pytest.mark.parametrize("kind", VIEWS)
def test_memory_view_is_written_inside_alone(kind, write):
    alike(VIEWS[kind], VIEW_WRITES[write], view_seen, view_of_a_copy)


@pytest.mark.parametrize("write", ["item", "pointer", "two items"])
def test_write_into_a_memory_view_is_told(write):
    for kind in ("bytearray", "steps", "doubles", "two dimensions", "cast", "cow"):
        tells(VIEWS[kind], VIEW_WRITES[write], view_seen, view_of_a_copy)


def test_released_view_passes_as_it_is():
    view = memoryview(bytearray(3))
    view.release()
    assert cow.no_mutate(lambda x: x)(view) is view


def test_buffer_may_grow_while_a_guarded_function_has_its_copy():
    kept = bytearray(b"abc")

    @cow.no_mutate
    def grow(x):
        kept.append(1)
        x.append(2)
        return bytes(x)

    assert grow(kept) == b"abc\2" and kept == b"abc\1"


# ----------------------------------------------------------------- NumPy's objects


@pytest.mark.parametrize("make", [np.array, cow.array])
def test_flat_iterator_is_over_a_copy(make):
    def write(x):
        found = x.index, next(x)
        x[0] = 99.0
        return *found, x.base[0]

    a = make([1.0, 2.0, 3.0])
    flat = a.flat
    next(flat)
    assert cow.no_mutate(write)(flat) == (1, 2.0, 99.0)
    assert a.tolist() == [1, 2, 3] and flat.index == 1


@pytest.mark.parametrize("make", [np.poly1d, np.polynomial.Polynomial])
def test_polynomial_is_written_inside_alone(make):
    def write(p):
        coefficients = getattr(p, "coef", None)
        coefficients[0] = 99.0
        return p(2.0)

    p = make([1.0, 2.0, 3.0])
    inside = write(copy.deepcopy(p))
    before = p(2.0)
    assert cow.no_mutate(write)(p) == inside != before
    assert p(2.0) == before
    with pytest.raises(cow.MutationError, match="argument p"):
        cow.no_mutate(write, on_write="raise")(p)


# ------------------------------------------------------------------- how, is_guarded


class Model:
    pass


HOW = {
    "copied": [np.ones(3)],
    "copied: cow.CowArray": [cow.ones(3)],
    "copied: numpy.ma.MaskedArray": [np.ma.array([1])],
    "rebuilt: list": [[], [1]],
    "rebuilt: tuple": [(1,)],
    "rebuilt: types.SimpleNamespace": [types.SimpleNamespace()],
    "copied: pandas.DataFrame": [pd.DataFrame()],
    "copied: bytearray": [bytearray()],
    "copied: memoryview": [memoryview(b"")],
    "copied: array.array": [array.array("d")],
    "copied: scipy.sparse._csr.csr_array": [scipy.sparse.csr_array((2, 2))],
    "cannot be changed": [
        *(1, 1.5, True, 1j, "a", b"a", None, ..., NotImplemented, range(3), slice(3)),
        *(len, np.sin, np.float64(3), np.dtype("f8"), int, Model, np, lambda x: x),
        *(decimal.Decimal(1), fractions.Fraction(1, 2), pathlib.Path("x")),
        *(re.compile("x"), datetime.datetime(2020, 1, 1), datetime.timedelta(1)),
        *(pd.Timestamp("2020"), pd.NaT, pd.NA, pd.Interval(0, 1), pd.Int64Dtype()),
        *([].append, "".join, io.BytesIO().read, Model().__init__),
    ],
}


@pytest.mark.parametrize("wanted", HOW)
def test_how_a_value_is_guarded(wanted):
    for value in HOW[wanted]:
        assert how(value) == wanted, value
        assert is_guarded(value)


def test_how_says_what_to_write_for_an_unknown_class():
    text = how(Model())
    assert text.startswith("passes as it is: an object of the class ")
    assert text.endswith(
        "Model; cow.register_container(Model, take_apart, put_together) guards it"
    )
    for value in (Model(), io.BytesIO(), iter(Model, 1), np.random.default_rng()):
        assert not is_guarded(value)
