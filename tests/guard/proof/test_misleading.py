"""What is proven to be read is read: programs that would mislead the proof.

Each function writes an argument by a road that is hard to see, or gives it away; the
guarded call must do what the call on copies does, and leave the argument alone. A
wrong proof shows as NumPy's "read-only" error, or as cow's warning.
"""

import argparse
import collections
import contextlib
import json
import queue
import re
import warnings

import numpy as np
import pytest

import cow

FUNCTIONS = []


def body(function):
    FUNCTIONS.append(function)
    return function


# ----------------------------------------------------------- jumps, exceptions


@body
def raised_in_a_branch(x):
    y = x * 1
    try:
        if len(x):
            y = x
            raise ValueError
    except ValueError:
        y[0] = 9
    return x


@body
def failed_between(x):
    y = x * 1
    try:
        y = x
        int("q")
        y = x * 1
    except ValueError:
        y[0] = 9
    return x


@body
def suppressed(x):
    y = x * 1
    with contextlib.suppress(ValueError):
        if len(x):
            y = x
            raise ValueError
    y[0] = 9
    return x


@body
def finally_after_return(x):
    y = x * 1
    try:
        if len(x):
            y = x
            return x
    finally:
        y[0] = 9


@body
def finally_after_break(x):
    y = x * 1
    for k in range(3):
        try:
            if k:
                break
        finally:
            y = x
    y[0] = 9
    return x


@body
def error_holds_the_object(x):
    try:
        x.append(1)
    except AttributeError as error:
        error.obj[0] = 9
    return x


@body
def error_holds_the_frame(x):
    try:
        raise ValueError
    except ValueError as error:
        error.__traceback__.tb_frame.f_locals["x"][0] = 9
    return x


@body
def generator_returns(x):
    def inner(y):
        yield 1
        return y

    def outer(y):
        got = yield from inner(y)
        got[0] = 9

    list(outer(x))
    return x


# ------------------------------------------- indices, containers, object arrays


@body
def sum_of_truths_is_an_int(x):
    row = x[(x.ndim > 0) + (x.size > 0) - 1]
    row[...] = 9
    return x


@body
def inverted_truth_is_an_int(x):
    row = x[~(x.size < 0)]
    row[...] = 9
    return x


LISTS = {
    "tolist": lambda x: x.tolist(),
    "splitlines": lambda x: "a b".splitlines(),
    "findall": lambda x: re.findall("a", "aa"),
    "json": lambda x: json.loads("[1]"),
    "default of next": lambda x: next(iter([]), []),
    "default of max": lambda x: max([], default=[]),
    "slice": lambda x: [1, 2][1:],
    "UserList": lambda x: collections.UserList(),
}
OBJECTS = {
    "full": lambda x: np.full(2, None),
    "repeat": lambda x: np.repeat(None, 2),
    "where": lambda x: np.where(x.ravel() > 2, None, 0),
    "astype": lambda x: np.zeros(3).astype(object),
    "zeros_like": lambda x: np.zeros_like([1, 2], object),
    "arange": lambda x: np.arange(0, 3, 1, object),
    "dtype of another": lambda x: np.empty(2, dtype=np.full(1, None).dtype),
    "field": lambda x: np.zeros(2, "O,f8")["f0"],
}


@body
def stored_in_a_list_of_numbers(x):
    a = x.ravel()[:2].tolist()
    a.append(x)
    a[-1][0] = 9
    return x


@body
def stored_by_a_slice(x):
    a = [1, 2]
    a[:] = x, x
    a[0][0] = 9
    return x


@body
def stored_in_an_attribute(x):
    n = argparse.Namespace()
    n.shape = x
    n.shape[0] = 9
    return x


@body
def stored_in_a_queue(x):
    q = queue.Queue()
    q.put(x)
    q.get()[0] = 9
    return x


@body
def stored_in_objects(x):
    a = np.full(2, None)
    a[0] = x
    a[0][0] = 9
    return x


