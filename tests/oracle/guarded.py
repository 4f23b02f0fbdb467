"""A guarded call against a call on a deep copy, for objects of other packages."""

import copy
import ctypes
import warnings

import numpy as np

import cow

MODES = ({"isolate": True}, {"isolate": False}, {"on_write": "report"})


def pointed(array, byte=1):
    """Write into the memory of an array as C code does, which asks for no flag."""
    array = np.asarray(array)
    if array.dtype.hasobject or not array.size:
        raise ValueError("nothing to write there")
    ctypes.memset(array.__array_interface__["data"][0], byte, array.itemsize)


def outcome(write, value):
    try:
        return repr(write(value))
    except Exception as error:
        return type(error)


def boxed(x):
    box = np.empty(2, dtype=object)
    box[1] = x
    return box


def ways(function):
    """Return guarded calls of a function, by the way that its argument goes."""

    def twice(x, y):
        assert x is y[0]
        return function(x)

    def stepwise(x):
        yield function(x)

    guarded = cow.no_mutate(function)
    in_box = cow.no_mutate(lambda box, at: function(box[at]))
    both, generator = cow.no_mutate(twice), cow.no_mutate(stepwise)
    return {
        "alone": guarded,
        "by name": lambda x: guarded(x=x),
        "in a list": lambda x: in_box([x], 0),
        "in a dict": lambda x: in_box({"key": x}, "key"),
        "in an object array": lambda x: in_box(boxed(x), 1),
        "twice": lambda x: both(x, (x,)),
        "to a generator": lambda x: next(generator(x)),
    }


def alike(build, write, seen, deep=copy.deepcopy):
    """Hold a guarded `write` against one on a deep copy, however it is passed.

    `seen` tells the contents of an object.
    """

    def once(x):
        return outcome(write, x), seen(x), type(x)

    untouched = seen(build())
    wanted = once(deep(build()))
    calls = ways(once)
    if wanted[1] == untouched:
        calls = {"alone": calls["alone"]}
    for options in MODES:
        calls[str(options)] = cow.no_mutate(once, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cow.MutationWarning)
        for name, call in calls.items():
            outer = build()
            assert call(outer) == wanted, name
            assert seen(outer) == untouched, name


def tells(build, write, seen, deep=copy.deepcopy):
    """Assert that writes into an object are told, and nothing else is."""

    def body(x):
        outcome(write, x)

    inner = deep(build())
    outcome(write, inner)
    outer = build()
    untouched = seen(outer)
    writes = seen(inner) != untouched
    try:
        cow.no_mutate(body, on_write="raise")(outer)
        told = False
    except cow.MutationError as error:
        assert "argument x" in str(error)
        told = True
    assert told == writes
    assert seen(outer) == untouched


def never_written(kinds, writes, seen):
    """Return the names of the writes that change no object at all."""
    left = set(writes)
    for build in kinds.values():
        for name in sorted(left):
            x = build()
            before = seen(x)
            if not isinstance(outcome(writes[name], x), type) and seen(x) != before:
                left.remove(name)
    return left
