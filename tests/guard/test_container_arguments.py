"""No array in a container changes, whatever kind the container is of."""

import collections
import dataclasses
import types

import attrs
import numpy as np
import pytest

import cow
from tests.guard.given import BOTH, Box, Point


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    x: object


@attrs.define(eq=False)
class Attrs:
    x: object


@attrs.frozen(eq=False)
class FrozenAttrs:
    x: object


class Tagged(dict):
    pass


@dataclasses.dataclass(eq=False)
class Key:
    x: object


def objects(x):
    a = np.empty(2, dtype=object)
    a[0], a[1] = x, [x]
    return a


def records(x):
    a = np.zeros(2, dtype=[("n", "i4"), ("o", "O")])
    a["o"][0] = x
    return a


def cycle(x):
    values = [x]
    values.append(values)
    return values


# how to put an array into a container, and how to get it out again
CONTAINERS = {
    "itself": (lambda x: x, lambda c: c),
    "list": (lambda x: [1, x], lambda c: c[1]),
    "tuple": (lambda x: (x, 2), lambda c: c[0]),
    "namedtuple": (lambda x: Point(1, x), lambda c: c.y),
    "dict": (lambda x: {"a": x}, lambda c: c["a"]),
    "dict subclass": (lambda x: Tagged(a=x), lambda c: c["a"]),
    "OrderedDict": (
        lambda x: collections.OrderedDict(a=x),
        lambda c: c["a"],
    ),
    "defaultdict": (
        lambda x: collections.defaultdict(list, {"a": x}),
        lambda c: c["a"],
    ),
    "deque": (lambda x: collections.deque([x], maxlen=3), lambda c: c[0]),
    "UserDict": (lambda x: collections.UserDict(a=x), lambda c: c["a"]),
    "UserList": (lambda x: collections.UserList([x]), lambda c: c[0]),
    "ChainMap": (lambda x: collections.ChainMap({"a": x}), lambda c: c["a"]),
    "proxy": (lambda x: types.MappingProxyType({"a": x}), lambda c: c["a"]),
    "namespace": (lambda x: types.SimpleNamespace(x=x), lambda c: c.x),
    "dataclass": (Box, lambda c: c.x),
    "frozen dataclass": (Frozen, lambda c: c.x),
    "attrs": (Attrs, lambda c: c.x),
    "frozen attrs": (FrozenAttrs, lambda c: c.x),
    "object array": (objects, lambda c: c[0]),
    "list in object array": (objects, lambda c: c[1][0]),
    "object field": (records, lambda c: c["o"][0]),
    "set of hashables": (lambda x: {Key(x)}, lambda c: next(iter(c)).x),
    "frozenset": (lambda x: frozenset([Key(x)]), lambda c: next(iter(c)).x),
    "key of a dict": (lambda x: {Key(x): 1}, lambda c: next(iter(c)).x),
    "iterator": (lambda x: iter([x]), next),
    "map": (lambda x: map(lambda each: each, [x]), next),
    "zip": (lambda x: zip([x], [1], strict=True), lambda c: next(c)[0]),
    "nested": (
        lambda x: {"a": [Box((Point(x, 0),))]},
        lambda c: c["a"][0].x[0].x,
    ),
    "cycle": (cycle, lambda c: c[1][1][0]),
}
CONTAINER = pytest.mark.parametrize(
    ("make", "take"), CONTAINERS.values(), ids=list(CONTAINERS)
)


@BOTH
@CONTAINER
def test_array_in_a_container_never_changes(make, take, n):
    @cow.no_mutate
    def write(c):
        x = take(c)
        x[0] = 99
        x += 1
        return x

    x = np.arange(float(n))
    result = write(make(x))
    np.testing.assert_array_equal(x, np.arange(n))
    assert result[0] == 100 and result[2] == 3
    assert type(result) is np.ndarray and result.flags.writeable


@BOTH
@CONTAINER
def test_container_that_comes_back_shares_nothing_with_the_caller(make, take, n):
    x = np.arange(float(n))
    given = make(x)
    result = take(cow.no_mutate(lambda c: c)(given))
    assert not np.shares_memory(result, x)
    np.testing.assert_array_equal(result, x)
    result[0] = 5
    assert x[0] == 0


@BOTH
@CONTAINER
def test_write_in_a_container_is_named(make, take, n):
    @cow.no_mutate(on_write="raise")
    def write(c):
        take(c)[0] = 99

    x = np.arange(float(n))
    with pytest.raises(cow.MutationError, match=r"write\(\) writes to its argument c"):
        write(make(x))
    np.testing.assert_array_equal(x, np.arange(n))


def test_the_containers_of_the_caller_do_not_change():
    given = {"a": [1, 2], "d": collections.deque([1]), "s": {1}, "b": Box([1])}

    @cow.no_mutate
    def write(c):
        c["a"].append(3)
        c["d"].append(3)
        c["s"].add(3)
        c["b"].x.append(3)
        c["b"].name = "changed"
        c["new"] = 1

    write(given)
    assert given == {
        "a": [1, 2],
        "d": collections.deque([1]),
        "s": {1},
        "b": Box([1]),
    }


def test_kinds_and_extras_of_containers_are_kept():
    tagged = Tagged(a=np.arange(3))
    tagged.note = [np.arange(3)]
    deque = collections.deque([np.arange(3)], maxlen=5)
    default = collections.defaultdict(list, a=np.arange(3))

    @cow.no_mutate
    def look(*kinds):
        kinds[0].note[0][0] = 9
        return [type(k) for k in kinds], kinds[1].maxlen, kinds[2].default_factory

    kinds, maxlen, factory = look(tagged, deque, default, Point(np.arange(3), 1))
    assert kinds == [Tagged, collections.deque, collections.defaultdict, Point]
    assert (maxlen, factory) == (5, list)
    assert tagged.note[0][0] == 0


# --------------------------------------------------------- identity, overlap


@BOTH
def test_the_same_object_twice_is_one_object_inside(n):
    x = np.arange(float(n))

    @cow.no_mutate
    def same(a, b, c, *, d):
        a[0] = 9
        return a is b and a is c[0] and a is d and b[0] == 9

    assert same(x, x, [x], d=x)
    assert cow.no_mutate(lambda a, b: a is b)(x, x)
    assert cow.no_mutate(lambda a, b: a is b)(x, b=x)
    assert x[0] == 0


@BOTH
def test_arrays_that_overlap_are_values_of_their_own(n):
    base = np.arange(float(n))

    @cow.no_mutate
    def write(a, b, c):
        a[0] = 99
        b[-1] = 98
        return a[0], b[0], b[-1], c[1], c[-1]

    a, b, c = base[1:], base[1:], base
    assert write(a, b, c) == (99, 1, 98, 1, n - 1)
    assert write(c, c[::-1], c.reshape(2, -1)[0])[:2] == (99, n - 1)
    np.testing.assert_array_equal(base, np.arange(n))


def test_cyclic_container_keeps_its_shape():
    given = cycle(np.arange(3))
    given.append({"up": given, "t": (given,)})

    @cow.no_mutate
    def look(c):
        return c[1] is c and c[2]["up"] is c and c[2]["t"][0] is c and c is not given

    assert look(given)
