"""Bugs of real packages: silent on NumPy, stopped by no_mutate."""

import contextlib
import warnings

import numpy as np
import pytest

import cow
from tests.catalogue.reproductions import BUGS, PAGE, page

EACH = pytest.mark.parametrize(
    ("function", "makers", "metadata"),
    [entry[1:] for entry in BUGS],
    ids=[thread for thread, *_ in BUGS],
)
BOTH = pytest.mark.parametrize("n", [64, 6400], ids=["small", "large"])


def state(args):
    arrays = [a for x in args for a in (x.values() if isinstance(x, dict) else [x])]
    return [(a.tobytes(), a.shape, a.dtype, str(a.flags)) for a in arrays]


def called(function, args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return np.asarray(function(*args))


@BOTH
@EACH
def test_bug_is_silent_on_numpy_and_stopped_without_an_error(
    function, makers, metadata, n
):
    plain, given = [make(n) for make in makers], [make(n) for make in makers]
    before = state(given)
    wanted = called(function, plain)
    assert state(plain) != before
    result = called(cow.no_mutate(function), given)
    assert state(given) == before
    np.testing.assert_array_equal(result, wanted)


@BOTH
@EACH
def test_bug_is_named_with_on_write_raise(function, makers, metadata, n):
    given = [make(n) for make in makers]
    before = state(given)
    guarded = cow.no_mutate(function, on_write="raise")
    if metadata:
        with contextlib.suppress(cow.MutationError):
            called(guarded, given)
    else:
        with pytest.raises(cow.MutationError, match=r"reproductions\.py:\d+"):
            called(guarded, given)
    assert state(given) == before


def test_there_are_forty_that_raise_and_the_page_is_current():
    assert len({thread for thread, *_, metadata in BUGS if not metadata}) >= 40
    assert PAGE.read_text() == page()