@body
def stored_through_flat(x):
    a = np.empty(2, object)
    f = a.flat
    f[0] = x
    a[0][0] = 9
    return x


@body
def sum_of_one_object(x):
    a = np.empty(1, object)
    a[0] = x
    y = a.sum()
    y[0] = 9
    return x


@body
def astype_of_objects(x):
    a = np.zeros(2).astype(object)
    a[0] = x
    a[0][0] = 9
    return x


# ------------------------------------------------------------ NumPy's functions


@body
def einsum_gives_views(x):
    d = np.einsum("i...->i...", x)
    d[0] = 9
    return x


@body
def round_of_ints(x):
    y = np.round((x * 0 + 2).astype(int))
    y[0] = 9
    z = x.round(0, x)
    return x, y, z is x


@body
def power_of_one(x):
    y = np.linalg.matrix_power(np.atleast_2d(x.ravel()[:4].reshape(2, 2)), 1)
    y[0] = 9
    return x


@body
def edges_come_back(x):
    edges = np.sort(x.ravel())
    _, given = np.histogram([1.0, 2.0], bins=x.ravel())
    given[0] = -9
    return x, edges


@body
def conjugate_of_reals(x):
    y = x.conj()
    y[0] = 9
    return x


@body
def scalar_class_of_an_array(x):
    y = np.float64(x)
    y[0] = 9
    return x


@body
def astype_that_need_not_copy(x):
    y = x.astype(x.dtype, "K", "unsafe", True, False)
    y[0] = 9
    return x


@body
def bound_method_is_kept(x):
    return x.max


@body
def slice_that_holds(x):
    return slice(x, None)


@body
def flags_by_a_pattern(x):
    match x:
        case np.ndarray(base=None):
            return 1
    return 2


# --------------------------------------------------------------- names, calls


def by_position(y, /, **k):
    for each in k.values():
        each[0] = 9


@body
def positional_only_and_a_keyword(x):
    by_position(1, y=x)
    return x


METHOD = "sort"


@body
def name_of_a_comprehension_and_a_global(x):
    [METHOD for METHOD in ("sum",)]
    getattr(x, METHOD)()
    return x


@body
def walrus_in_a_comprehension(x):
    [(y := x[i : i + 1]) for i in range(len(x))]
    y += 2
    return x


@body
def zip_by_parts(x):
    out = np.zeros_like(x)
    for row, source in zip(source_rows(x), out, strict=True):
        row[...] = source
    return x


def source_rows(x):
    return [x[i : i + 1] for i in range(len(x))]


skipping = cow.no_mutate(lambda y: y.fill(9), skip="y")


@body
def guarded_helper_that_skips(x):
    skipping(x)
    return x


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("make", [np.array, cow.array])
def test_guarded_call_does_what_it_does_on_copies(function, make):
    for shape in ((6,), (40, 2), (4000,)):
        x = make(np.arange(float(np.prod(shape))).reshape(shape)[::-1].copy())
        before = np.array(x)
        try:
            right = function(before.copy())
        except Exception as error:
            right = error
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                result = cow.no_mutate(function)(x)
            except Exception as error:
                result = error
        np.testing.assert_array_equal(x, before)
        assert spelled(result) == spelled(right) or callable(right)


def spelled(result):
    """Return the text of a result, the same for plain and cow arrays."""
    return "".join(repr(result).replace("cow.", "").split())


KINDS = [*(("list", n) for n in LISTS), *(("objects", n) for n in OBJECTS)]


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_what_may_be_a_container_is_taken_for_one(kind, name):
    made = (LISTS if kind == "list" else OBJECTS)[name]
    x = np.arange(6.0)

    @cow.no_mutate
    def write(x):
        a = made(x)
        if kind == "list":
            a.append(x)
            a[-1][0] = 9
        else:
            a[0] = x
            a[0][0] = 9
        return x

    assert write(x)[0] == 9 and x[0] == 0
