"""What NumPy stores is stored, what it refuses is refused."""

import numpy as np
import pytest

import cow

# NumPy 2.5 deprecates that shape, dtype and strides are set
pytestmark = pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")


def test_strings_that_meet_objects_are_written_or_refused_as_by_numpy():
    t = cow.array(["ab", "c"], dtype=np.dtypes.StringDType())
    with pytest.raises(TypeError, match="ufunc 'add'"):
        t += np.zeros(2, [("o", "O")])
    kept = t[...]
    t += np.array(["x", "y"], dtype=object).astype(np.dtypes.StringDType())
    t.put([0], np.array(["z"], dtype=object))
    assert t.tolist() == ["z", "cy"] and kept.tolist() == ["ab", "c"]


ACCUMULATIONS = {
    "cumsum": lambda x, out: np.cumsum(x, out=out),
    "method": lambda x, out: x.cumsum(out=out),
    "cumprod": lambda x, out: x.cumprod(0, None, out),
    "accumulate": lambda x, out: np.add.accumulate(x, out=out),
    "accumulate by position": lambda x, out: np.add.accumulate(x, 0, None, out),
    "nancumsum": lambda x, out: np.nancumsum(x, out=out),
}
if hasattr(np, "cumulative_sum"):
    ACCUMULATIONS["cumulative_sum"] = lambda x, out: np.cumulative_sum(x, out=out)


@pytest.mark.parametrize("name", ACCUMULATIONS)
def test_accumulation_into_an_output_without_axes(name):
    for x in (cow.array([1.0, 2.0]), cow.array(3.0), np.array([1.0, 2.0])):
        for out in (cow.array(5.0), x):
            if out is x and (x.ndim or not isinstance(x, cow.CowArray)):
                continue
            if name in ("method", "cumprod") and not isinstance(x, cow.CowArray):
                continue
            with pytest.raises((ValueError, TypeError)):
                ACCUMULATIONS[name](x, out)
            assert out == (3 if out is x else 5)
    x, out = cow.array([1.0, 2.0]), cow.zeros(2)
    assert ACCUMULATIONS[name](x, out) is out
    assert out[0] == 1 and out[1] in (2, 3)


@pytest.mark.parametrize("value", ["i8", "f8", "m8[s]", "M8[s]", "U3", "O", "?", "c16"])
@pytest.mark.parametrize("dtype", ["i8", "f4", "m8[s]", "M8[s]", "U3", "?", "c8"])
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_element_is_set_to_an_array_without_axes(dtype, value):
    zero = np.zeros((), value)
    for shared in (False, True):
        plain, a = np.ones(3, dtype), cow.ones(3, dtype)
        keep = a[...] if shared else None
        wanted = raised = None
        try:
            plain[0] = zero
        except (TypeError, ValueError, RuntimeError) as error:
            wanted = type(error)
        try:
            a[0] = cow.array(zero)
        except (TypeError, ValueError, RuntimeError) as error:
            raised = type(error)
        assert raised is wanted and repr(a.tolist()) == repr(plain.tolist())
        assert keep is None or keep[0] == np.ones(1, dtype)[0]


class Fails:
    def __init__(self, error):
        self.error = error

    def __float__(self):
        raise self.error("mine")


@pytest.mark.parametrize("at", [0, -1, 2, (-1,), np.int8(-1)])
@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, ZeroDivisionError])
def test_an_element_whose_value_cannot_be_had_raises_what_that_raises(at, error):
    a, m = cow.array([1.0, 2.0, 3.0]), cow.ones((2, 3))
    with pytest.raises(error, match="mine"):
        a[at] = Fails(error)
    with pytest.raises(error, match="mine"):
        a.__setitem__(at, Fails(error))
    at = at if isinstance(at, int) else -1
    with pytest.raises(error, match="mine"):
        m.__setitem__((-1, at), Fails(error))
    with pytest.raises(TypeError):
        a[at] = 1j
    small, frozen = cow.ones(3, dtype="f4"), cow.readonly(a)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        small[at] = 1e300
    with pytest.raises(ValueError, match="read-only"):
        frozen[at] = 2.0
    assert a.tolist() == [1, 2, 3] and m.all() and small.all()
