"""A watch sees each write into plain arrays, and changes nothing."""

import inspect

import numpy as np
import pytest

import cow
from cow._guard.mutation import Watch, WriteEvent, on_report, origin, report


def line_of(function, text):
    """Return the number of the line of `function` that contains `text`."""
    lines, first = inspect.getsourcelines(function)
    return first + next(at for at, line in enumerate(lines) if text in line)


def centre(x, y):
    plain = np.asarray(x)
    plain -= plain.mean()
    return plain + y


def outer(x, y):
    return centre(x, y) * 2


def watched(function, *args, trace):
    names = inspect.signature(function).parameters
    arrays = zip(names, args, strict=True)
    with Watch(function.__qualname__, arrays, origin(function), trace=trace) as watch:
        function(*args)
    return watch.events


def test_watch_finds_the_written_array_afterwards():
    x, y = np.arange(4.0), np.ones(4)
    (event,) = watched(centre, x, y, trace=False)
    file, line = __file__, line_of(centre, "def centre")
    assert event == WriteEvent("centre", "x", file, line, "c-write")
    assert x[0] == -1.5  # the function did what it does


@pytest.mark.parametrize("function", [centre, outer])
def test_tracing_watch_names_the_line_of_the_write(function):
    (event,) = watched(function, np.arange(4.0), np.ones(4), trace=True)
    assert event.lineno == line_of(centre, "plain -=")
    assert (event.filename, event.kind) == (__file__, "write")


@pytest.mark.parametrize("trace", [False, True])
def test_function_that_only_reads_gives_no_event(trace):
    def read(x, y):
        z = x + y
        z -= 1
        return z

    assert watched(read, np.arange(4.0), np.full(4, np.nan), trace=trace) == []


def test_written_mask_is_seen():
    def mask(x):
        x[0] = np.ma.masked

    (event,) = watched(mask, np.ma.array([1.0, 2.0], mask=[False, True]), trace=False)
    assert event.parameter == "x"


def test_string_array_is_compared_by_its_contents():
    x = np.array(["a" * 40, "b" * 400], dtype=np.dtypes.StringDType())
    assert watched(lambda x: None, x, trace=False) == []

    def write(x):
        x[1] = "c" * 400

    assert len(watched(write, x, trace=False)) == 1


def test_event_goes_to_the_listeners_and_without_any_it_is_a_warning():
    event = WriteEvent("m.f", "x[0]", __file__, 3, "write")
    with pytest.warns(
        cow.MutationWarning, match=r"m\.f\(\) writes .*argument x\[0\] at"
    ) as seen:
        report(event)
    assert (seen[0].filename, seen[0].lineno) == (__file__, 3)
    heard = []
    on_report.append(heard.append)
    try:
        report(event)
    finally:
        on_report.remove(heard.append)
    assert heard == [event]
