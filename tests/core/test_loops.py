"""Operators on small arrays call the inner loops at once: as NumPy, to the last bit."""

import itertools
import operator
import warnings

import numpy as np
import pytest

import cow
from cow import _core

BINARY = [
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor"),
    *("lshift", "rshift", "lt", "le", "eq", "ne", "gt", "ge", "pow"),
]
UFUNCS = [
    *(
        "maximum",
        "fmin",
        "arctan2",
        "hypot",
        "logical_and",
        "sqrt",
        "exp",
        "log",
        "abs",
    ),
    *("isnan", "sign", "reciprocal", "negative", "tanh", "invert"),
]
VALUES = {
    "f8": [0.0, -0.0, 1.5, -2.0, np.inf, np.nan, 1e308, 5e-324, 2.5e-308],
    "f4": [0.0, -0.0, 1.5, -2.0, np.inf, np.nan, 3e38, 1e-45, 1e-38],
    "i8": [0, 1, -1, 7, 2**62, -(2**63), 63],
    "?": [True, False],
    "i4": [0, 1, -1, 7],
    ">f8": [1.5, 0.0],
    "c16": [1 + 2j, 0j],
}
NUMBERS = [
    *(0.0, 1.5, -3.0, 1e300, 1e-300, float("nan"), 2, -1, 0, 2**53 + 1, 2**70, True),
    *(np.float64(2.5), np.float32(2.5), np.int64(3), np.bool_(True), 1j),
]
SHAPES = [(1,), (7,), (3, 4), (2, 3, 2), (1, 5), (5, 1), (), (0,), (2, 1, 1, 3, 2)]
SETTINGS = ["warn", "raise", "ignore", "call"]


def arrays(rng, shape, dtype):
    """A plain array of the shape, in memory of some layout."""
    wide = tuple(2 * n + 2 for n in shape)
    plain = rng.choice(np.array(VALUES[dtype], dtype), size=wide)
    where = [
        tuple(slice(0, n) for n in shape),
        tuple(slice(1, n + 1) for n in shape),
        tuple(slice(0, 2 * n, 2) for n in shape),
        tuple(slice(n, 0, -1) for n in shape),
    ]
    found = plain[where[int(rng.integers(4))]]
    if rng.integers(3) == 0:
        found = found.copy(order="F")
    return np.array(found) if rng.integers(2) or shape == () else found


def outcome(function, setting):
    """The result, and what was said about it, by warnings, errors or a call."""
    said = []

    def call(kind, flag):
        said.append((kind, flag))

    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(all=setting, call=call if setting == "call" else None),
    ):
        warnings.simplefilter("always")
        try:
            result = function()
        except (ArithmeticError, TypeError, ValueError) as error:
            result = type(error), str(error)
    said += [(w.category, str(w.message)) for w in caught]
    return result, said


def described(result):
    if not isinstance(result, np.ndarray):
        return type(result), str(result)
    strides = [s for s, n in zip(result.strides, result.shape, strict=True) if n > 1]
    return result.shape, result.dtype, strides, np.asarray(result).tobytes()


def same(ours, numpys, *about):
    (result, said), (expected, also) = ours, numpys
    assert described(result) == described(expected), about
    assert said == also, about
    if isinstance(expected, np.ndarray):
        assert type(result) is cow.CowArray
        _core.check(result)


def some_operands(rng):
    shape = SHAPES[int(rng.integers(len(SHAPES)))]
    dtypes = list(VALUES)
    left = arrays(rng, shape, dtypes[int(rng.integers(len(dtypes)))])
    other = int(rng.integers(6))
    if other < 3:
        right = arrays(rng, shape, left.dtype.str.lstrip("<|").replace("b1", "?"))
    elif other == 3:
        right = arrays(rng, shape[1:], dtypes[int(rng.integers(len(dtypes)))])
    else:
        right = NUMBERS[int(rng.integers(len(NUMBERS)))]
    return left, right


