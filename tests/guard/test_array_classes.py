"""Arrays of all classes stay as their caller has them, and so do their attributes."""

import warnings

import numpy as np
import pytest

import cow
from tests.guard.given import BOTH


class Unit(np.ndarray):
    def __array_finalize__(self, obj):
        self.unit = getattr(obj, "unit", None)


class Forgetful(np.ndarray):
    pass


def unit(x):
    a = x.view(Unit)
    a.unit = ["m"]
    return a


def forgetful(x):
    a = x.view(Forgetful)
    a.limits = np.array([0.0, 1.0])
    return a


SUBCLASSES = {
    "masked": lambda x: np.ma.array(x, mask=x > 3, copy=False),
    "matrix": lambda x: np.asmatrix(x),
    "recarray": lambda x: x.view([("v", x.dtype)]).view(np.recarray),
    "own": unit,
    "forgetful": forgetful,
    "chararray": lambda x: x.astype("S4").view(np.char.chararray),
}


@BOTH
@pytest.mark.parametrize("make", SUBCLASSES.values(), ids=list(SUBCLASSES))
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.filterwarnings("ignore:The chararray class:DeprecationWarning")
def test_subclass_is_kept_and_never_changes(make, n):
    x = make(np.arange(float(n)))
    before, mask = x.tobytes(), np.ma.getmaskarray(x).copy()

    def write(y):
        assert type(y) is type(x) and y.dtype == x.dtype
        for name in ("unit", "limits"):
            if hasattr(x, name):
                np.testing.assert_array_equal(getattr(y, name), getattr(x, name))
                getattr(y, name)[0] = 7
        y[...] = y[..., ::-1].copy()
        y[0] = np.ma.masked if isinstance(y, np.ma.MaskedArray) else y[-1]
        return y

    assert type(cow.no_mutate(write)(x)) is type(x)
    assert x.tobytes() == before
    assert (np.ma.getmaskarray(x) == mask).all()
    assert getattr(x, "unit", ["m"]) == ["m"]
    assert getattr(x, "limits", [0])[0] == 0
    with pytest.raises(cow.MutationError, match="argument y"):
        cow.no_mutate(on_write="raise")(write)(x)
    assert x.tobytes() == before
    cow.no_mutate(on_write="raise")(lambda y: y.copy())(x)


def test_view_of_a_masked_array_kept_by_the_body_is_its_own():
    x, kept = np.arange(5000.0), []

    @cow.no_mutate
    def keep(y):
        kept.append(np.ma.array(y, copy=False))
        kept.append(kept[0][1:])

    keep(x)
    x[:] = -1
    assert kept[0][2] == 2 and kept[1][1] == 2


@BOTH
def test_memmap_stays_one_and_its_file_as_it_is(tmp_path, n):
    x = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=n)
    x[:] = np.arange(n)

    @cow.no_mutate
    def write(y):
        y[0] = 99
        y.flush()
        assert y.filename == x.filename and y.mode == x.mode
        return isinstance(y, np.memmap), y[0]

    for function in (write, cow.no_mutate(isolate=True)(write.__wrapped__)):
        assert function(x) == (True, 99)
        assert x[0] == 0
    x.flush()
    np.testing.assert_array_equal(np.fromfile(tmp_path / "x"), np.arange(n))
    result = cow.no_mutate(lambda y: y)(x)
    assert not np.shares_memory(result, x)


def test_zero_dimensional_and_empty_arrays():
    @cow.no_mutate
    def write(x):
        x[...] = 5
        return x

    a = np.array(1.0)
    assert write(a) == 5 and a == 1
    assert write(np.zeros((0, 3))).shape == (0, 3)


@BOTH
def test_metadata_of_the_caller_never_changes(n):
    x = np.arange(float(n))
    flags = str(x.flags)

    @cow.no_mutate
    def reshape(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y.shape = (2, -1)
            y.dtype = "i8"
            y.strides = y.strides[::-1] if y.shape[0] == 1 else y.strides
        y.flags.writeable = False
        y.setflags(write=False)

    try:
        reshape(x)
    except (ValueError, cow.ReadOnlyError):
        pass
    assert x.shape == (n,) and x.dtype == float and x.strides == (8,)
    assert str(x.flags) == flags
