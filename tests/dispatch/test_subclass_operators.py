"""A subclass of ndarray that has operators of its own is asked first, as with NumPy."""

import operator
import warnings

import numpy as np
import pytest

import cow

NAMES = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]
NAMES += ["and_", "or_", "xor", "lshift", "rshift", "eq", "ne", "lt", "le", "gt", "ge"]


class Own(np.ndarray):
    """Says who was asked."""


class Silent(np.ndarray):
    """Asked, it gives up."""


for _name in NAMES:
    _plain = _name.strip("_")
    _way = f"__r{_plain}__" if _name not in NAMES[-6:] else f"__{_plain}__"
    setattr(Own, _way, lambda self, other, mod=None, way=_way: way)
    setattr(Silent, _way, lambda self, other, mod=None: NotImplemented)

OTHERS = {
    "own": lambda: np.ones((2, 2), int).view(Own),
    "silent": lambda: np.ones((2, 2), int).view(Silent),
    "matrix": lambda: np.matrix([[1, 2], [3, 4]]),
    "masked": lambda: np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]]),
}


def outcome(function, *args):
    try:
        found = function(*args)
    except Exception as error:
        return type(error)
    if isinstance(found, str):
        return found
    kind = np.ndarray if isinstance(found, cow.CowArray) else type(found)
    return kind, np.asarray(found).tolist()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("other", OTHERS)
def test_operator_gives_what_numpy_gives(name, other):
    plain = np.full((2, 2), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = OTHERS[other]()
        function = getattr(operator, name)
        for x in (plain, plain * 1.5):
            ours = cow.array(x)
            assert outcome(function, ours, y) == outcome(function, x, y)
            assert outcome(function, y, ours) == outcome(function, y, x)


def test_values_are_as_deep_as_numpy_takes_them():
    for value in ("[[1, 2, 3]]", "[[[1]]]", "np.datetime64(3, 's')"):
        for index in (":", "...", ":2"):
            for kind in (np.array, cow.array):
                x = kind([1, 2, 3])
                with pytest.raises((TypeError, ValueError)):
                    exec(f"x[{index}] = {value}", {"x": x, "np": np})
                assert x.tolist() == [1, 2, 3]


class Made:
    def __array__(self, dtype=None, copy=None):
        return np.array([[1, 2, 3]])


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_axes_of_one_of_what_makes_an_array_are_dropped():
    masked = np.ma.array([[1, 2, 3]])
    for value in (
        Made(),
        masked,
        memoryview(np.array([[1, 2, 3]])),
        np.matrix("1 2 3"),
    ):
        for index in (slice(None), ..., slice(-3, None)):
            for dtype in ("f8", "c8", "U3", "m8[s]", "i2"):
                x = cow.zeros(3, dtype)
                plain = np.zeros(3, dtype)
                plain[index] = value
                x[index] = value
                np.testing.assert_array_equal(np.asarray(x), plain)
