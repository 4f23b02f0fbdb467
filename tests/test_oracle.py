"""Functions with generated arguments give the same on plain and on cow arrays.

The dtypes, shapes, layouts and keywords are drawn anew for each function, by a
seed that is its name: what fails once fails again.
"""

import inspect
import random
import warnings
import zlib

import numpy as np
import pytest

import cow
from cow import _core, _table
from tests.test_functions import FUNCTIONS, same

ROUNDS = 24
DTYPES = ["f8", "f8", "f4", "i4", "u1", "c16", "?", "M8[D]", "S3", "U2", "O"]
SHAPES = [(), (0,), (0, 2), (1,), (4,), (5,), (2, 3), (3, 3), (2, 2, 3)]
LAYOUTS = {
    "C": lambda a: a,
    "F": lambda a: a.T,
    "negative": lambda a: a[::-1] if a.ndim else a,
    "strided": lambda a: a[..., ::2] if a.ndim else a,
    "broadcast": lambda a: np.broadcast_to(a, (2, *a.shape)),
}
KEYWORDS = {
    "axis": [0, -1, 1, None],
    "keepdims": [True, False],
    "dtype": ["f8", "c16", "i8"],
    "ddof": [1],
    "n": [2],
    "k": [1, -1],
    "side": ["right"],
    "mode": ["clip", "same"],
    "kind": ["stable"],
    "return_inverse": [True],
    "rowvar": [False],
}
# Elements of no meaning, files, and shapes that are arrays of numbers.
LEFT_OUT = """
    empty_like save savetxt savez savez_compressed resize tile broadcast_to
    full_like
"""
# Their second argument is `out`, a width of lines, a number.
OF_ONE = "fix isneginf isposinf array2string array_str rot90"


def read_by():
    """Yield the functions and ufuncs that read one or two arrays."""
    for name in _table.names(_table.READS):
        module, _, last = name.rpartition(".")
        modules = ("numpy", "numpy.linalg", "numpy.fft", "numpy.strings")
        if name in FUNCTIONS and module in modules and last not in LEFT_OUT.split():
            yield name, FUNCTIONS[name]
    for last, found in sorted(vars(np).items()):
        if isinstance(found, np.ufunc):
            yield f"numpy.{last}", found


CASES = dict(read_by())


def values(rng, dtype, shape):
    """Return an array of small numbers, so that none stands for a huge shape."""
    count = int(np.prod(shape))
    drawn = [rng.randrange(6) for _ in range(count)]
    if dtype == "O":
        flat = np.empty(count, object)
        flat[:] = drawn
    else:
        flat = np.array(drawn, "i8").astype(dtype)
        if dtype in ("f8", "f4", "c16") and count and rng.random() < 0.3:
            flat[rng.randrange(count)] = rng.choice([np.nan, np.inf, -0.5])
    return flat.reshape(shape)


def draw(rng):
    """Return a function that makes an array, given the constructor."""
    base = values(rng, rng.choice(DTYPES), rng.choice(SHAPES))
    layout = LAYOUTS[rng.choice(list(LAYOUTS))]
    return lambda make: layout(make(base))


def keywords(rng, function):
    """Return some of the keywords that a function takes."""
    try:
        takes = set(inspect.signature(function).parameters)
    except ValueError:
        return {}  # ufuncs and C functions of older NumPys
    chosen = [key for key in KEYWORDS if key in takes and rng.random() < 0.4]
    return {key: rng.choice(KEYWORDS[key]) for key in chosen}


def outcome(function, arrays, options):
    """Return the result of a call and the type of what it raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*arrays, **options), None
        except Exception as error:
            return None, type(error)


def with_out(function, inputs, arrays, options, expected):
    """Call once more into an `out` of cow; its copy must stay as it was."""
    out = cow.zeros(expected.shape, expected.dtype)
    kept = out.copy()
    _, raised = outcome(function, arrays, {**options, "out": out})
    plain = np.zeros(expected.shape, expected.dtype)
    _, wanted = outcome(function, inputs, {**options, "out": plain})
    assert raised is wanted
    same(plain, np.asarray(out))
    assert not np.asarray(kept).any()


def has_out(function):
    if isinstance(function, np.ufunc):
        return function.nout == 1
    try:
        return "out" in inspect.signature(function).parameters
    except ValueError:
        return False


@pytest.mark.parametrize("name", CASES)
def test_generated_calls_agree(name):
    function, rng = CASES[name], random.Random(zlib.crc32(name.encode()))
    arities = [function.nin] if isinstance(function, np.ufunc) else [1, 1, 2]
    if name.rpartition(".")[2] in OF_ONE.split():
        arities = [1]
    for _ in range(ROUNDS):
        makers = [draw(rng) for _ in range(rng.choice(arities))]
        options = keywords(rng, function)
        plain = [make(np.array) for make in makers]
        cows = [make(cow.array) for make in makers]
        shared = [cow.is_shared(c) for c in cows]
        before = [np.array(a) for a in plain]
        expected, wanted = outcome(function, plain, options)
        result, raised = outcome(function, cows, options)
        assert raised is wanted, (options, before)
        if raised is None:
            same(expected, result)
            if type(expected) is np.ndarray and has_out(function):
                with_out(function, plain, cows, options, expected)
        del result
        for c, old, was in zip(cows, before, shared, strict=True):
            same(old, np.asarray(c))
            _core.check(c)
            assert cow.is_shared(c) == was


@pytest.mark.parametrize(
    "name", ["numpy.sum", "numpy.sort", "numpy.ravel", "numpy.add"]
)
def test_generated_calls_are_not_all_refused(name):
    rng, arity = random.Random(1), 2 if name == "numpy.add" else 1
    calls = [[draw(rng)(np.array) for _ in range(arity)] for _ in range(100)]
    assert sum(outcome(CASES[name], call, {})[1] is None for call in calls) > 20
