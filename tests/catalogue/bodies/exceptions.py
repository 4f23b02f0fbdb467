"""Bodies that raise, and catch."""

import contextlib
import warnings

import numpy as np

from tests.catalogue.bodies.body import body, put_zeros
from tests.catalogue.bodies.helpers import helper_that_writes


class Problem(Exception):
    def __init__(self, x, **fields):
        super().__init__("a problem")
        self.x = x
        self.fields = fields


class Stop(BaseException):
    pass


@body(fails=True)
def raises_before_writing(x):
    raise KeyError("first")
    x[0] = 5


@body(fails=True)
def raises_after_writing(x):
    x[0] = 5
    raise ValueError(f"after {x.shape}")


@body(fails=True)
def raises_with_the_array(x):
    x[0] = 5
    raise LookupError("array", x, x[1:])


@body(fails=True)
def raises_one_of_its_own(x):
    x[0] = 5
    raise Problem(x[1:], whole=x)


@body(fails=True)
def raises_with_a_cause(x):
    try:
        x[len(x)]
    except IndexError as error:
        raise Problem(x) from error


@body(fails=True)
def raises_no_exception(x):
    x.fill(3)
    raise Stop(3)


@body(fails=True)
def raises_with_a_note(x):
    error = TypeError("noted")
    error.add_note(f"of {x.ndim} dimensions")
    raise error


@body(fails=True)
def raises_a_group(x):
    raise ExceptionGroup("both", [ValueError(x[1:]), KeyError("k")])


@body(fails=True)
def raises_what_numpy_raises(x):
    x[0] = 4
    return x.reshape(-1, 7919)[..., 10**9]


@body(fails=True)
def raises_of_a_read_only_array(x):
    y = np.broadcast_to(x, (2, *x.shape))
    y[0] = x


@body(fails=True, dims=(2,))
def raises_of_a_read_only_view_of_its_own(x):
    d = np.diagonal(x * 1)
    np.add(d, 1, out=d)


@body(fails=True)
def raises_in_a_helper(x):
    helper_that_writes(x, value=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "a"])
    x.no_such_attribute


@body(fails=True, arrays=1)
def wrong_arguments(x, y, *, z):
    return x


@body
def caught(x):
    try:
        x[0] = 5
        x[10**9] = 1
    except IndexError:
        x[-1] = 6
    else:
        x[1] = 7
    finally:
        x[1:2] += 1
    return x


@body
def try_without_error(x):
    try:
        y = x[1:]
    except IndexError:
        y = None
    else:
        y += 1
    return x


FINALLY_RETURNS = """
def finally_returns(x):
    try:
        raise ValueError
    finally:
        x[0] = 8
        return x
"""
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)  # CPython 3.14 warns of it
    exec(FINALLY_RETURNS)
body(finally_returns)  # noqa: F821


@body
def array_in_a_caught_exception(x):
    try:
        raise Problem(x)
    except Problem as problem:
        problem.x[0] = 5
        held = problem
    held.x[-1] = 6
    return x


@body
def suppressed(x):
    with contextlib.suppress(ZeroDivisionError):
        x[0] = 5
        x[1] = 1 // 0
    return x


@body
def exit_stack(x):
    with contextlib.ExitStack() as stack:
        stack.callback(x.fill, 4)
        stack.enter_context(np.errstate(all="ignore"))
        y = x.copy()
    return x, y


def raised(f, a):
    try:
        f(a)
    except Problem as problem:
        put_zeros(a)
        return problem.x, problem
    return None


@body(script=raised, loose=True)
def array_of_an_exception(x):
    x[0] = 3
    raise Problem(x, part=x[1:])
