"""The ways in which a function, or an object, gives out what it keeps.

Each takes the decorator, the value and what writes it, and returns a function that
writes a number and returns the value, as the caller gets it.
"""

import asyncio
import functools


def function(own, value, write):
    def step(v):
        write(v)
        return value

    return own(step)


def default_argument(own, value, write):
    def step(v, kept=[value]):  # noqa: B006
        write(v)
        return kept[0]

    return own(step, only="v")


kept = {}


def global_state(own, value, write):
    kept["value"] = value

    def step(v):
        write(v)
        return kept["value"]

    return own(step)


class _Holder:
    def __init__(self, value, write):
        self.value, self.write = value, write


def method(own, value, write):
    class Env(_Holder):
        @own
        def step(self, v):
            self.write(v)
            return self.value

    return Env(value, write).step


def bound_method(own, value, write):
    class Env(_Holder):
        def step(self, v):
            self.write(v)
            return self.value

    return own(Env(value, write).step)


def callable_object(own, value, write):
    class Plan(_Holder):
        def __call__(self, v):
            self.write(v)
            return self.value

    return own(Plan(value, write))


def whole_class(own, value, write):
    @own
    class Env(_Holder):
        def step(self, v):
            self.write(v)
            return self.value

    return Env(value, write).step


def item(own, value, write):
    @own
    class Ring(_Holder):
        def __getitem__(self, v):
            self.write(v)
            return self.value

    return Ring(value, write).__getitem__


def property_(own, value, write):
    class Image(_Holder):
        @own
        @property
        def data(self):
            return self.value

    image = Image(value, write)
    return lambda v: (write(v), image.data)[1]


def cached_property(own, value, write):
    class Image(_Holder):
        @own
        @functools.cached_property
        def data(self):
            return self.value

    image = Image(value, write)
    return lambda v: (write(v), image.data)[1]


def cached_property_of_a_class(own, value, write):
    @own
    class Image(_Holder):
        @functools.cached_property
        def data(self):
            return value

    image = Image(None, write)
    return lambda v: (write(v), image.data)[1]


def class_method(own, value, write):
    class Env:
        kept = [value]

        @own
        @classmethod
        def step(cls, v):
            write(v)
            return cls.kept[0]

    return Env.step


def static_method(own, value, write):
    class Env:
        @own
        @staticmethod
        def step(v):
            write(v)
            return value

    return Env.step


def partial(own, value, write):
    def step(scale, v):
        write(v * scale)
        return value

    return own(functools.partial(step, 1))


def lru_cache(own, value, write):
    @functools.lru_cache
    def load():
        return value

    get = own(load)
    return lambda v: (write(v), get())[1]


def generator(own, value, write):
    def frames():
        v = 0
        while True:
            v = yield value
            write(v)

    run = own(frames)()
    next(run)
    return run.send


def for_loop(own, value, write):
    def frames():
        while True:
            write(asked[0])
            yield value

    asked, run = [0], own(frames)()
    return lambda v: (asked.__setitem__(0, v), next(run))[1]


def returned_by_a_generator(own, value, write):
    @own
    def last(v):
        yield
        write(v)
        return value

    def call(v):
        *_, result = [None, *_delegate(last(v))]
        return result

    def _delegate(run):
        result = yield from run
        yield result

    return call


def generator_that_is_returned(own, value, write):
    return lambda v: next(own(lambda v: ((write(v), value)[1] for _ in "ab"))(v))


def iterator_that_is_returned(own, value, write):
    held = [value]
    get = own(lambda: iter(held))
    return lambda v: (write(v), next(get()))[1]


def coroutine(own, value, write):
    @own
    async def step(v):
        write(v)
        return value

    return lambda v: asyncio.run(step(v))


def async_generator(own, value, write):
    @own
    async def frames(v):
        write(v)
        yield value

    async def first(v):
        async for each in frames(v):
            return each

    return lambda v: asyncio.run(first(v))


def in_a_fresh_container(own, value, write):
    def step(v):
        write(v)
        return {"x": [value]}

    get = own(step)
    return lambda v: get(v)["x"][0]


WAYS = [
    *(function, default_argument, global_state, method, bound_method),
    *(callable_object, whole_class, item, property_, cached_property),
    *(cached_property_of_a_class, class_method, static_method, partial, lru_cache),
    *(generator, for_loop, returned_by_a_generator, generator_that_is_returned),
    *(iterator_that_is_returned, coroutine, async_generator, in_a_fresh_container),
]
