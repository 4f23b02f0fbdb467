"""Bodies that call helpers, which they look up in many ways."""

import contextlib
import functools
import operator
import sys
import threading
from typing import Any

import numpy as np

from tests.catalogue.bodies.body import body, put_zeros


def helper_that_writes(y, value=5):
    y[0] = value


def helper_that_aliases(y):
    return y[...]


def helper_that_keeps(y, held):
    held.append(y)


def helper_that_reads(y):
    return y.sum()


class Tools:
    @staticmethod
    def write(y):
        y[0] = 2

    @classmethod
    def write_too(cls, y):
        cls.write(y[1:])

    def __call__(self, y):
        y[-1] = 3

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda y: y.fill(4)


@body
def helper(x):
    helper_that_writes(x)
    helper_that_writes(helper_that_aliases(x)[1:], value=6)
    return x


@body
def helper_keeps_first(x):
    held = []
    helper_that_keeps(x, held)
    held[0][0] = 4
    return x, helper_that_reads(x)


@body
def helper_looked_up_in_globals(x):
    globals()["helper_that_writes"](x)
    return x


@body(script=lambda f, a: f(a, "writes"))
def helper_looked_up_by_a_name(x, name):
    module = sys.modules[__name__]
    getattr(module, f"helper_that_{name}")(x)
    return x


@body
def helper_of_a_table(x):
    table = {"w": helper_that_writes, "r": helper_that_reads}
    for each in table.values():
        each(x)
    return x


@body
def helper_methods(x):
    Tools.write(x)
    Tools.write_too(x)
    Tools()(x)
    return x


@body
def helper_by_getattr(x):
    Tools().anything(x)
    return x


@body
def helper_made_by_exec(x):
    scope = {}
    exec("def write(y):\n    y[0] = 9", scope)
    scope["write"](x)
    return x


@body
def helper_decorated(x):
    @functools.lru_cache
    def write(i):
        x[i] = 3

    @contextlib.contextmanager
    def writing():
        x[-1] = 4
        yield x[1:]
        x[1] += 1

    write(0)
    with writing() as y:
        y[0] = 5
    return x


@functools.singledispatch
def dispatched(y):
    raise TypeError


@dispatched.register
def _(y: np.ndarray):
    y[0] = 6
    return y


@body
def helper_by_dispatch(x):
    return dispatched(x)


@body
def helper_in_a_thread(x):
    thread = threading.Thread(target=x.fill, args=(5,))
    thread.start()
    thread.join()
    return x


@body(dims=(2,))
def recursive(x):
    if len(x) > 1:
        x[0] += 1
        recursive(x[len(x) // 2 + 1 :])
    return x


@body
def mutually_recursive(x, k=3):
    x[0] = k
    if k:
        _other_half(x[1:] if len(x) > 1 else x, k - 1)
    return x


def _other_half(y, k):
    y[-1] = k
    mutually_recursive(y, k)


@body(script=lambda f, a: f(a, lambda y: operator.setitem(y, 0, 3)))
def callable_that_writes(x, callback):
    callback(x)
    return x


@body(script=lambda f, a: f(a, np.ndarray.sort))
def callable_of_numpy(x, callback):
    callback(x[::-1])
    return x


@body(script=lambda f, a: f(a, lambda y: y))
def callable_that_aliases(x, callback):
    y = callback(x)
    y[0] = 2
    return x


@body(script=lambda f, a, b: f(a, lambda: b.copy()))
def callable_that_makes_an_array(x, callback):
    y = callback()
    y[0] = 6
    return y


def callback_keeps(f, a):
    kept = []
    result = f(a, kept.append)
    put_zeros(a)
    return result, kept


@body(script=callback_keeps, loose=True)
def callable_that_keeps(x, callback):
    callback(x)
    x[0] = 5
    callback(x[1:])
    return x


@body(script=lambda f, a: f(a, lambda: put_zeros(a)), touches=True)
def callable_that_writes_the_callers_array(x, callback):
    before = x.copy()
    callback()
    return before, x


HELPER: Any = helper_that_reads


def patch_helper(f, a):
    global HELPER
    HELPER = helper_that_reads
    first = f(a)
    HELPER = helper_that_writes
    second = f(a)
    HELPER = helper_that_aliases
    return first, second, f(a)


@body(script=patch_helper)
def helper_patched_between_calls(x):
    return HELPER(x), x


def patch_code(f, a):
    def reader(y):
        return y.sum()

    def writer(y):
        y[0] = 5

    Tools.changing = reader
    first = f(a)
    reader.__code__ = writer.__code__
    return first, f(a)


@body(script=patch_code)
def code_of_a_helper_changed_between_calls(x):
    return Tools.changing(x), x
