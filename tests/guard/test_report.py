"""A watch sees each write into plain arrays, and changes nothing."""

import asyncio
import inspect

import numpy as np
import pytest

import cow
from cow._guard.mutation import Watch, WriteEvent, on_report, origin, report
from tests.guard.given import BOTH


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


# ------------------------------------------------------- on_write="report"


@BOTH
def test_report_lets_the_body_write_and_points_at_the_line(n):
    @cow.no_mutate(on_write="report")
    def write(x, y):
        plain = np.asarray(x)
        plain += 1
        return plain

    line = write.__wrapped__.__code__.co_firstlineno + 3
    x = np.zeros(n)
    for _ in range(2):
        with pytest.warns(
            cow.MutationWarning, match=r"write\(\) writes .*argument x at"
        ) as seen:
            result = write(x, np.ones(n))
        assert result[0] == 1 and not x.any()
        assert type(result) is np.ndarray
        assert (seen[0].filename, seen[0].lineno) == (__file__, line)


def test_report_of_cow_arrays_containers_generators_and_failures():
    events = []

    @cow.no_mutate(on_write="report")
    def write(config):
        config["x"][0][0] = 9
        config["x"][0][1] = 9

    @cow.no_mutate(on_write="report")
    def generate(x):
        x[0] = 9
        yield x

    @cow.no_mutate(on_write="report")
    def fail(x):
        x[0] = 9
        raise KeyError

    @cow.no_mutate(on_write="report")
    async def later(x):
        x[0] = 9

    on_report.append(events.append)
    try:
        write({"x": [np.zeros(3)]})
        write({"x": [cow.zeros(3)]})
        list(generate(np.zeros(3)))
        with pytest.raises(KeyError):
            fail(np.zeros(3))
        asyncio.run(later(np.zeros(3)))
        cow.no_mutate(on_write="report")(np.ndarray.sort)(np.arange(3)[::-1])
        cow.no_mutate(on_write="report")(np.ndarray.sum)(np.arange(3)[::-1])
    finally:
        on_report.clear()
    # older NumPys do not tell the parameters of their methods
    first = "self" if np.ndarray.sort.__text_signature__ else "args[0]"
    assert [e.parameter for e in events] == [
        *("config['x'][0]", "config['x'][0]", "x", "x", "x", first)
    ]
    assert events[0].lineno == events[1].lineno and events[0].kind == "write"
