"""`cow.numpy` has every public name of NumPy; what makes arrays makes cow arrays."""

import importlib
import subprocess
import sys
import types
import warnings

import numpy
import pytest

import cow
import cow.numpy as np
from cow.numpy import _iterating, _made

OURS = {*_made.__all__, *_iterating.__all__, "random"}
# what returns arrays, and how it is called
CALLS = {
    "arange": (3,), "array": ([1],), "asanyarray": ([1],), "asarray": ([1],),
    "asarray_chkfinite": ([1],), "ascontiguousarray": ([1],),
    "asfortranarray": ([1],), "bartlett": (3,), "blackman": (3,), "copy": ([1],),
    "diag": ([1],), "diag_indices": (3,), "diagflat": ([1],), "empty": (3,),
    "empty_like": ([1],), "eye": (3,), "from_dlpack": (numpy.zeros(3),),
    "frombuffer": (b"12345678",), "fromfunction": (lambda i: i, (3,)),
    "fromiter": ([1], int), "fromstring": ("1 2", float, -1, " "), "full": (3, 1),
    "full_like": ([1], 2), "genfromtxt": (["1 2"],), "geomspace": (1, 2, 3),
    "hamming": (3,), "hanning": (3,), "identity": (3,), "indices": ((2, 2),),
    "ix_": ([1], [2]), "kaiser": (3, 1.0), "linspace": (0, 1, 3),
    "loadtxt": (["1 2"],), "logspace": (0, 1, 3), "mask_indices": (3, numpy.triu),
    "meshgrid": ([1], [2]), "ones": (3,), "ones_like": ([1],), "require": ([1],),
    "tri": (3,), "tril": ([[1]],), "tril_indices": (3,), "triu": ([[1]],),
    "triu_indices": (3,), "vander": ([1],), "zeros": (3,), "zeros_like": ([1],),
}  # fmt: skip
FROM_FILES = {"fromfile", "fromregex", "load"}
GRIDS = {"c_", "mgrid", "ogrid", "r_"}


@pytest.mark.parametrize("name", sorted({*numpy.__all__, *dir(numpy)} - {"__path__"}))
def test_each_name_of_numpy_is_there(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        wanted = getattr(numpy, name)
        found = getattr(np, name)
    assert name in dir(np)
    if name in OURS:
        assert found is not wanted
        assert isinstance(found, types.ModuleType) == (name == "random")
        assert callable(found) == callable(wanted)
    elif not name.startswith("__") and name not in ("test",):
        assert found is wanted


def test_what_is_not_in_numpy_is_not_here():
    with pytest.raises(AttributeError, match=r"^module 'cow.numpy' has no attribute"):
        np.nothing
    with pytest.raises(ImportError):
        from cow.numpy import nothing  # noqa: F401
    with pytest.raises(ModuleNotFoundError):
        import cow.numpy.nothing
    with pytest.raises(ModuleNotFoundError):
        import cow.numpy.pi  # noqa: F401


def test_all_that_differs_is_called_here():
    others = {"nditer", "nested_iters", "random"}
    known = CALLS.keys() | FROM_FILES | GRIDS | others
    assert known == OURS


@pytest.mark.parametrize("name", CALLS)
def test_what_makes_arrays_makes_cow_arrays(name):
    made, wanted = getattr(np, name)(*CALLS[name]), getattr(numpy, name)(*CALLS[name])
    if not isinstance(wanted, tuple):
        made, wanted = (made,), (wanted,)
    for each, other in zip(made, wanted, strict=True):
        assert type(each) is cow.CowArray
        assert (each.dtype, each.shape) == (other.dtype, other.shape)
        if not name.startswith("empty"):
            assert each.tolist() == other.tolist()


def test_what_reads_files_makes_cow_arrays(tmp_path):
    numpy.save(tmp_path / "a.npy", numpy.arange(3))
    numpy.arange(3).tofile(tmp_path / "a.bin")
    (tmp_path / "a.txt").write_text("a 1\nb 2\n")
    made = [
        np.load(tmp_path / "a.npy"),
        np.fromfile(tmp_path / "a.bin", dtype=int),
        np.fromregex(tmp_path / "a.txt", r"(\w) (\d)", [("x", "S1"), ("n", int)]),
    ]
    assert {type(each) for each in made} == {cow.CowArray}
    assert made[0].tolist() == made[1].tolist() == [0, 1, 2]
    assert made[2]["n"].tolist() == [1, 2]


def test_grids_make_cow_arrays():
    made = [np.r_[1:3, 5], np.c_[[1], [2]], np.mgrid[:3, :2], *np.ogrid[:3, :2]]
    assert {type(each) for each in made} == {cow.CowArray}
    assert np.r_[1:3, 5].tolist() == [1, 2, 5]
    assert np.mgrid[:3, :2].tolist() == numpy.mgrid[:3, :2].tolist()


def test_classes_are_numpys_own():
    a = np.zeros(3)
    assert np.ndarray is numpy.ndarray and isinstance(a, np.ndarray)
    assert np.float64 is numpy.float64 and isinstance(a[0], np.float64)
    assert isinstance(np.add, np.ufunc) and np.pi == numpy.pi


def test_subclasses_pass_asanyarray_and_plain_arrays_are_borrowed():
    masked = numpy.ma.array([1, 2], mask=[0, 1])
    assert type(np.asanyarray(masked)) is numpy.ma.MaskedArray
    p = numpy.zeros(3)
    for borrow in (np.asarray, np.asanyarray, np.asarray_chkfinite, np.require):
        a = borrow(p)
        assert numpy.shares_memory(numpy.asarray(a), p)
        a[0] = 1
        assert a[0] == 1 and p[0] == 0
        assert borrow(a) is a
    assert np.require(a, requirements=["C", "W"]) is a
    with pytest.raises(ValueError, match="infs or NaNs"):
        np.asarray_chkfinite(np.array([1, np.nan]))


def test_submodules_are_imported_as_those_of_numpy():
    import cow.numpy.linalg as la
    from cow.numpy.fft import rfft

    from cow.numpy.random import default_rng

    assert la is numpy.linalg is np.linalg and rfft is numpy.fft.rfft
    assert default_rng is np.random.default_rng
    assert importlib.import_module("cow.numpy.testing") is numpy.testing
    tricks = importlib.import_module("cow.numpy.lib.stride_tricks")
    assert tricks is numpy.lib.stride_tricks
    assert numpy.linalg.__name__ == "numpy.linalg"
    assert numpy.linalg.__spec__.name == "numpy.linalg"


def test_star_import_gives_all_names():
    scope = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        exec("from cow.numpy import *", scope)
    assert {*numpy.__all__} <= scope.keys()
    assert scope["zeros"] is cow.zeros and scope["ndarray"] is numpy.ndarray


def test_numpy_itself_stays_as_it_is():
    code = """
import numpy
before = dict(vars(numpy))
import cow.numpy as np
np.zeros(3), np.random.rand(3), np.linalg
assert all(vars(numpy)[name] is value for name, value in before.items())
assert type(numpy.zeros(3)) is numpy.ndarray is type(numpy.random.rand(3))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_import_draws_no_random_numbers():
    code = """
import numpy
numpy.random.seed(1); wanted = numpy.random.rand()
numpy.random.seed(1)
import cow.numpy as np
np.random.Generator
assert np.random.rand() == wanted
"""
    subprocess.run([sys.executable, "-c", code], check=True)
