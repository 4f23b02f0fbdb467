"""No route of writing is silent, lost or deadly, on whatever it is tried."""

import warnings

import numpy as np
import pytest

import cow
from tests.catalogue.routes import ROUTES, source

LARGE = (96, 100)  # 75 KiB of float64
SMALL = (6, 8)
SHAPES = pytest.mark.parametrize("shape", [SMALL, LARGE], ids=["small", "large"])


def of(routes):
    return pytest.mark.parametrize("route", list(routes), ids=lambda r: r.name)


ALL = of(ROUTES)
# an address that nobody asked us for is written behind our back
OURS = of(r for r in ROUTES if r.pointer != "taken")
HONEST = of(r for r in ROUTES if not r.past_the_flag)
PAST = of(r for r in ROUTES if r.pointer or r.mended)
POINTERS = ("ctypes_pointer", "ctypes_memset")
# give a read-only array other elements, in memory of its own: known issues
REFILLS = (*POINTERS, "interface_address", "unbound_setstate")
# What a refusal may be: never SystemError, AssertionError and the like.
REFUSALS = (ValueError, TypeError, BufferError, AttributeError, RuntimeError)


def state(a):
    return a.shape, a.dtype, np.asarray(a).tolist()


def write(route, x):
    """Return what was written, ignoring what NumPy finds old-fashioned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        written = route.write(x)
    return x if written is None else written


def expected(route, x):
    return state(write(route, np.array(np.asarray(x), order="K")))


def tried(route, x):
    """Write to x; return the object that was written, None for a refusal."""
    try:
        return write(route, x)
    except REFUSALS:
        return None


def check(*arrays):
    for a in arrays:
        if isinstance(a, cow.CowArray):
            cow._core.check(a)


def subjects(plain):
    """Yield (name, array to write to, array that must not change)."""
    c = cow.array(plain)
    yield "owner of a view", c, c[...]
    c = cow.array(plain)
    yield "view", c[...], c
    c = cow.array(np.concatenate([plain, plain]))
    yield "part", c[plain.shape[0] :], c
    c = cow.array(plain)
    yield "copy", c.copy(), c
    c = cow.array(plain)
    yield "copied", c, c.copy()
    yield "borrower", cow.asarray(plain), plain
    c = cow.array(plain)
    yield "array with a plain view", c, np.asarray(c)
    c = cow.array(plain)
    yield "array with a read-only snapshot", c, cow.readonly(c)
    c = cow.array(plain)
    yield "array turned twice", c.T.T, c


@SHAPES
@ALL
def test_route_writes_on_plain_numpy(route, shape):
    a = source(route.dtype, shape)
    before = state(a)
    write(route, a)
    assert state(a) != before


@SHAPES
@OURS
def test_cow_array_is_written_alone(route, shape):
    for name, x, other in subjects(source(route.dtype, shape)):
        before, wanted = state(other), expected(route, x)
        written = tried(route, x)
        assert state(other) == before, name
        assert written is not None or route.may_refuse, name
        if written is not None:
            assert state(written) == wanted, name
        check(x, other)


@SHAPES
# arrays of objects have no bytes to show, dates have no buffer
@of(r for r in ROUTES if r.pointer != "taken" and r.dtype not in (object, "M8[D]"))
def test_exported_memory_is_a_snapshot(route, shape):
    c = cow.array(source(route.dtype, shape))
    exported = memoryview(c)
    before = exported.tobytes()
    tried(route, c)
    assert exported.tobytes() == before
    check(c)


@SHAPES
@HONEST
def test_plain_view_of_a_cow_array_is_a_snapshot(route, shape):
    c = cow.array(source(route.dtype, shape))
    x = np.asarray(c)
    before, wanted = state(c), expected(route, x)
    written = tried(route, x)
    assert state(c) == before
    assert written is None or state(written) == wanted
    check(c)


@PAST
def test_numpy_itself_writes_past_the_flag_where_we_say_so(route):
    # Known issues: nothing of ours can stop these on np.asarray(c). A NumPy that
    # is mended must refuse.
    a = source(route.dtype, SMALL)
    a.flags.writeable = False
    before = state(a)
    assert (tried(route, a) is not None) == route.past_the_flag
    assert (state(a) != before) == route.past_the_flag


@SHAPES
@OURS
def test_readonly_array_never_changes(route, shape):
    plain = source(route.dtype, shape)
    snapshot = cow.array(plain)
    for x, other in [
        (cow.readonly(plain), plain),
        (cow.readonly(snapshot), snapshot),
        (cow.readonly(snapshot)[...], snapshot),
    ]:
        before, wanted = state(other), expected(route, x)
        elements = x.tobytes()
        written = tried(route, x)
        assert state(other) == before
        # memory of the array's own is written, nothing else
        assert x.tobytes() == elements or route.name in REFILLS
        assert cow.is_readonly(x)
        if written is not None and written is not x:
            assert state(written) == wanted
        check(x, other)


@SHAPES
@OURS
def test_argument_of_guarded_function_never_changes(route, shape):
    @cow.no_mutate
    def function(x):
        return np.array(np.asarray(write(route, x)))

    plain = source(route.dtype, shape)
    before, flags, wanted = state(plain), str(plain.flags), expected(route, plain)
    try:
        result = function(plain)
    except REFUSALS:
        assert route.may_refuse
    else:
        assert type(result) is np.ndarray
        assert state(result) == wanted
    assert state(plain) == before
    assert str(plain.flags) == flags


@SHAPES
@OURS
def test_argument_never_changes_with_on_write_raise(route, shape):
    @cow.no_mutate(on_write="raise")
    def function(x):
        return np.array(np.asarray(write(route, x)))

    plain = source(route.dtype, shape)
    before, wanted = state(plain), expected(route, plain)
    try:
        result = function(plain)
    except REFUSALS:
        pass
    else:
        # an array of its own was written, not the argument
        own = ("shape_setter", "dtype_setter", *POINTERS)
        assert route.may_refuse or route.name in own
        assert state(result) == wanted
    assert state(plain) == before
