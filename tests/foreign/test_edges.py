"""Cow arrays at the edges of other packages: what they keep, and what they refuse."""

import importlib
import io
import subprocess
import sys
import sysconfig
import textwrap

import astropy.units
import cv2
import h5py
import joblib
import numba
import numpy as np
import pyarrow
import pybind11
import pytest
import pywt
import scipy.sparse
import skimage.filters
import skimage.restoration
import skimage.transform
import unyt
import xarray
from scipy import signal

import cow

# ------------------------------------------------------------------- scipy.sparse

PARTS = {
    "csr": lambda a: ((a([1.0, 2, 3]), a([2, 0, 1], "i4"), a([0, 2, 3, 3], "i4")),),
    "csc": lambda a: ((a([1.0, 2, 3]), a([2, 0, 1], "i4"), a([0, 2, 3, 3], "i4")),),
    "coo": lambda a: ((a([1.0, 2, 3]), (a([0, 0, 1]), a([2, 0, 0]))),),
    "bsr": lambda a: ((a(np.ones((2, 1, 1))), a([0, 2], "i4"), a([0, 1, 2, 2], "i4")),),
    "dia": lambda a: ((a([[1.0, 2, 3]]), a([0])),),
    "csr of pairs": lambda a: ((a([1.0, 2, 3]), (a([0, 0, 1]), a([2, 0, 0]))),),
}
WRITES = [
    "S *= 2",
    "S /= 2",
    "S.sort_indices()",
    "S.sum_duplicates()",
    "S.eliminate_zeros()",
    "S.setdiag(7.0)",
    "S.resize(2, 2)",
    "S[0, 0] = 4.0",
    "S.data *= 2",
    "S.data[0] = 7",
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize("made", ["array", "matrix"])
def test_sparse_matrix_over_cow_arrays_is_written(made, kind, write):
    def written(constructor):
        (parts,) = PARTS[kind](constructor)
        before = repr(parts)
        S = getattr(scipy.sparse, f"{kind[:3]}_{made}")(parts, shape=(3, 3))
        try:
            exec(write, {"S": S})
        except Exception as error:  # what this kind of matrix does not know
            return type(error), str(error)
        return S.toarray().tolist(), repr(parts) == before

    expected = written(np.array)
    assert written(cow.array)[0] == expected[0]
    if isinstance(expected[0], list):
        assert written(cow.array)[1], "the arrays that it was made of stay"


@pytest.mark.parametrize("order", ["cow, scipy.sparse", "scipy.sparse, cow"])
def test_sparse_matrix_is_written_whatever_is_imported_first(order):
    program = f"""if True:
        import {order}
        S = scipy.sparse.csr_array((cow.ones(2), ([0, 1], [1, 0])))
        T = scipy.sparse.csr_array((cow.ones(2), cow.array([1, 0]), cow.arange(3)))
        S *= 2
        T *= 2
        print(S.toarray().tolist() == T.toarray().tolist() == [[0, 2], [2, 0]])
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.stdout.strip() == b"True", done.stderr.decode()


def test_read_only_array_becomes_a_sparse_matrix_of_its_own():
    frozen = cow.readonly(cow.array([[0.0, 1.0], [2.0, 0.0]]))
    S = scipy.sparse.coo_array((frozen[:, 0], ([0, 1], [1, 0])))
    S *= 3
    assert frozen.tolist() == [[0, 1], [2, 0]] and S.data.tolist() == [0, 6]


# --------------------------------------------------------------------- quantities

m = astropy.units.m
QUANTITIES = {
    "a * unit": lambda a: a * m,
    "unit * a": lambda a: m * a,
    "a / unit": lambda a: a / m,
    "a << unit": lambda a: a << m,
    "Quantity": lambda a: astropy.units.Quantity(a, "m"),
    "Quantity of a view": lambda a: astropy.units.Quantity(a[::-1], "m", copy=False),
    "unyt a * unit": lambda a: a * unyt.m,
    "unyt unit * a": lambda a: unyt.m * a,
    "unyt a / unit": lambda a: a / unyt.m,
}


@pytest.mark.parametrize("name", QUANTITIES)
def test_quantity_is_written_alone(name):
    def written(a):
        q = QUANTITIES[name](a)
        unit = getattr(q, "unit", None) or q.units
        q[0] = 9 * unit
        q *= 2
        return type(q), np.asarray(q).tolist(), str(unit)

    a = cow.array([1.0, 2.0, 3.0])
    kept = a[...]
    assert written(a) == written(np.array([1.0, 2.0, 3.0]))
    assert a.tolist() == kept.tolist() == [1, 2, 3]


def test_quantity_of_a_read_only_array_refuses():
    q = cow.readonly(cow.array([1.0, 2.0])) << m
    with pytest.raises(ValueError, match="read-only"):
        q[0] = 9 * m


# ------------------------------------------------------------- what keeps the memory

KEEPING = {
    "array": lambda a: pyarrow.array(a),
    "table": lambda a: pyarrow.table({"a": a})["a"],
    "record batch": lambda a: pyarrow.record_batch([a], names=["a"])["a"],
    "chunked array": lambda a: pyarrow.chunked_array([a]),
    "tensor": lambda a: pyarrow.Tensor.from_numpy(np.asarray(a)).to_numpy(),
    "lists": lambda a: pyarrow.FixedSizeListArray.from_arrays(a, 1).flatten(),
}


@pytest.mark.parametrize("name", KEEPING)
def test_what_arrow_holds_is_a_snapshot(name):
    a = cow.array([1.0, 2.0, 3.0])
    kept = KEEPING[name](a)
    a[:] = 9
    assert np.asarray(kept).tolist() == [1, 2, 3]


def test_a_selection_of_xarray_is_a_value():
    d = xarray.DataArray(cow.zeros((2, 3)), dims=("x", "y"))
    assert type(d.data) is cow.CowArray
    e = d.isel(x=0)
    e[0] = 50
    assert e.values.tolist() == [50, 0, 0] and d.values.sum() == 0
    d[0, 0] = 7
    assert d.sum() == 7
    with pytest.raises(ValueError, match="read-only"):
        d.values[0, 1] = 8  # a snapshot, as `np.asarray(a)`
    with cow.writing(d.data) as p:
        p[0, 1] = 8
    assert d.sum() == 15


def test_large_argument_of_joblib_borrows_the_file():
    def look(x):
        kind = type(x).__name__
        x[0] = 5
        return kind, x[:2]

    a = cow.zeros(1 << 18)
    for mode in ("r", "r+", "c"):
        pool = joblib.Parallel(2, max_nbytes="1M", mmap_mode=mode)
        for kind, x in pool(joblib.delayed(look)(a) for _ in range(2)):
            assert kind == "CowArray" and x.tolist() == [5, 0]
            x[1] = 1
    assert not a.any()


def test_joblib_keeps_one_file_for_an_array_and_none_that_is_old():
    def maps(x):
        with open("/proc/self/maps") as lines:
            return {line.split()[-1] for line in lines if "joblib_" in line}, x[0]

    a = cow.zeros(1 << 18)
    with joblib.Parallel(2, max_nbytes="1M") as pool:
        found = pool(joblib.delayed(maps)(a) for _ in range(6))
        assert len(set().union(*(files for files, _ in found))) == 1
        a[0] = 5
        assert {first for _, first in pool(joblib.delayed(maps)(a) for _ in "ab")} == {
            5.0
        }


# -------------------------------------------------- functions that look at the flag


@numba.njit("void(f8[:])")
def fill(x):
    x[0] = 9.0


def read_direct(a):
    store = io.BytesIO()
    with h5py.File(store, "w") as file:
        file["x"] = np.full(a.shape, 9.0)
        file["x"].read_direct(a)


def shuffle(a):
    np.random.default_rng(0).shuffle(a)


def draw(a):
    cv2.circle(a.reshape(3, 4), (1, 1), 1, 9.0, -1)


def blur(a):
    cv2.blur(np.ones((12, 1)), (3, 3), dst=a.reshape(12, 1))


def iterate(a):
    with np.nditer(a, op_flags=[["readwrite"]]) as items:
        for item in items:
            item[...] = 7


def permute(a):
    np.random.default_rng(0).permuted(a, out=a)


def draw_numbers(a):
    np.random.default_rng(0).random(out=a)


WRITING = [fill, read_direct, shuffle, draw, blur, iterate, permute, draw_numbers]
SECTIONS = signal.butter(3, 0.2, output="sos").ravel()
# read only, and yet want an array that could be written
WANTING = {
    "sosfilt": lambda a: signal.sosfilt(np.asarray(a[:6]).reshape(1, 6), np.ones(4)),
    "dwt": lambda a: pywt.dwt(a, "haar"),
    "warp": lambda a: skimage.transform.warp(a.reshape(3, 4), np.eye(3)),
    "rank": lambda a: skimage.filters.rank.median(
        a.astype("u1").reshape(3, 4), np.ones((3, 3))
    ),
    "unwrap": lambda a: skimage.restoration.unwrap_phase(a.reshape(3, 4)),
}
REFUSED = (ValueError, TypeError, cv2.error)


def numbers():
    return np.resize(SECTIONS, 12)


@pytest.mark.parametrize("function", WRITING)
def test_function_that_looks_at_the_flag_writes_an_opened_array(function):
    plain, a = numbers(), cow.array(numbers())
    kept = a[...]
    with pytest.raises(REFUSED):
        function(a)
    assert np.array_equal(a, kept)
    with cow.writing(a) as p:
        function(p)
    function(plain)
    assert np.array_equal(a, plain) and not np.array_equal(kept, plain)
    assert np.array_equal(kept, numbers())


@pytest.mark.parametrize("name", WANTING)
def test_function_that_wants_an_array_to_be_written_reads_an_opened_one(name):
    function = WANTING[name]
    a = cow.array(numbers())
    with pytest.raises(ValueError, match="read-only"):
        function(a)
    with cow.writing(a) as p:
        opened = function(p)
    np.testing.assert_array_equal(opened, function(numbers()))
    np.testing.assert_array_equal(cow.no_mutate(function)(a), function(numbers()))


@pytest.mark.parametrize("function", WRITING)
def test_guarded_function_gets_arrays_that_such_code_writes(function):
    def written(x):
        function(x)
        return x

    a, plain = cow.array(numbers()), numbers()
    result = cow.no_mutate(written)(a)
    assert type(result) is cow.CowArray
    assert np.array_equal(result, written(plain)) and np.array_equal(a, numbers())


@pytest.mark.parametrize("function", WRITING)
def test_refusal_of_what_is_passed_as_it_is_gives_the_line_to_write(function):
    def touched(x):
        function(x)

    a = cow.array(numbers())
    with pytest.raises(REFUSED) as caught:
        cow.no_mutate(touched, skip="x")(a)
    # of NumPy's own functions the error itself is ours
    told = "".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
    assert "Write instead" in told and "cow.writing(" in told
    with pytest.raises(REFUSED) as caught:  # a plain array is refused for its own sake
        frozen = numbers()
        frozen.flags.writeable = False
        cow.no_mutate(touched, skip="x")(frozen)
    assert not hasattr(caught.value, "__notes__")


# -------------------------------------------------------------- writable buffers

CYTHON = """
    # cython: language_level=3
    def fill(double[:] x):
        x[:] = 9.0

    def total(double[:] x):
        cdef double s = 0
        for i in range(x.shape[0]):
            s += x[i]
        return s
"""
CPP = """
    #include <pybind11/numpy.h>
    namespace py = pybind11;
    PYBIND11_MODULE(bound, m) {
        m.def("fill", [](py::buffer x) {
            py::buffer_info info = x.request(true);
            for (py::ssize_t i = 0; i < info.shape[0]; i++) {
                ((double *)info.ptr)[i] = 9.0;
            }
        });
        m.def("flagged", [](py::array_t<double> x) { x.mutable_at(0) = 9.0; });
    }
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compiled")
    (folder / "viewing.pyx").write_text(textwrap.dedent(CYTHON))
    (folder / "bound.cpp").write_text(textwrap.dedent(CPP))
    include = f"-I{sysconfig.get_paths()['include']}"
    options = ["-shared", "-fPIC", "-O1", "-w", include]
    subprocess.run(
        [sys.executable, "-m", "cython", "-3", "viewing.pyx"], cwd=folder, check=True
    )
    subprocess.run(
        ["cc", *options, "viewing.c", "-o", "viewing.so"], cwd=folder, check=True
    )
    headers = f"-I{pybind11.get_include()}"
    subprocess.run(
        ["c++", *options, headers, "bound.cpp", "-o", "bound.so"],
        cwd=folder,
        check=True,
    )
    sys.path.insert(0, str(folder))
    yield importlib.import_module("viewing"), importlib.import_module("bound")
    sys.path.remove(str(folder))


def test_cython_and_pybind11_write_the_buffer_of_an_array(compiled):
    viewing, bound = compiled
    for fill_all in (viewing.fill, bound.fill):
        a = cow.array([1.0, 2.0, 3.0])
        kept, view, plain = a[...], a[1:], np.asarray(a)
        fill_all(a)
        assert a.tolist() == [9, 9, 9]
        assert kept.tolist() == plain.tolist() == [1, 2, 3] and view.tolist() == [2, 3]
    assert viewing.total(cow.array([1.0, 2.0])) == 3


def test_what_looks_at_the_flag_in_pybind11_is_refused_or_opened(compiled):
    _, bound = compiled
    a = cow.array([1.0, 2.0])
    with pytest.raises(ValueError, match="not writeable"):
        bound.flagged(a)
    with cow.writing(a) as p:
        bound.flagged(p)
    assert a.tolist() == [9, 2]
