"""Bodies of dynamic code, without a source, and lambdas."""

import gc
import inspect
import operator
import sys
from typing import Any

import numpy as np

from tests.catalogue.bodies.body import body, finish, register
from tests.catalogue.bodies.helpers import helper_that_writes

# ------------------------------------------------------------- dynamic code


@body
def exec_of_text(x):
    exec("x[0] = 5")
    return x


@body
def eval_of_text(x):
    eval("x.fill(3)")
    return eval("x[1:]")


@body
def locals_of_the_function(x):
    locals()["x"][0] = 5
    vars()["x"][-1] = 6
    return x


@body
def frame_of_the_function(x):
    sys._getframe().f_locals["x"][0] = 5
    inspect.currentframe().f_locals["x"][-1] = 6
    return x


def _write_in_the_caller():
    sys._getframe(1).f_locals["x"][0] = 8


@body
def frame_of_the_caller(x):
    _write_in_the_caller()
    return x


@body
def found_by_the_collector(x):
    held = [[x]]
    for each in gc.get_referents(held[0]):
        each[0] = 5
    return x


@body
def closure_cell(x):
    def f():
        return x

    f.__closure__[0].cell_contents[0] = 3
    return x


@body
def type_made_by_hand(x):
    cls = type("Made", (), {"x": x, "write": lambda self: self.x.fill(3)})
    cls().write()
    return x


WITHOUT_SOURCE = """
def without_source(x):
    row = x[0:1]
    row += 2
    return x, row

def without_source_reads(x):
    return x.mean(), x * 2

def without_source_keeps(x, held=[]):
    held.append(x)
    return len(held), held[0][0]

def without_source_calls(x):
    def inner(y):
        y[0] = 3
    inner(x)
    return (lambda z: z.T)(x)

class Method:
    def without_source(self, x):
        x.sort()
        return x

async def without_source_coroutine(x):
    x[0] = 4
    return x

def without_source_generator(x):
    x[0] = 4
    yield x
"""
_made: dict[str, Any] = {"np": np}
exec(WITHOUT_SOURCE, _made)
register("without source", _made["without_source"])
register("without source, reads", _made["without_source_reads"])
register(
    "without source, keeps",
    _made["without_source_keeps"],
    state=lambda: _made["without_source_keeps"].__defaults__,
    reset=lambda: _made["without_source_keeps"].__defaults__[0].clear(),
)
register("without source, calls", _made["without_source_calls"])
register("without source, method", _made["Method"]().without_source)
register(
    "without source, coroutine",
    _made["without_source_coroutine"],
    script=lambda f, a: finish(f(a)),
)
register(
    "without source, generator",
    _made["without_source_generator"],
    script=lambda f, a: list(f(a)),
)


# -------------------------------------------------------------------- lambdas

register("lambda that reads", lambda x: x.sum())
register("lambda that returns its argument", lambda x: x, dims=(0, 1, 2), big=True)
register("lambda that returns a view", lambda x: x[::-1], big=True)
register("lambda that writes", lambda x: x.sort())
register("lambda that writes by a walrus", lambda x: (y := x[1:]).fill(4) or (x, y))
register("lambda of a lambda", lambda x: (lambda y: operator.setitem(y, 0, 3))(x) or x)
register(
    "lambda with a default",
    lambda x, write=helper_that_writes: write(x) or x,
)
# fmt: off
register("one of two lambdas on a line", lambda x: x.sum()); register("the other", lambda x: x.fill(2) or x)  # noqa: E501, E702
# fmt: on
