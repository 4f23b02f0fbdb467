"""Generators and coroutines are guarded from the call to their end."""

import asyncio

import numpy as np
import pytest

import cow
from tests.guard.given import BOTH


@BOTH
def test_generator_is_guarded_from_the_first_next_to_its_end(n):
    x, y = np.arange(float(n)), np.zeros(n)

    @cow.no_mutate
    def generate(x):
        try:
            x[0] = 99
            sent = yield x
            sent[0] = 98
            x[1] = sent[0]
            yield x[:2]
        finally:
            x[2] = 97

    generator = generate(x)
    first = next(generator)
    assert first[0] == 99 and not np.shares_memory(first, x)
    first[3] = -1  # a value of its own: the body does not see it, nor does x
    second = generator.send(y)
    assert second.tolist() == [99, 98]
    generator.close()
    np.testing.assert_array_equal(x, np.arange(n))
    assert not y.any()


def test_arguments_of_a_generator_are_copied_at_the_call():
    x = np.zeros(5000)

    @cow.no_mutate
    def first(x):
        yield x[0]
        yield x[0]

    generator = first(x)
    x[:] = 7
    assert list(generator) == [0, 0]


def test_generator_throw_and_return():
    x = np.arange(5000.0)

    @cow.no_mutate
    def generate(x):
        try:
            yield 1
        except KeyError:
            x[0] = 99
            yield x[0]
        return x

    generator = generate(x)
    next(generator)
    assert generator.throw(KeyError) == 99
    with pytest.raises(StopIteration) as stop:
        next(generator)
    result = stop.value.value
    assert result[0] == 99 and type(result) is np.ndarray and x[0] == 0


@BOTH
def test_async_generator(n):
    x, y = np.arange(float(n)), np.zeros(n)

    @cow.no_mutate
    async def generate(x):
        x[0] = 99
        sent = yield x
        await asyncio.sleep(0)
        sent[0] = 98
        try:
            yield sent
        except KeyError:
            x[1] = 97
            yield x[1]

    async def main():
        generator = generate(x)
        first = await generator.__anext__()
        assert first[0] == 99 and not np.shares_memory(first, x)
        assert (await generator.asend(y))[0] == 98
        assert await generator.athrow(KeyError) == 97
        await generator.aclose()

    asyncio.run(main())
    np.testing.assert_array_equal(x, np.arange(n))
    assert not y.any()


def test_coroutine_lets_the_caller_write_while_it_waits():
    x = np.zeros(5000)

    @cow.no_mutate
    async def read(x):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return x

    async def main():
        async def write():
            x[:] = 7

        result, _ = await asyncio.gather(read(x), write())
        return result

    result = asyncio.run(main())
    assert not np.shares_memory(result, x) and type(result) is np.ndarray
