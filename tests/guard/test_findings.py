"""What was found wrong with guarded functions once, each at two sizes.

Right is what the call gives on deep copies, and the caller's arrays as they were.
"""

import ctypes
import dataclasses
import warnings
from collections import deque

import numba
import numpy as np
import pytest
from scipy import linalg, optimize

import cow

BOTH = pytest.mark.parametrize("n", [40, 4000], ids=["small", "large"])


def same(function, *args):
    """Call on copies and guarded: equal results, untouched arguments."""
    before = [np.array(a) for a in args]
    right = function(*(np.array(a, order="K") for a in args))
    result = cow.no_mutate(function)(*args)
    np.testing.assert_array_equal(result, right)
    for a, old in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, old)
    return result


# ------------------------- views of the argument, and of what is computed from it


def normalise(x):
    for row in x:
        row /= row.sum()
    return x


def softmax(x):
    y = np.exp(x)
    for row in y:
        row /= row.sum()
    return y


def halves(x):
    y = x * 1.0
    for part in np.split(y, 2):
        part -= part.mean()
    return abs(y.mean())


def solve(A, b):
    for i in range(len(b)):
        row = A[i]
        p = row[i]
        row /= p
        b[i] /= p
        for j in range(len(b)):
            if j != i:
                r = A[j]
                f = r[i]
                r -= f * row
                b[j] -= f * b[i]
    return b


@BOTH
@pytest.mark.parametrize("make", [np.asarray, cow.array])
def test_rows_are_written_as_on_copies(n, make):
    table = make(np.ones((n, 2)))
    assert same(normalise, table)[0, 0] == 0.5
    assert same(softmax, table)[-1, 1] == 0.5
    same(halves, make(np.arange(float(n))))


@pytest.mark.parametrize("n", [45, 46, 60])
def test_gaussian_elimination_by_row_views(n):
    A = np.eye(n) * 4 + 1 / (1 + np.arange(n * n).reshape(n, n))
    b = np.arange(float(n))
    x = same(solve, A, b)
    np.testing.assert_allclose(A @ x, b, atol=1e-9)


# ----------------------------------------------------- raised above 16 KiB only


def chained(x):
    x[0][1] = 5
    return x


def sorted_column(x):
    x[:, 1].sort()
    return x


def transposed(x):
    x.T[0] = 1
    return x


def ravelled(x):
    x.ravel()[0] = 1
    return x


def shuffled(x):
    np.random.default_rng(3).shuffle(x)
    return x


def shuffled_copy(x):
    y = x.copy()
    np.random.default_rng(3).shuffle(y)
    return y


def random_out(x):
    y = np.empty_like(x)
    np.random.default_rng(3).random(out=y)
    return y


def masked_part(x):
    y = x * 1
    y[1:][y[1:] < 0] = 0
    return y


def nditer(x):
    with np.nditer(x, op_flags=["readwrite"]) as it:
        for value in it:
            value[...] = 2 * value
    return x


BODIES = [chained, sorted_column, transposed, ravelled, shuffled, shuffled_copy]
BODIES += [random_out, masked_part, nditer]


