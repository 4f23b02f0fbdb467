"""Bodies that keep something from call to call, or know a global variable."""

import typing
from typing import Any

import numpy as np

from tests.catalogue.bodies.body import NUMBERS, Keeper, body, finish, register

LOG: list[Any] = []
KEPT = Keeper()


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_arguments(x):
    LOG.append(x)
    return len(LOG)


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_views(x):
    LOG.append(x[1:])
    x[0] = 5
    LOG.append(x[:2])
    return x


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_results(x):
    y = x * 2
    LOG.append(y)
    return y


@body(state=lambda: LOG, reset=LOG.clear)
def log_that_is_written(x):
    for each in LOG:
        each[...] = 1
    LOG.append(x)
    return x


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_what_was_before(x):
    LOG.append((x, {"part": x[:1]}))
    return LOG[0][0] is x, LOG[0][1]["part"]


@body(state=lambda: LOG, reset=LOG.clear)
def log_compared(x):
    known = [np.shares_memory(x, each) for each in LOG]
    LOG.append(x)
    return known


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_closures(x):
    LOG.append(lambda: x)
    found = LOG[0]()
    found[-1] = 9
    return found.copy(), x


@body(state=lambda: LOG, reset=LOG.clear, loose=True)
def log_of_generators(x):
    if LOG:
        return next(LOG[0])
    LOG.append(row for row in [x, x[1:]])
    return next(LOG[0])


@body(state=lambda: LOG, reset=LOG.clear)
def log_of_memory(x):
    LOG.append(memoryview(x))
    x[-1] = 6
    return x


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_by_a_global_object(x):
    KEPT.x = x
    KEPT.part = KEPT.x[1:]
    return x


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_and_written_later(x):
    if hasattr(KEPT, "x"):
        KEPT.x[0] = 7
        return KEPT.x
    KEPT.x = x[::-1]
    return None


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_and_added_to(x):
    KEPT.total = getattr(KEPT, "total", 0) + x
    return KEPT.total


@body(state=lambda: vars(KEPT), reset=vars(KEPT).clear)
def kept_by_the_first_call_only(x):
    cache = KEPT.__dict__.setdefault("cache", x)
    cache += 1
    return cache


def _clear_attributes(function):
    vars(function).clear()


@body(
    state=lambda: vars(function_attribute),
    reset=lambda: _clear_attributes(function_attribute),
)
def function_attribute(x):
    function_attribute.calls = getattr(function_attribute, "calls", 0) + 1
    held = vars(function_attribute).setdefault("last", x)
    function_attribute.last = x[1:]
    return held, function_attribute.calls


@body(
    state=lambda: default_that_accumulates.__defaults__,
    reset=lambda: default_that_accumulates.__defaults__[0].clear(),
)
def default_that_accumulates(x, held=[]):  # noqa: B006
    held.append(x)
    held[0][0] = len(held)
    return len(held), held[0]


@body(
    state=lambda: default_array.__defaults__,
    reset=lambda: default_array.__defaults__[0].fill(0),
)
def default_array(x, count=np.zeros(3)):  # noqa: B008
    count += 1
    return count.copy(), x


@body(
    state=lambda: keyword_default.__kwdefaults__,
    reset=lambda: keyword_default.__kwdefaults__["memo"].clear(),
    loose=True,
)
def keyword_default(x, *, memo={}):  # noqa: B006
    memo.setdefault("x", x)
    return memo["x"] is x, memo


@body(
    state=lambda: default_and_results.__defaults__,
    reset=lambda: default_and_results.__defaults__[0].fill(2),
)
def default_and_results(x, scale=np.full(1, 2.0)):  # noqa: B008
    return x * scale, scale


def use_default(f, a):
    return f(default_passed.__defaults__[0]), f(a)


@body(
    script=use_default,
    state=lambda: default_passed.__defaults__,
    reset=lambda: default_passed.__defaults__[0].fill(1),
    kinds=NUMBERS,
)
def default_passed(x, table=np.ones(3)):  # noqa: B008
    x[0] = 5
    table[1] += 1
    return x is table, x, table.copy()


def counter():
    """Return a body that counts in a closure, and what forgets."""
    held: list[Any] = []

    def count(x):
        held.append(x[:2])
        held[0] += 1
        return len(held), held[0].copy()

    return count, held


_count, _held = counter()
register("closure that counts", _count, state=lambda: _held, reset=_held.clear)


def make_rebinding():
    total = 0

    def rebinding(x):
        nonlocal total
        total = total + x.sum()
        x[0] = 3
        return total, x

    def forget():
        nonlocal total
        total = 0

    return rebinding, forget


