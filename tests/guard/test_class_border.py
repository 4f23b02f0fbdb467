"""Guarded is the border of a class, and of a function that calls itself."""

import asyncio
import functools
import threading
import types

import numpy as np
import pytest

import cow


@cow.no_mutate
class Solver:
    def step(self, u):
        self.bc(u)
        type(self).bc(self, u[1:])
        for i in range(2, 4):
            (lambda v: self.bc(v))(u[i:])
        [self.bc(u[i:]) for i in (4, 5)]
        self._inner(u)
        return u

    def _inner(self, u):
        def deep():
            self.bc(u[6:])

        deep()

    def bc(self, u):
        u[0] = 1.0

    def generator(self, u):
        self.bc(u)
        yield u
        self.bc(u[1:])
        yield u

    async def later(self, u):
        self.bc(u)
        return u

    @classmethod
    def of_class(cls, u):
        cls.static(u)
        return u

    @staticmethod
    def static(u):
        u[0] = 2.0
        return u

    def threads(self, u):
        thread = threading.Thread(target=self._inner, args=(u,))
        thread.start()
        thread.join()
        return u


@pytest.mark.parametrize("n", [10, 5000])
def test_methods_of_a_class_are_not_guarded_against_each_other(n):
    u = np.zeros(n)
    s = Solver()
    np.testing.assert_array_equal(s.step(u)[:8], [1, 1, 1, 1, 1, 1, 1, 0])
    steps = s.generator(u)
    assert next(steps)[0] == 1 and next(steps)[1] == 1
    assert asyncio.run(s.later(u))[0] == 1
    assert Solver.of_class(u)[0] == 2
    assert s.threads(u)[6] == 1
    s.bc(u)
    assert not u.any()


@pytest.mark.parametrize("n", [10, 5000])
def test_guarded_classes_that_derive_from_each_other_are_one(n):
    @cow.no_mutate
    class Base:
        def bc(self, u):
            u[0] = 1

        def run(self, u):
            self.extra(u)
            return u

        def extra(self, u):
            u[1] = 1

    @cow.no_mutate
    class Child(Base):
        def step(self, u):
            self.bc(u)
            super().extra(u)
            return u

        def extra(self, u):
            super().extra(u)
            u[2] = 1

    class Users(Child):  # of somebody else: not guarded itself
        def mine(self, u):
            self.bc(u)
            return u

    u = np.zeros(n)
    assert list(Child().step(u)[:3]) == [1, 1, 0]
    assert list(Child().run(u)[:3]) == [0, 1, 1]
    assert list(Base().run(u)[:3]) == [0, 1, 0]
    assert not Users().mine(u).any()
    assert not u.any()


@pytest.mark.parametrize("n", [10, 5000])
def test_a_base_that_is_guarded_later_joins_its_subclasses(n):
    class Base:
        def bc(self, u):
            u[0] = 1

    @cow.no_mutate
    class Child(Base):
        def step(self, u):
            self.bc(u)
            return u

    cow.no_mutate(Base)
    u = np.zeros(n)
    assert Child().step(u)[0] == 1
    Child().bc(u)
    assert not u.any()


def in_place(a):
    if len(a) > 1:
        middle = len(a) // 2
        left, right = a[:middle].copy(), a[middle:].copy()
        in_place(left)
        in_place(right)
        i = j = 0
        for k in range(len(a)):
            if j == len(right) or (i < len(left) and left[i] <= right[j]):
                a[k] = left[i]
                i += 1
            else:
                a[k] = right[j]
                j += 1
    return a


in_place = cow.no_mutate(in_place)


@cow.no_mutate
def walk(a):
    a[0] = 1
    yield a[0]
    if len(a) > 1:
        yield from walk(a[1:])
        assert a[1] == 1


def test_function_that_calls_itself_is_guarded_once():
    a = np.random.default_rng(0).random(200)
    before = a.copy()
    np.testing.assert_array_equal(in_place(a), np.sort(a))
    np.testing.assert_array_equal(a, before)
    x = np.zeros(5)
    assert list(walk(x)) == [1] * 5 and not x.any()


def test_guarding_again_guards_once():
    def f(x):
        x[0] = 1
        return x

    once = cow.no_mutate(f)
    twice = cow.no_mutate(once)
    x = np.zeros(3)
    assert twice(x)[0] == 1 and not x.any()
    assert twice.__wrapped__ is f

    @cow.no_mutate
    def g(x):
        once(x)  # it does not change the arrays of its caller, g
        return x

    assert not g(x).any()


def decorated(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args)

    return wrapper


@cow.no_mutate
@decorated
def countdown(x, n):
    if n:
        countdown(x, n - 1)
    x[0] += 1
    return x


by_name = cow.no_mutate(lambda x, n: by_name(x, n - 1).__iadd__(1) if n else x)


def test_recursion_of_decorated_functions_and_lambdas():
    x = np.zeros(2)
    assert countdown(x, 3)[0] == 4
    assert by_name(x, 3)[0] == 3
    assert not x.any()


def test_classes_are_not_kept_alive():
    import gc
    import weakref

    def make():
        @cow.no_mutate
        class Gone:
            def f(self, x):
                return self.g(x)

            def g(self, x):
                return x

        Gone().f(np.zeros(3))
        return weakref.ref(Gone)

    gone = [make() for _ in range(3)]
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3


def test_code_that_others_call_through_may_be_inside():
    from cow._guard.wrapper import wrapper_of

    border = wrapper_of(countdown).cow_border
    code = (lambda: None).__code__
    for name, may in {
        "numpy.lib": True,
        "functools": True,
        "pandas.tests.x": False,
    }.items():
        function = types.FunctionType(code, {"__name__": name})
        assert border.may_admit(function) is may
    assert border.may_admit(countdown.__wrapped__.__wrapped__)
    assert not border.may_admit(test_function_that_calls_itself_is_guarded_once)
