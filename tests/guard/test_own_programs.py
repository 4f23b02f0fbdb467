"""What own results cost, and random programs of functions that keep arrays."""

import asyncio
import copy
import random
import tracemalloc
import types

import numpy as np
import pytest

import cow
from tests.catalogue import own_states
from tests.catalogue.own_states import Box, frozen, spoil


def own(func, **options):
    return cow.no_mutate(func, results="own", **options)


BIG = 100_000


def peak(call):
    """Return the most bytes that arrays had, and what the arrays have now."""
    tracemalloc.start()
    try:
        result = call()
        kind = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
        traces = tracemalloc.take_snapshot().filter_traces([kind]).traces
        # a snapshot takes memory itself
        sizes = [each.size for each in traces]
        del result
        tracemalloc.reset_peak()
        call()
        return tracemalloc.get_traced_memory()[1], sum(sizes), len(sizes)
    finally:
        tracemalloc.stop()


def generated(make):
    def run():
        yield make()

    return run


FRESH = {
    "array": lambda: np.ones(BIG),
    "view": lambda: np.ones(BIG).reshape(100, -1).T[3:],
    "pair": lambda: (np.ones(BIG), 1, "a"),
    "views of one array": lambda: list(np.ones((4, BIG))),
    "list": lambda: [np.ones(BIG), {"a": np.ones(BIG)}],
    "dataclass": lambda: Box(np.ones(BIG)),
    "namespace": lambda: types.SimpleNamespace(x=np.ones(BIG)),
    "objects": lambda: np.array([np.ones(BIG), [np.ones(3)]], dtype=object),
    "subclass": lambda: np.ones(BIG).view(own_states.Sub),
    "masked": lambda: np.ma.array(np.ones(BIG), mask=np.zeros(BIG, bool)),
    "matrix": lambda: np.ones((4, BIG)).view(np.matrix),
    "over bytes": lambda: np.frombuffer(bytearray(8 * BIG)),
    "cow array": lambda: cow.ones(BIG),
    "broadcast": lambda: np.broadcast_to(np.ones(BIG), (9, BIG)),
}


@pytest.mark.parametrize("make", FRESH.values(), ids=FRESH)
def test_fresh_result_is_not_copied(make):
    guarded = own(make)
    guarded()
    most, *arrays = peak(guarded)
    unguarded, *as_before = peak(make)
    assert arrays == as_before
    assert most - unguarded < 20_000


@pytest.mark.parametrize("make", FRESH.values(), ids=FRESH)
def test_fresh_result_of_a_generator_is_not_copied(make):
    guarded = own(generated(make))
    most, *arrays = peak(lambda: next(guarded()))
    unguarded, *as_before = peak(lambda: next(generated(make)()))
    assert arrays == as_before
    assert most - unguarded < 20_000


@pytest.mark.parametrize("way", ["coroutine", "async_generator"])
def test_fresh_result_of_a_coroutine_is_not_copied(way):
    async def step():
        return np.ones(BIG)

    async def frames():
        yield np.ones(BIG)

    async def first(run):
        return [each async for each in run()]

    def call(run):
        return asyncio.run(run() if way == "coroutine" else first(run))

    body = step if way == "coroutine" else frames
    guarded = own(body)
    call(guarded)
    most, *arrays = peak(lambda: call(guarded))
    unguarded, *as_before = peak(lambda: call(body))
    assert arrays == as_before
    assert most - unguarded < 20_000


def test_argument_that_is_returned_costs_one_copy():
    guarded = own(lambda x: x)
    x = np.ones(BIG)
    guarded(x)
    _, size, count = peak(lambda: guarded(x))
    assert (size, count) == (x.nbytes, 1) or size < x.nbytes + 1000


def test_row_of_a_large_buffer_costs_a_row():
    ring = np.zeros((50, BIG // 10))
    guarded = own(lambda i: ring[i])
    guarded(1)
    most, size, _ = peak(lambda: guarded(1))
    assert size < ring[0].nbytes + 1000
    assert most < 1.2 * ring[0].nbytes + 20_000


# ------------------------------------------------------- random programs


class Program:
    """Calls a function that keeps arrays, and gives out what looks at them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        dtype = self.random.choice(["f8", "i4", "O", "f8,i2"])
        self.arrays = [np.zeros(8, dtype) for _ in range(3)]
        self.boxes = [[], {}]
        self.call = own(self.body)
        self.given = []

    def array(self):
        x = self.random.choice([*self.arrays, np.zeros(8, self.arrays[0].dtype)])
        for _ in range(self.random.randrange(3)):
            x = self.random.choice([x[1:], x[::2], x[::-1], x[:5], x[...], x.T])
        return x

    def expression(self, depth=0):
        kind = self.random.randrange(9 if depth < 3 else 3)
        if kind < 3:
            return self.array()
        items = [self.expression(depth + 1) for _ in range(kind % 3)]
        if kind < 5:
            return items
        if kind == 5:
            return tuple(items)
        if kind == 6:
            return dict(enumerate(items))
        if kind == 7:
            return Box(*items, self.array()) if len(items) < 2 else items
        return self.keep()

    def keep(self):
        """Give out a container that stays."""
        rows, table = self.boxes
        a, b, c = (self.array() for _ in range(3))
        rows[:] = [*rows[-3:], self.random.choice([a, [b, a], (a, {"c": c}), Box(b)])]
        table[self.random.randrange(3)] = self.random.choice([rows, [a], c])
        return self.random.choice([*self.boxes, rows[-1]])

    def step(self):
        self.random.choice(self.arrays)[:] = self.random.randrange(100)
        given = self.call()
        assert frozen(given) == frozen(self.expected)
        self.given.append((given, self.expected))

    def body(self):
        result = self.expression()
        self.expected = copy.deepcopy(result)
        return result

    def check(self):
        for given, copied in self.given:
            assert frozen(given) == frozen(copied)

    def spoil_one(self):
        kept = frozen([self.arrays, self.boxes])
        given, _ = self.given.pop(self.random.randrange(len(self.given)))
        spoil(given)
        assert frozen([self.arrays, self.boxes]) == kept


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_agree_with_copies_of_their_results(seed):
    program = Program(seed)
    for step in range(25):
        program.step()
        program.check()
        if step % 3 == 2:
            program.spoil_one()
            program.check()