@BOTH
@pytest.mark.parametrize("function", BODIES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("make", [np.asarray, cow.array, np.asfortranarray])
def test_size_decides_nothing(function, make, n):
    same(function, make(np.arange(2.0 * n).reshape(n, 2)[::-1].copy() - n))


@BOTH
def test_c_functions_that_need_writable_arrays(n):
    x = np.linspace(0, 1, n)
    same(lambda x: optimize.isotonic_regression(x).x, x)

    @numba.njit
    def add_up(y):
        y[0] = 9
        return y.sum()

    same(lambda x: add_up(x + 1), x)
    same(add_up, x)


# ------------------------------------------- the caller's array changed, silently


@pytest.mark.parametrize("at", [0, 1, 77, 199])
def test_one_element_written_by_c_code(at):
    def patch(x):
        address = x.ctypes.data + 8 * at
        ctypes.c_double.from_address(address).value = 99.0
        return x

    assert same(patch, np.zeros(200 * 100))[at] == 99


def test_flag_blind_functions_of_scipy_and_numba():
    a = np.asfortranarray(np.eye(60) * 3 + np.arange(60))
    same(lambda a: linalg.inv(a, overwrite_a=True), a)
    before = a.copy()
    cow.no_mutate(linalg.inv)(a, overwrite_a=True)
    np.testing.assert_array_equal(a, before)

    @numba.njit
    def fill(record):
        record.x[0] = 5

    record = np.zeros(3000, dtype=[("x", "f8", 3)])
    cow.no_mutate(lambda r: fill(r[0]))(record)
    assert not record["x"].any()


# --------------------------------------------------- results, and what is kept


def strided(x):
    shape, strides = (len(x) - 2, 3), x.strides * 2
    return np.lib.stride_tricks.as_strided(x, shape, strides)


@dataclasses.dataclass
class Holder:
    x: object


class Other:
    pass


def in_an_object(x):
    other = Other()
    other.x = x[1:]
    return other


KEEP = []
RESULTS = {
    "as_strided": strided,
    "memoryview": memoryview,
    "memoryview of a view": lambda x: memoryview(x[1:]),
    "window": lambda x: np.lib.stride_tricks.sliding_window_view(x, 3),
    "dataclass": lambda x: Holder(x).x,
    "object": lambda x: in_an_object(x).x,
    "deque": lambda x: deque([x])[0],
    "broadcast": lambda x: np.broadcast_to(x, (2, *x.shape)),
    "object array": lambda x: np.array([x, None], dtype=object)[0],
}


@BOTH
@pytest.mark.parametrize("function", RESULTS.values(), ids=list(RESULTS))
@pytest.mark.parametrize("make", [np.arange, cow.arange])
def test_results_look_at_no_memory_of_the_caller(function, make, n):
    x = make(float(n))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = np.asarray(cow.no_mutate(function)(x))
    before = result.copy()
    assert not np.shares_memory(result, np.asarray(x))
    x[:] = -1
    np.testing.assert_array_equal(result, before)


@BOTH
def test_what_is_kept_looks_at_no_memory_of_the_caller(n):
    @cow.no_mutate
    def keep(x):
        KEEP.append(memoryview(x))
        KEEP.append(x[1:])
        return x.sum()

    KEEP.clear()
    x = np.arange(float(n))
    keep(x)
    x[:] = -1
    assert KEEP[0][3] == 3 and KEEP[1][2] == 3
    KEEP[1][0] = 77
    assert KEEP[0][1] == 77


@BOTH
def test_results_in_other_objects_are_plain_and_can_be_written(n):
    def collect(x):
        other = Other()
        other.rows = deque([x[0], x[1]])
        cells = np.empty(2, dtype=object)
        cells[0], cells[1] = x, x[2]
        return other, cells

    x = np.ones((n, 3))
    other, cells = cow.no_mutate(collect)(x)
    for each in (*other.rows, *cells):
        assert type(each) is np.ndarray and each.flags.writeable
        each[...] = 5
    assert cells[0][0, 0] == cells[0][1, 0] == 5
    assert (x == 1).all()


# --------------------------------------------------------- whom an error blames


def test_error_of_another_array_is_passed_on():
    @cow.no_mutate(on_write="raise")
    def write(x):
        np.frombuffer(bytes(8), "u1")[0:1][...] = 1

    with pytest.raises(ValueError, match="read-only") as caught:
        write(np.zeros(3))
    assert not isinstance(caught.value, cow.MutationError)


def test_error_names_the_parameter_that_is_written():
    @cow.no_mutate(on_write="raise")
    def write(a, b, c):
        own = a + c
        own[0] = 1
        b[1:][0] = own[0]

    for n in (3, 5000):
        with pytest.raises(cow.MutationError, match="argument b at"):
            write(np.zeros(n), np.zeros(n), np.zeros(n))


# ------------------------------------------------------------- cow arguments


@BOTH
def test_cow_arguments_are_guarded_like_plain_ones(n):
    @cow.no_mutate
    def add(w):
        np.add.at(np.asarray(w), [0, 0], 1)
        return w[0]

    w = cow.zeros(n)
    assert add(w) == 2 and not w.any()

    def opaque(image):
        alpha = image[..., 3]
        alpha.fill(255)
        return image.tobytes()

    image = np.zeros((n, 4), "u1")
    right = opaque(image.copy())
    assert cow.no_mutate(opaque)(image) == right
    assert cow.no_mutate(opaque)(cow.array(image)) == right
    assert not image.any()


# --------------------------------------------------- no call looks at the heap


def test_call_that_raises_or_keeps_does_not_walk_the_heap(monkeypatch):
    import gc

    def walked(*args):
        raise AssertionError("a call walks the heap")

    monkeypatch.setattr(gc, "get_objects", walked)
    monkeypatch.setattr(gc, "get_referrers", walked)
    kept = []

    @cow.no_mutate
    def fail(x):
        raise KeyError(x.sum())

    @cow.no_mutate
    def keep(x):
        kept.append(x)

    for n in (3, 5000):
        with pytest.raises(KeyError):
            fail(np.zeros(n))
        keep(np.zeros(n))


def test_traceback_holds_no_memory_of_the_caller():
    def inner(y):
        rows = [y[0], {"a": y[1:]}]
        raise KeyError(len(rows))

    @cow.no_mutate
    def fail(x):
        return inner(x.T)

    x = np.arange(6.0).reshape(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(KeyError) as caught:
            fail(x)
    frames = [entry.frame.f_locals for entry in caught.traceback]
    found = [each[name] for each in frames for name in ("x", "y") if name in each]
    found = [a for a in found if a is not x]
    assert len(found) >= 2
    for array in found:
        assert not np.shares_memory(array, x)
    rows = next(each["rows"] for each in frames if "rows" in each)
    assert not np.shares_memory(rows[0], x)
    assert not np.shares_memory(rows[1]["a"], x)


# ------------------------------------------------ cycles, which outlive a call


def in_a_list(x):
    inside = [x]
    inside.append(inside)
    return x.sum()


def in_two_lists(x):
    first = [x]
    second = [first]
    first.append(second)
    return x.sum()


def recursive(x):
    def deeper(n):
        return x.sum() if n == 0 else deeper(n - 1)

    return deeper(3)


def mutual(x):
    def even(n):
        return x.sum() if n == 0 else odd(n - 1)

    def odd(n):
        return even(n - 1)

    return even(4)


def kept_error(x):
    found = None
    try:
        raise KeyError(1)
    except KeyError as error:
        found = error
    return x.sum(), found is None


def listed_error(x):
    found = []
    try:
        raise KeyError(1)
    except KeyError as error:
        found.append(error)
    return x.sum()


CYCLES = [in_a_list, in_two_lists, recursive, mutual, kept_error, listed_error]


@BOTH
@pytest.mark.parametrize("function", CYCLES, ids=lambda f: f.__name__)
def test_argument_in_a_cycle_is_a_copy(function, n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (np.ones(n), cow.ones(n)):
            cow.no_mutate(function)(x)


def test_error_in_code_with_names_of_its_own():
    class Names:  # no mapping
        def __getitem__(self, name):
            raise KeyError(name)

    @cow.no_mutate
    def evaluate(x):
        return eval("missing", {}, Names())

    with pytest.raises(NameError):
        evaluate(np.zeros(3))


@pytest.mark.parametrize("name", ["self", "cls"])
def test_receivers_are_parameters_that_take_one_argument_by_position(name):
    def write(x):
        x += 1
        return float(x[0])

    x, scope = np.zeros(3), {"write": write}
    first = eval(f"lambda *{name}: write({name}[0])", scope)
    named = eval(f"lambda *, {name}: write({name})", scope)
    others = eval(f"lambda **{name}: write({name}['x'])", scope)
    assert cow.no_mutate(first)(x) == cow.no_mutate(others)(x=x) == 1
    assert cow.no_mutate(named)(**{name: x}) == 1
    assert not x.any()
