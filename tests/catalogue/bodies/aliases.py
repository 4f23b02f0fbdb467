"""Bodies that get an alias or a copy, and those whose result is their own."""

import contextvars
import functools
import itertools
import operator
import types
import weakref
from typing import Any

import numpy as np

from tests.catalogue.bodies.body import Keeper, body, register

# ------------------------------------------------------------ alias or copy


@body(big=True, script=lambda f, a: [f(a, True), f(a, False)])
def alias_or_copy(x, k=True):
    y = x if k else x.copy()
    y += 1
    return y


@body
def alias_or_copy_by_value(x):
    y = x if x.flat[0] > 0 else x * 1
    y[0] = 3
    return x


@body
def written_under_a_condition(x):
    if x.sum() > 0:
        x[0] = 9
    else:
        x[-1] = 9
    return x


@body(script=lambda f, a: [f(a, k) for k in range(3)])
def written_in_one_case_of_three(x, k=0):
    match k:
        case 0:
            return x.sum()
        case 1:
            x[0] = 4
            return x
        case _:
            y = x[1:]
    y.fill(2)
    return y


@body
def chain_of_aliases(x):
    a = x
    b = a[:]
    c = b.T
    d = c.T
    e = d.view()
    e[0] = 3
    return a


@body
def alias_by_and_or(x):
    y = (x.size and x) if x.size > 1 else x
    y = None or y
    y[0] = 8
    return x


@body
def alias_by_max_and_sorted(x):
    y = max([x], key=len)
    z = sorted([x, x[1:]], key=len)[-1]
    y[0] = 4
    z[-1] = 5
    return x


@body
def alias_by_next_reversed_filter(x):
    next(iter([x]))[0] = 1
    next(reversed([x[1:]]))[0] = 2
    next(filter(len, [x]))[-1] = 3
    return x


@body
def alias_by_reduce_and_chain(x):
    y = functools.reduce(lambda a, b: a, [x, 1])
    for z in itertools.chain([y], (x[1:],)):
        z[0] += 1
    return x


@body
def alias_by_star_unpacking(x):
    first, *rest = [x, x[1:], 3]
    [*more] = (rest[0],)
    more[0][0] = 6
    first[0] = 5
    return x


@body
def alias_in_a_list(x):
    held = [x, [x[1:]]]
    held[0][0] = 5
    held[1][0][0] = 6
    return x


@body
def alias_in_a_dict(x):
    held = {"x": x}
    held["x"][0] = 5
    held.setdefault("x", None)[-1] = 6
    held.pop("x")[0] += 1
    return x


@body
def alias_in_an_attribute(x):
    k = Keeper(x=x)
    k.x[0] = 5
    k.y = k.x[1:]
    k.y += 1
    k.x += 1
    return x


@body
def alias_in_a_closure(x):
    def write(value):
        x[0] = value

    write(4)
    return x


@body
def alias_by_nonlocal(x):
    y = None

    def keep():
        nonlocal y
        y = x[1:]

    keep()
    y += 2
    return x


@body
def rebound_by_nonlocal(x):
    def rebind():
        nonlocal x
        x = x * 2

    rebind()
    x[0] = 5
    return x


def _read_global():
    return ALIAS


def _forget_alias():
    global ALIAS
    ALIAS = None


ALIAS: Any = None


@body(state=lambda: ALIAS, reset=_forget_alias)
def alias_in_a_global(x):
    global ALIAS
    ALIAS = x
    _read_global()[0] = 5
    return x


@body
def alias_in_a_context_variable(x):
    var = contextvars.ContextVar("var")
    contextvars.copy_context().run(lambda: (var.set(x), var.get().fill(3)))
    return x


@body
def alias_in_a_weak_dict(x):
    held = weakref.WeakValueDictionary(x=x)
    held["x"][0] = 4
    weakref.ref(x)()[-1] = 5
    return x


@body
def alias_in_a_partial(x):
    functools.partial(np.ndarray.fill, x)(4)
    functools.partial(operator.setitem, x, 0)(5)
    return x


@body
def alias_in_a_default(x):
    def write(y=x):
        y[0] = 5

    write()
    (lambda y=x: y.fill(3))()
    return x


@body
def alias_in_an_object_array(x):
    held = np.empty(2, object)
    held[0] = x
    held[0][0] = 4
    held[1] = x[1:]
    held[1][...] = 2
    return x


@body
def alias_in_a_class_body(x):
    class Local:
        y = x
        y[0] = 6
        x[-1] = 7

    return Local.y


@body
def alias_in_a_generator(x):
    gen = (row for row in [x, x[1:]])
    for each in gen:
        each[0] = 4
    return x


@body
def comprehension_scopes(x):
    [row.fill(1) for row in [x[:1]]]
    {i: operator.setitem(x, i, 3) for i in range(1)}
    {len(y := x)}
    y[-1] = 2
    any(x.put(0, 9) for _ in range(2))
    return x


@body
def nested_functions(x):
    def outer(y):
        def inner(z):
            z[0] = 6
            return z

        return inner(y[1:])

    return outer(x), x


@body
def shadowed_names(x):
    def sum(y):
        y[0] = 5
        return 1

    def len(y):
        y[-1] = 6
        return 2

    return sum(x), len(x), x


class FakeNumpy:
    @staticmethod
    def mean(x):
        x[0] = 9
        return 1

    asarray = np.asarray


@body(script=lambda f, a: f(a, FakeNumpy))
def parameter_named_np(x, np):
    return np.mean(x), x


@body
def local_named_np(x):
    np = FakeNumpy
    return np.mean(x), x


def fake_globals(x):
    return np.mean(x), sorted(x), x


register(
    "globals of its own",
    types.FunctionType(
        fake_globals.__code__,
        {"np": FakeNumpy, "sorted": lambda x: x.fill(4)},
        "fake_globals",
    ),
)
register(
    "builtins of its own",
    types.FunctionType(
        fake_globals.__code__,
        {"__builtins__": {"sorted": lambda x: x.fill(4), "np": np}},
        "fake_globals",
    ),
)


# -------------------------------------------------------------- own results


@body(dims=(2,), big=True)
def softmax(x):
    y = np.exp(x / 1e4)
    for row in y:
        row /= row.sum()
    return y


@body
def rectified(x):
    y = x * 1.0
    y[1:][y[1:] < 0] = 0
    return y


@body
def split_of_its_own(x):
    y = np.concatenate([x, x])
    for part in np.split(y, 2):
        part[0] = 5
    return y


@body
def own_copy(x):
    y = x.copy()
    y.sort()
    y[0] = 3
    return y


@body
def own_list_of_copies(x):
    rows = [row.copy() for row in x]
    for row in rows:
        row += 1
    return rows


@body
def own_rows_of_an_empty(x):
    y = np.zeros((3, *x.shape), x.dtype)
    for i, row in enumerate(y):
        row[...] = x
        row[0] = i
    return y


@body
def own_result_then_argument(x):
    y = x + 1
    y[0] = 5
    x = y
    x[-1] = 6
    return x


@body
def argument_after_a_copy_of_it(x):
    y, x = x, x.copy()
    x[0] = 5
    y[-1] = 6
    return x, y


@body
def rebound_in_a_loop(x):
    for _ in range(3):
        x[0] += 1
        x = x * 1
    return x


@body
def rebound_to_a_view_in_a_loop(x):
    y = x
    while len(y) > 2:
        y[0] = len(y) % 7
        y = y[1:] if len(y) < 20 else y[len(y) // 2 :]
    else:
        y[-1:] = 1
    return x, y
