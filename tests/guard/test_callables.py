"""Each kind of callable is guarded."""

import asyncio
import functools
import inspect
import pickle
import types

import cloudpickle
import numpy as np
import pytest

import cow
from tests.guard.given import BOTH


def set_first(x):
    x[0] = 99
    return x[0]


class Callable:
    def __call__(self, x):
        return set_first(x)

    async def later(self, x):
        return set_first(x)


class Methods:
    @cow.no_mutate
    def method(self, x):
        return set_first(x)

    @cow.no_mutate
    @classmethod
    def of_class(cls, x):
        return set_first(x)

    @staticmethod
    @cow.no_mutate
    def static(x):
        return set_first(x)

    @cow.no_mutate
    @property
    def value(self):
        return 1

    @value.setter
    @cow.no_mutate
    def value(self, x):
        set_first(x)


def set_value(x):
    Methods().value = x
    return 99


CALLABLES = {
    "function": cow.no_mutate(set_first),
    "lambda": cow.no_mutate(lambda x: set_first(x)),
    "callable": cow.no_mutate(Callable()),
    "bound method": cow.no_mutate(Callable().__call__),
    "method": Methods().method,
    "classmethod": Methods.of_class,
    "staticmethod": Methods.static,
    "property": set_value,
    "partial": cow.no_mutate(functools.partial(set_first)),
    "twice": cow.no_mutate(cow.no_mutate(set_first)),
    "coroutine": lambda x: asyncio.run(cow.no_mutate(Callable().later)(x)),
}


@BOTH
@pytest.mark.parametrize("function", CALLABLES.values(), ids=list(CALLABLES))
def test_each_kind_of_callable_is_guarded(function, n):
    for x in (np.arange(float(n)), cow.arange(float(n))):
        assert function(x) == 99
        assert x[0] == 0


def test_partial_stays_one_and_its_own_arrays_do_not_change():
    bound = np.zeros(5000)
    partial = cow.no_mutate(functools.partial(lambda a, b: set_first(a), bound, b=2))
    assert partial() == 99 and bound[0] == 0
    assert isinstance(partial, functools.partial)
    assert partial.args[0] is bound and partial.keywords == {"b": 2}


@BOTH
@pytest.mark.parametrize(
    "function",
    [np.ndarray.sort, np.random.default_rng(0).shuffle, np.negative.at, np.add.at],
    ids=["ndarray.sort", "shuffle", "negative.at", "add.at"],
)
def test_builtins_and_c_functions_work_on_copies(function, n):
    x = np.arange(float(n))[::-1].copy()
    before = x.copy()
    rest = {"at": ([0],)}.get(function.__name__, ())
    rest = (*rest, 1) if function == np.add.at else rest
    cow.no_mutate(function)(x, *rest)
    np.testing.assert_array_equal(x, before)
    with pytest.raises(cow.MutationError):
        cow.no_mutate(function, on_write="raise")(x, *rest)
    np.testing.assert_array_equal(x, before)


def test_c_function_may_be_told_to_write_its_output():
    out = np.zeros(3)
    cow.no_mutate(np.add, skip=("out",))(np.ones(3), 1, out=out)
    assert out[0] == 2


def test_class_is_guarded_in_place():
    @cow.no_mutate
    class Model:
        def __init__(self, x):
            x -= x.mean()
            self.x = x

        def fit(self, y, *, weights=None):
            y[0] = 99
            return self

        @classmethod
        def make(cls, x):
            x[0] = 99
            return cls(x)

        @property
        def first(self):
            return self.x[0]

        def _private(self, x):
            x[0] = 99

    x = np.arange(5000.0)
    model = Model(x)
    assert isinstance(model.fit(x), Model) and isinstance(Model.make(x), Model)
    assert model.first == -2499.5
    np.testing.assert_array_equal(x, np.arange(5000))
    x[:] = 7
    assert model.first == -2499.5
    model._private(x)
    assert x[0] == 99  # private methods are left alone


def test_builtin_class_is_a_function_that_works_on_copies():
    x = np.arange(3)
    assert cow.no_mutate(list)(x) == [0, 1, 2]


def test_signature_name_and_documentation_are_kept():
    def f(a, *, b: int = 3) -> int:
        """Say something."""

    guarded = cow.no_mutate(f)
    import inspect

    assert inspect.signature(guarded) == inspect.signature(f)
    assert (guarded.__name__, guarded.__doc__) == ("f", "Say something.")
    assert guarded.__wrapped__ is f
    assert inspect.iscoroutinefunction(cow.no_mutate(Callable().later))


def test_wrong_use_is_refused():
    with pytest.raises(TypeError, match="callable"):
        cow.no_mutate(3)
    with pytest.raises(ValueError, match="on_write"):
        cow.no_mutate(on_write="no")


def test_partialmethod_stays_guarded():
    class Scaled:
        def scale(self, factor, x):
            x *= factor
            return x

        twice = cow.no_mutate(functools.partialmethod(scale, 2))

    x = np.ones(3)
    assert Scaled().twice(x)[0] == 2 and x[0] == 1


def test_guarded_function_passes_for_a_function():
    @cow.no_mutate
    def guarded(x):
        return x

    assert inspect.isfunction(guarded) and isinstance(guarded, types.FunctionType)
    assert inspect.isbuiltin(cow.no_mutate(len))
    # who pickles functions by their code must not get at it
    assert type(pickle.loads(cloudpickle.dumps(guarded))) is type(guarded)
    assert not inspect.isfunction(cow.no_mutate(functools.partial(guarded, 1)))