@pytest.mark.parametrize("seed", range(12))
def test_operators_give_and_say_what_they_do_with_numpy(seed):
    rng = np.random.default_rng(seed)
    for _ in range(150):
        left, right = some_operands(rng)
        setting = SETTINGS[int(rng.integers(4))]
        name = BINARY[int(rng.integers(len(BINARY)))]
        function = getattr(operator, name)
        a = cow.array(left) if rng.integers(2) else cow.asarray(left)
        b = right
        if isinstance(right, np.ndarray) and rng.integers(2):
            b = cow.asarray(right)
        pairs = ((a, left), (b, right))
        if rng.integers(2):
            pairs = pairs[::-1]
        ours = outcome(lambda p=pairs, f=function: f(p[0][0], p[1][0]), setting)
        numpys = outcome(lambda p=pairs, f=function: f(p[0][1], p[1][1]), setting)
        same(ours, numpys, name, setting, left, right)


@pytest.mark.parametrize("seed", range(12))
def test_operators_in_place_write_and_say_what_they_do_with_numpy(seed):
    rng = np.random.default_rng(100 + seed)
    for _ in range(150):
        left, right = some_operands(rng)
        setting = SETTINGS[int(rng.integers(4))]
        name = BINARY[int(rng.integers(10))].rstrip("_")
        function = getattr(operator, f"i{name}")
        left = left.copy(order="K")
        a, snapshot, before = cow.array(left), None, left.copy()
        if rng.integers(3) == 0:
            snapshot = a[...]
        b = a if right is left else right
        if isinstance(right, np.ndarray) and rng.integers(2):
            b = cow.array(right)
        ours = outcome(lambda x=a, y=b, f=function: f(x, y), setting)
        numpys = outcome(lambda x=left, y=right, f=function: f(x, y), setting)
        assert ours[1] == numpys[1], (name, setting, before, right)
        if isinstance(numpys[0], np.ndarray):
            assert (ours[0] is a) == (numpys[0] is left)
        else:
            assert ours[0] == numpys[0]
        assert np.asarray(a).tobytes() == left.tobytes(), (name, before, right)
        if snapshot is not None:
            assert np.asarray(snapshot).tobytes() == before.tobytes()
        _core.check(a)


@pytest.mark.parametrize("name", UFUNCS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_ufuncs_give_and_say_what_they_do_with_numpy(name, setting):
    rng = np.random.default_rng(sum(map(ord, name + setting)))
    function = getattr(np, name)
    for _ in range(40):
        left, right = some_operands(rng)
        plain = (left, right)[: function.nin]
        mine = tuple(cow.asarray(x) if isinstance(x, np.ndarray) else x for x in plain)
        ours = outcome(lambda m=mine: function(*m), setting)
        same(ours, outcome(lambda p=plain: function(*p), setting), name, plain)
        out = np.zeros(np.shape(left), "f8")
        mine_out = cow.array(out)
        ours = outcome(lambda m=mine, o=mine_out: function(*m, out=o), setting)
        numpys = outcome(lambda p=plain, o=out: function(*p, out=o), setting)
        assert ours[1] == numpys[1]
        assert np.asarray(mine_out).tobytes() == out.tobytes(), (name, plain)


def test_what_is_written_in_place_is_read_before():
    for size, step in itertools.product([5, 100, 600, 4096, 4097], [1, 2]):
        plain = np.arange(float(size * step))[::step] + 1
        a = cow.array(np.arange(float(size * step)) + 1)[::step].copy()
        for function in (np.add, np.multiply, np.divide, np.maximum):
            function(a, a, out=a)
            function(plain, plain, out=plain)
            assert a.tolist() == plain.tolist()
        a -= a
        assert not a.any()


def test_a_view_and_a_snapshot_stay_when_their_source_is_written_by_a_loop():
    a = cow.arange(10.0)
    view, snapshot, plain = a[2:5], a[...], np.asarray(a)
    a += 1
    np.multiply(a, 2.0, out=a)
    assert view.tolist() == [2, 3, 4] and snapshot.tolist() == plain.tolist()
    assert a[0] == 2
    view *= 3.0
    assert view.tolist() == [6, 9, 12] and a[2] == 6 and plain[2] == 2
    frozen = cow.readonly(a)
    with pytest.raises(ValueError, match="read-only"):
        frozen += 1
    with pytest.raises(ValueError, match="read-only"):
        np.add(frozen, 1.0, out=frozen)
