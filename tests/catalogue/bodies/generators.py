"""Generators, coroutines, and such."""

import asyncio

from tests.catalogue.bodies.body import body, finish, gathered, put_zeros
from tests.catalogue.bodies.exceptions import Problem
from tests.catalogue.bodies.results import later
from tests.catalogue.bodies.state import LOG


def write_before_the_first_next(f, a):
    generator = f(a)
    put_zeros(a)
    return list(generator)


def write_in_between(f, a):
    found = []
    for each in f(a):
        found.append(each)
        put_zeros(a)
    return found


@body(script=write_before_the_first_next, plain_only=True)
def generator(x):
    x[0] = 5
    yield x[:2]
    x[1:] += 1
    yield x
    yield x.sum()


@body(script=write_in_between)
def generator_reads(x):
    for i in range(2):
        yield x[i : i + 1].sum()
    yield x * 2


@body(script=write_in_between, dims=(2,))
def generator_of_rows(x):
    for row in x:
        row += 1
        yield row


@body(script=write_in_between, plain_only=True)
def generator_of_itself(x):
    yield x
    x[0] = 3
    yield x


@body(script=write_in_between)
def generator_yields_from(x):
    yield from [x[1:], x]
    yield from (x[i : i + 1] for i in range(2))


@body(script=lambda f, a: [next(g := f(a)), g.send(3), g.close()], plain_only=True)
def generator_with_send(x):
    got = yield x.copy()
    x[0] = got
    try:
        yield x
    finally:
        x.fill(0)


def throw_into(f, a):
    g = f(a)
    first = next(g)
    return first, g.throw(KeyError("k")), list(g)


@body(script=throw_into, plain_only=True)
def generator_with_throw(x):
    try:
        yield x[:1]
    except KeyError:
        x[-1] = 8
    yield x


def returned(f, a):
    def outer():
        return (yield from f(a))

    g, found = outer(), []
    while True:
        try:
            found.append(next(g))
        except StopIteration as stop:
            return found, stop.value


@body(script=returned)
def generator_with_a_result(x):
    yield 1
    x[0] = 4
    return x, x[1:]


@body(script=write_before_the_first_next, fails=True)
def generator_that_raises(x):
    yield x
    x[0] = 1
    raise Problem(x)


def write_what_is_yielded(f, a):
    g = f(a)
    first = next(g)
    put_zeros(first)
    return first, next(g)


@body(script=write_what_is_yielded, plain_only=True)
def generator_sees_what_its_caller_writes(x):
    yield x
    yield x.copy()


@body(script=lambda f, a: f(a) and None, state=lambda: LOG, reset=LOG.clear)
def generator_never_started(x):
    LOG.append("started")
    x[0] = 3
    yield x


@body(script=lambda f, a: [(next(g), next(h)) for g in [f(a)] for h in [f(a)]])
def two_generators(x):
    x += 1
    yield x


@body(script=later)
async def coroutine(x):
    x[0] = 5
    await asyncio.sleep(0)
    x[1:] += 1
    return x, x[1:]


@body(script=later)
async def coroutine_reads(x):
    first = x.copy()
    await asyncio.sleep(0)
    return first + x, x.sum()


async def _async_helper(y):
    await asyncio.sleep(0)
    y[0] = 6
    return y


@body(script=later)
async def coroutine_awaits_a_helper(x):
    y = await _async_helper(x[1:])
    y[-1] = 3
    return x


@body(script=later, fails=True)
async def coroutine_that_raises(x):
    x[0] = 5
    await asyncio.sleep(0)
    raise LookupError(x)


def write_while_it_waits(f, a):
    coroutine = f(a)
    coroutine.send(None)
    put_zeros(a)
    return finish(coroutine)


@body(script=write_while_it_waits)
async def coroutine_waits(x):
    await asyncio.sleep(0)
    y = x[::-1]
    y[:1] = 4
    return y


def gather_later(f, a):
    generator = f(a)
    put_zeros(a)
    return gathered(generator)


@body(script=gather_later, plain_only=True)
async def async_generator(x):
    x[0] = 5
    yield x[:2]
    await asyncio.sleep(0)
    x += 1
    yield x


@body(script=gather_later)
async def async_generator_reads(x):
    for i in range(2):
        await asyncio.sleep(0)
        yield x[i : i + 1].copy()


@body(script=gather_later)
async def async_comprehension(x):
    async def each():
        for part in (x[1:], x):
            part[:1] = 4
            yield part

    for part in [part async for part in each()]:
        yield part


@body(script=gather_later, fails=True)
async def async_generator_that_raises(x):
    x[0] = 3
    yield x
    raise Problem(x[1:])


@body(script=later)
async def async_with(x):
    class Writing:
        async def __aenter__(self):
            x[0] = 6
            return x[1:]

        async def __aexit__(self, *exc):
            x[-1] = 5

    async with Writing() as y:
        y *= 1
    return x