_rebinding, _forget = make_rebinding()
register("closure that rebinds", _rebinding, reset=_forget)


class Model:
    """Passes as it is, with what it keeps."""

    shared: typing.ClassVar[list[Any]] = []

    def __init__(self):
        self.forget()

    def forget(self):
        self.__dict__.clear()
        self.seen = []
        self.data = np.arange(3.0)
        self.shared.clear()

    def fit(self, x):
        x -= x.mean()
        self.x = x
        self.seen.append(x[1:])
        return self

    def peek(self, x):
        self.seen.append(x)
        return self.seen[0]

    def write_data(self, x):
        self.data[0] += 1
        x[0] = self.data[0]
        return self.data, x

    def write_and_copy_data(self, x):
        x[0] = 5
        self.data[0] += 1
        return self.data.copy(), x

    def transform(self, x):
        y = np.asarray(x, float)
        y -= y.mean()
        return y

    @classmethod
    def of_class(cls, x):
        cls.shared.append(x)
        x[0] = 3
        return x

    @staticmethod
    def static(x):
        x[0] = 4
        return x[1:]

    def __call__(self, x):
        self.x = x
        x[-1] = 2
        return x

    def __getitem__(self, x):
        x[0] = 2
        return x

    async def later(self, x):
        self.x = x
        x[0] = 4
        return x


MODEL = Model()


def of_the_model(name, function, **options):
    return register(
        f"model: {name}",
        function,
        state=lambda: (vars(MODEL), MODEL.shared),
        reset=MODEL.forget,
        **options,
    )


of_the_model("bound fit", MODEL.fit, script=lambda f, a: f(a) is MODEL)
of_the_model("fit", Model.fit, script=lambda f, a: f(MODEL, a) is MODEL)
of_the_model("fit by name", Model.fit, script=lambda f, a: f(MODEL, x=a) is MODEL)
of_the_model("peek", Model.peek, script=lambda f, a: f(MODEL, a))
of_the_model("write_data", Model.write_data, script=lambda f, a: f(MODEL, a))
of_the_model("transform", MODEL.transform)
of_the_model("of_class", Model.of_class)
of_the_model("static", Model.static)
of_the_model("callable", MODEL)
of_the_model("getitem", Model.__getitem__, script=lambda f, a: f(MODEL, a))
of_the_model("later", MODEL.later, script=lambda f, a: finish(f(a)))


def pass_its_data(f, a):
    MODEL.data = a
    return f(MODEL, a)


of_the_model(
    "its data",
    Model.write_and_copy_data,
    script=pass_its_data,
    touches=True,
    loose=True,
)


@body(script=lambda f, a: f(Keeper(x=np.arange(3.0)), a))
def object_as_it_is(k, x):
    k.x[0] = 5
    k.y = x
    k.y[0] = 6
    return k.x, x


def write_through_an_object(f, a, b):
    k = Keeper(x=a)
    return f(k, b), k.x


@body(script=write_through_an_object, touches=True, loose=True)
def object_with_the_callers_array(k, x):
    x[0] = 3
    k.x[-1] = 4
    k.y = x[1:]
    return x


# the caller passes what the function knows by another way, too

G: Any = None


def _set_global(value):
    global G
    G = value


def pass_global(f, a):
    _set_global(a)
    return f(G)


# what G is belongs to the caller, whose arrays are compared anyway
_global = {
    "script": pass_global,
    "state": lambda: G,
    "reset": lambda: _set_global(None),
    "touches": True,
}


@body(**_global)
def global_written_while_reading(x):
    first = x[0:1].copy()
    G[0] = 7
    return first, x[0:1], x


@body(**_global)
def argument_written_while_reading_the_global(x):
    x[0] = 7
    return np.array(G[0:1]), x


@body(**_global)
def global_and_argument(x):
    return x is G, np.shares_memory(x, G), x


@body(**_global)
def both_written(x):
    G[-1] = 4
    x[0] = 7
    G[0] = 3
    return x


@body(**_global)
def global_rebound(x):
    global G
    G = x
    G[0] = 5
    return x


def pass_view_of_global(f, a):
    _set_global(a)
    return f(a[1:])


@body(**{**_global, "script": pass_view_of_global})
def view_of_the_global(x):
    G[...] = 5
    return x, x.base is None


@body(**{**_global, "script": pass_view_of_global})
def global_written_after_a_view_of_the_argument(x):
    y = x[::-1]
    G[...] = 5
    y[:1] = 6
    return y, x
