"""What leaves a guarded function, or is kept by it, shares nothing with the caller."""

import functools
import gc
import threading
import weakref

import numpy as np
import pytest

import cow
from cow import _core
from tests.guard.given import BOTH, Box, Point


class Keeper:
    kept: object = None


keeper = Keeper()


def keep_in_self(x):
    keeper.kept = x
    return lambda: keeper.kept


def keep_view(x):
    keeper.kept = x[1:], [x.T]
    return lambda: keeper.kept[1][0]


def keep_plain(x):
    keeper.kept = np.asarray(x)
    return lambda: keeper.kept


def keep_plain_in_untracked_tuple(x):
    keeper.kept = ((np.asarray(x), 1), 2)
    gc.collect()
    return lambda: keeper.kept[0][0]


def keep_plain_in_object_array(x):
    a = np.empty(1, dtype=object)
    a[0] = np.asarray(x)
    keeper.kept = [a]
    return lambda: keeper.kept[0][0]


def keep_in_closure(x):
    y = np.asarray(x)

    def closure():
        return y

    keeper.kept = closure
    return lambda: keeper.kept()


def keep_in_generator(x):
    def generate(y):
        yield 0
        yield y

    keeper.kept = generate(np.asarray(x))
    next(keeper.kept)
    return lambda: next(keeper.kept)


def keep_in_partial(x):
    keeper.kept = functools.partial(np.asarray, x)
    return lambda: keeper.kept()


@pytest.mark.parametrize(
    "keep",
    [
        keep_in_self,
        keep_view,
        keep_plain,
        keep_plain_in_untracked_tuple,
        keep_plain_in_object_array,
        keep_in_closure,
        keep_in_generator,
        keep_in_partial,
    ],
)
@BOTH
def test_what_the_body_keeps_does_not_alias_the_caller(keep, n):
    x = np.arange(float(n))
    kept = cow.no_mutate(keep)(x)
    x[:] = -1
    y = kept()
    assert not np.shares_memory(y, x)
    np.testing.assert_array_equal(y, np.arange(n))
    if not isinstance(y, _core.Array):
        y = y if y.flags.writeable else cow.asarray(y)
    y[0] = 5
    assert x[0] == -1


@pytest.mark.parametrize("plain", [False, True])
def test_thread_that_still_holds_the_array_does_not_alias_the_caller(plain):
    go, done, seen = threading.Event(), threading.Event(), []

    def work(y):
        go.wait()
        seen.append(y[2])
        done.set()

    @cow.no_mutate
    def start(x):
        y = np.asarray(x) if plain else x
        threading.Thread(target=work, args=(y,)).start()

    x = np.arange(5000.0)
    start(x)
    x[:] = -1
    go.set()
    assert done.wait(10)
    assert seen == [2]


def test_argument_kept_after_a_guarded_call_can_be_written():
    kept = []
    cow.no_mutate(on_write="raise")(kept.append)(np.arange(5000.0))
    for given in (np.arange(5000.0), cow.arange(5000.0)):
        cow.no_mutate(on_write="raise")(lambda x: kept.append(x))(given)
        kept[-1][0] = 9
        assert given[0] == 0


def test_result_is_handed_over_without_a_copy_where_nobody_shares_it():
    inside = []

    @cow.no_mutate
    def write(x):
        x[0] = 99
        inside.append(x.__array_interface__["data"][0])
        return x

    def fresh(x):
        return x * 2

    x = np.ones(5000)
    result = cow.no_mutate(fresh)(x)
    assert type(result) is np.ndarray and result.flags.writeable
    assert result.flags.owndata or result.base is not None
    assert write(x)[0] == 99 and x[0] == 1


def test_results_in_containers_are_plain_and_one_object_stays_one():
    @cow.no_mutate
    def results(x):
        y = x * 2
        return {"a": [x, (y, y)], "b": Box(x[1:]), "p": Point(y, None)}

    x = np.ones(5000)
    result = results(x)
    arrays = [result["a"][0], *result["a"][1], result["b"].x, result["p"].x]
    for a in arrays:
        assert type(a) is np.ndarray and a.flags.writeable
        assert not np.shares_memory(a, x)
    assert result["a"][1][0] is result["a"][1][1] is result["p"].x


def test_record_of_a_structured_array_is_independent():
    x = np.zeros(5000, dtype=[("a", float), ("b", float)])
    record = cow.no_mutate(lambda y: y[0])(x)
    record["a"] = 5
    assert x["a"][0] == 0
    x["b"] = 3
    assert record["b"] == 0


def test_cow_arrays_stay_cow_arrays():
    c = cow.ones(5000)
    result = cow.no_mutate(lambda x: x)(c)
    assert type(result) is cow.CowArray and not np.shares_memory(result, c)
    result[0] = 9
    assert c[0] == 1
    mixed = cow.no_mutate(lambda x, y: [x, y])(c, np.ones(5000))
    assert all(type(a) is cow.CowArray for a in mixed)


@BOTH
def test_exception_passes_unchanged_and_data_stay(n):
    error = KeyError("own")

    @cow.no_mutate
    def fail(x):
        x[0] = 99
        error.array = x
        raise error

    x = np.arange(float(n))
    with pytest.raises(KeyError) as caught:
        fail(x)
    assert caught.value is error and x[0] == 0
    x[:] = -1
    assert error.array[1] == 1


def test_dead_proxies_do_not_disturb_the_search_for_plain_views():
    class Thing:
        pass

    thing = Thing()
    proxies = [weakref.proxy(thing)]
    del thing
    kept = []

    @cow.no_mutate
    def keep(x):
        kept.append(np.asarray(x))

    p = np.zeros(5000)
    keep(p)
    kept[0][0] = 1
    assert p[0] == 0 and len(proxies) == 1
