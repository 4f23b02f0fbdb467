"""Guarded functions under attack: what somebody else found who looked for it."""

import copy
import dataclasses
import pickle
import types
import warnings

import numpy as np
import pytest

import cow


@pytest.fixture(params=[3, 5000])
def x(request):
    return np.arange(float(request.param))


# ------------------------------------------- the proof meets any Python object


@dataclasses.dataclass
class Unhashable:
    k: float = 2.0

    def scale(self, x):
        return x * self.k

    def __call__(self, x):
        return x * self.k

    @property
    def twice(self):
        return 2 * self.k


class HashFails:
    k = 3.0

    def __hash__(self):
        raise ZeroDivisionError

    def scale(self, x):
        return x * self.k


config, broken = Unhashable(), HashFails()
KEPT = [object()]


def with_default(x, u=config):
    return u.scale(x)


def keeps_error(x):
    error = ValueError(x)
    KEPT.append(error)
    return 3


def test_objects_that_cannot_be_hashed_stop_no_call(x):
    functions = [lambda x: config.scale(x), config.scale, config, with_default]
    functions += [lambda x: broken.scale(x), lambda x: x * config.twice]
    for function in functions:
        np.testing.assert_array_equal(cow.no_mutate(function)(x), function(x))
    assert cow.no_mutate(keeps_error)(x) == 3
    assert not np.shares_memory(KEPT.pop().args[0], x)


def test_class_made_by_type_gets_a_copy(x):
    def make(x):
        return x.view(type("S", (np.ndarray,), {}))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = cow.no_mutate(make)(x)
    assert not np.shares_memory(result, x) and result.flags.writeable


# -------------------------------------------------- errors of the program's own


class Text(ValueError):
    def __str__(self):
        raise ZeroDivisionError


def test_errors_of_the_function_are_not_read_nor_taken_for_ours(x):
    def fail(x):
        raise Text(x[0])

    def table(x: "cow.ReadOnly"):
        raise ValueError("the price table is read-only, sorry")

    with pytest.raises(Text):
        cow.no_mutate(fail)(x)
    for function in (table, lambda x: table(x + 1)):
        with pytest.raises(ValueError, match="sorry") as caught:
            cow.no_mutate(function)(x)
        assert type(caught.value) is ValueError
        assert not hasattr(caught.value, "__notes__")


# --------------------------------------------------------- how things are passed


class Model:
    @cow.no_mutate
    def write(self, x):
        x[0] = 77
        return x

    @cow.no_mutate
    def me(self, x):
        return self


def test_receiver_may_be_passed_by_name_and_anywhere(x):
    model = Model()
    for _ in range(2):
        assert Model.write(x=x, self=model)[0] == 77
        assert Model.write(self=model, x=x)[0] == 77
        assert x[0] == 0


def test_receiver_comes_back_as_it_is(x):
    @dataclasses.dataclass
    class Counter:
        n: int = 0
        held: object = None

        @cow.no_mutate
        def add(self, x):
            self.n += 1
            return self

    counter = Counter(held=np.zeros(3))
    for _ in range(2):
        assert counter.add(x) is counter
        assert counter.add(cow.array(x)) is counter
    settings = {"a": [1, 2]}
    assert cow.no_mutate(lambda x: settings)(cow.array(x)) is settings


def test_attributes_of_a_dataclass_that_are_no_fields_are_copied(x):
    @dataclasses.dataclass
    class Pair:
        a: object

        def __post_init__(self):
            self.part = self.a[1:]

    pair = Pair(x)
    pair.extra = x

    @cow.no_mutate
    def write(pair):
        pair.part[0] = pair.extra[0] = 99
        return pair.a is pair.extra, pair.a[0]

    assert write(pair) == (True, 99)
    assert x[0] == 0 and x[1] == 1


def test_record_is_copied(x):
    records = np.zeros(3, [("a", "f8")])

    def write(r):
        r["a"] = 5
        return r["a"]

    for isolate in (None, True):
        guarded = cow.no_mutate(write, isolate=isolate)
        assert guarded(records[1]) == 5 and not records["a"].any()
    guarded = cow.no_mutate(lambda rs: write(rs[0]))
    assert guarded([records[1]]) == 5 and not records["a"].any()


def test_copy_method_of_a_container_is_not_called(x):
    class Same(list):
        def __copy__(self):
            return self

    class Fails(dict):
        def __copy__(self):
            raise ZeroDivisionError

    same, fails = Same([x]), Fails(a=x)
    same.name = fails.name = "n"

    @cow.no_mutate
    def write(box, key):
        box[key][0] = 9
        return type(box), box.name

    assert write(same, 0) == (Same, "n") and write(fails, "a") == (Fails, "n")
    assert x[0] == 0 and same[0] is x and fails["a"] is x


def test_isolate_takes_three_values():
    with pytest.raises(ValueError, match="isolate"):
        cow.no_mutate(isolate="no")


# ------------------------------------------------------ generators, coroutines


def numbers(x):
    got = yield x
    got[0] = 5
    yield x, got


guarded_numbers = cow.no_mutate(numbers)
numbers_of_old, numbers = numbers, guarded_numbers


def test_what_a_generator_gave_out_may_be_sent_back(x):
    generator = guarded_numbers(x)
    same = next(generator)
    back, got = generator.send(same)
    assert back is got is same and same[0] == 5 and x[0] == 0
    generator = guarded_numbers(x)
    next(generator)
    back, got = generator.send(x)
    assert back[0] == 0 and got[0] == 5 and x[0] == 0


def test_generator_is_closed_and_named_as_the_function_says(x):
    def closing(x):
        try:
            yield 1
        except GeneratorExit:
            return "closed"

    plain, guarded = closing(x), cow.no_mutate(closing)(x)
    assert guarded.__name__ == "closing"
    assert guarded.__qualname__ == plain.__qualname__
    next(plain), next(guarded)
    assert plain.close() == guarded.close()


def test_generator_function_that_is_awaited(x):
    @types.coroutine
    def wait(x):
        x[0] = 9
        yield
        return x

    async def run():
        return await cow.no_mutate(wait)(x)

    coroutine = run()
    coroutine.send(None)
    with pytest.raises(StopIteration) as stop:
        coroutine.send(None)
    assert stop.value.value[0] == 9 and x[0] == 0


def test_guarded_generator_function_is_pickled_by_name_and_not_copied():
    assert pickle.loads(pickle.dumps(guarded_numbers)) is guarded_numbers
    assert copy.copy(guarded_numbers) is guarded_numbers
    assert copy.deepcopy(guarded_numbers) is guarded_numbers
