"""In a guarded function "array is read-only" of cow arrays names the line to write."""

import asyncio
import re

import numpy as np
import pytest

import cow

rng = np.random.default_rng(0)
LINE = re.compile(r"Write instead:  (.*)$")


class Model:
    def __init__(self):
        self.weights = cow.arange(100)

    @cow.no_mutate
    def mixed(self, x):
        rng.shuffle(self.weights)
        return x


@cow.no_mutate
def made_inside(x):
    order = cow.arange(len(x))
    np.random.shuffle(order)
    return order


@cow.no_mutate
def filled(x):
    buffer = cow.zeros(3)
    return rng.random(out=buffer)


@cow.no_mutate
def iterated(x):
    total = cow.zeros(3)
    for item in np.nditer(total, op_flags=["readwrite"]):
        item[...] = 1
    return total


def by_others(values):
    np.random.shuffle(values)


@cow.no_mutate
def through_a_library(x):
    p = cow.arange(10)
    by_others(values=p)
    return p


@cow.no_mutate
def generated(x):
    order = cow.arange(3)
    np.random.shuffle(order)
    yield order


@cow.no_mutate
async def awaited(x):
    order = cow.arange(3)
    np.random.shuffle(order)
    return order


@cow.no_mutate
async def streamed(x):
    yield 1
    order = cow.arange(3)
    np.random.shuffle(order)


async def last(stream):
    return [item async for item in stream]


WAYS = {
    "with cow.writing(order) as p: np.random.shuffle(p)  ": lambda x: asyncio.run(
        last(streamed(x))
    ),
    "with cow.writing(self.weights) as p: rng.shuffle(p)": Model().mixed,
    "with cow.writing(order) as p: np.random.shuffle(p)": made_inside,
    "with cow.writing(buffer) as p: return rng.random(out=p)": filled,
    "with cow.writing(total) as p: np.nditer(p, op_flags=['readwrite'])": iterated,
    "with cow.writing(p) as p_: by_others(values=p_)": through_a_library,
    "with cow.writing(order) as p: np.random.shuffle(p) ": lambda x: list(generated(x)),
    "with cow.writing(order) as p: np.random.shuffle(p)   ": lambda x: asyncio.run(
        awaited(x)
    ),
}


@pytest.mark.parametrize("line", WAYS, ids=lambda line: str(len(line)))
def test_the_refusal_names_the_line_to_write(line):
    with pytest.raises(cow.ReadOnlyError) as caught:
        WAYS[line](np.zeros(5))
    told = LINE.search(str(caught.value))
    assert told is not None and told[1] == line.strip().replace("return ", "")
    assert isinstance(caught.value, ValueError)
    assert re.search("read-only|writable", str(caught.value.__cause__))


def test_the_line_does_what_was_meant():
    weights = cow.arange(100)
    kept = weights[...]
    line = "with cow.writing(weights) as p: rng.shuffle(p)"
    exec(line, {"cow": cow, "rng": rng, "weights": weights})
    assert sorted(weights.tolist()) == kept.tolist() != weights.tolist()


def test_a_refusal_that_has_nothing_to_do_with_cow_arrays_stays_as_it_is():
    frozen = np.arange(3)
    frozen.flags.writeable = False

    @cow.no_mutate
    def f(x):
        np.random.shuffle(frozen)

    with pytest.raises(ValueError, match=r"^array is read-only$") as caught:
        f(np.zeros(3))
    assert type(caught.value) is ValueError


def test_what_the_function_catches_itself_it_gets_from_numpy():
    @cow.no_mutate
    def f(x):
        order = cow.arange(3)
        try:
            np.random.shuffle(order)
        except ValueError as error:
            return type(error)

    assert f(np.zeros(3)) is ValueError


def test_other_errors_get_a_note_and_stay_what_they_are():
    @cow.no_mutate
    def f(x):
        order = cow.arange(3)
        refuse(order)

    def refuse(values):
        raise TypeError("expected a writable array")

    with pytest.raises(TypeError, match=r"^expected a writable array") as caught:
        f(np.zeros(3))
    (note,) = caught.value.__notes__
    assert LINE.search(note)[1] == "with cow.writing(order) as p: refuse(p)"
