"""Sixty guarded functions that read: the results of the plain ones, few copies."""

import copy
import gc
import tracemalloc

import numpy as np
import pytest

import cow
from tests.catalogue.readers import MAKERS, READERS

SMALL = 1000
LARGE = 10_000_000  # 80 MB of float64
SPARE = 1_000_000  # bytes: less than any copy of an argument
UNCOPIED = 50  # of sixty

# so that the arguments of each maker need to be built once only
BY_MAKER = {
    maker: [reader for reader, name in READERS if name == maker] for maker in MAKERS
}
EACH_READER = pytest.mark.parametrize(
    "reader, maker", READERS, ids=[reader.__qualname__ for reader, _ in READERS]
)


def same(x, y):
    """Compare type and value, into containers and instances; NaN equals NaN."""
    if type(x) is not type(y):
        return False
    if isinstance(x, np.ndarray):
        return x.dtype == y.dtype and np.array_equal(x, y, equal_nan=True)
    if isinstance(x, (tuple, list)):
        return len(x) == len(y) and all(map(same, x, y))
    if isinstance(x, dict):
        return list(x) == list(y) and all(same(x[key], y[key]) for key in x)
    if hasattr(x, "__dict__"):
        return same(vars(x), vars(y))
    return x == y or (x != x and y != y)


def arrays(x):
    """Yield the arrays in containers and instances."""
    if isinstance(x, np.ndarray):
        yield x
    elif isinstance(x, (tuple, list)):
        for item in x:
            yield from arrays(item)
    elif isinstance(x, dict) or hasattr(x, "__dict__"):
        yield from arrays(list((x if isinstance(x, dict) else vars(x)).values()))


def peak(function, arguments):
    """Return the most bytes that were allocated during a call.

    tracemalloc knows the peak of all domains only: what Python itself allocates
    is counted too, and differs between two calls by some kilobytes.
    """
    gc.collect()
    cow.trim()  # a copy into memory that was kept would not be seen
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@EACH_READER
def test_plain_reader_leaves_its_arguments_alone_and_returns_no_view(reader, maker):
    arguments, untouched = MAKERS[maker](SMALL), MAKERS[maker](SMALL)
    assert same(arguments, untouched)
    for array in arrays(arguments):
        array.flags.writeable = False
    result = reader(*arguments)
    assert same(arguments, untouched)
    assert not any(
        np.may_share_memory(x, y) for x in arrays(result) for y in arrays(arguments)
    )


@EACH_READER
def test_guarded_reader_returns_what_the_plain_one_does(reader, maker):
    arguments = MAKERS[maker](SMALL)
    untouched = copy.deepcopy(arguments)
    expected = reader(*copy.deepcopy(arguments))
    guarded = cow.no_mutate(reader)
    for _ in range(2):  # the first call may learn something about the function
        assert same(guarded(*arguments), expected)
        assert same(arguments, untouched)


def test_most_guarded_readers_need_no_memory_for_copies():
    more = {}
    for maker, readers in BY_MAKER.items():
        arguments = MAKERS[maker](LARGE)
        for reader in readers:
            guarded = cow.no_mutate(reader)
            guarded(*MAKERS[maker](SMALL))
            extra = peak(guarded, arguments) - peak(reader, arguments)
            more[reader.__qualname__] = extra
        del arguments
    copying = [f"{name}: {n / 1e6:.0f} MB" for name, n in more.items() if n >= SPARE]
    assert len(more) == len(READERS) == 60
    assert len(copying) <= len(READERS) - UNCOPIED, "\n".join(copying)
