"""Whatever a guarded function does, the data of its caller stay as they were.

Each way in and each way out is tried with small arrays, which are copied, and
with large ones, whose memory is borrowed.
"""

import asyncio
import collections
import dataclasses
import functools
import gc
import threading
import types
import typing
import warnings
import weakref

import attrs
import numpy as np
import pytest

import cow
from cow import _core

BOTH = pytest.mark.parametrize("n", [6, 5000], ids=["small", "large"])


@dataclasses.dataclass
class Box:
    x: object
    name: str = "box"


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    x: object


@attrs.define(eq=False)
class Attrs:
    x: object


@attrs.frozen(eq=False)
class FrozenAttrs:
    x: object


class Point(typing.NamedTuple):
    x: object
    y: object


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


# ------------------------------------------------------ classes of arrays


class Unit(np.ndarray):
    def __array_finalize__(self, obj):
        self.unit = getattr(obj, "unit", None)


class Forgetful(np.ndarray):
    pass


def unit(x):
    a = x.view(Unit)
    a.unit = ["m"]
    return a


def forgetful(x):
    a = x.view(Forgetful)
    a.limits = np.array([0.0, 1.0])
    return a


SUBCLASSES = {
    "masked": lambda x: np.ma.array(x, mask=x > 3, copy=False),
    "matrix": lambda x: np.asmatrix(x),
    "recarray": lambda x: x.view([("v", x.dtype)]).view(np.recarray),
    "own": unit,
    "forgetful": forgetful,
    "chararray": lambda x: x.astype("S4").view(np.char.chararray),
}


@BOTH
@pytest.mark.parametrize("make", SUBCLASSES.values(), ids=list(SUBCLASSES))
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.filterwarnings("ignore:The chararray class:DeprecationWarning")
def test_subclass_is_kept_and_never_changes(make, n):
    x = make(np.arange(float(n)))
    before, mask = x.tobytes(), np.ma.getmaskarray(x).copy()

    def write(y):
        assert type(y) is type(x) and y.dtype == x.dtype
        for name in ("unit", "limits"):
            if hasattr(x, name):
                np.testing.assert_array_equal(getattr(y, name), getattr(x, name))
                getattr(y, name)[0] = 7
        y[...] = y[..., ::-1].copy()
        y[0] = np.ma.masked if isinstance(y, np.ma.MaskedArray) else y[-1]
        return y

    assert type(cow.no_mutate(write)(x)) is type(x)
    assert x.tobytes() == before
    assert (np.ma.getmaskarray(x) == mask).all()
    assert getattr(x, "unit", ["m"]) == ["m"]
    assert getattr(x, "limits", [0])[0] == 0
    with pytest.raises(cow.MutationError, match="argument y"):
        cow.no_mutate(on_write="raise")(write)(x)
    assert x.tobytes() == before
    cow.no_mutate(on_write="raise")(lambda y: y.copy())(x)


def test_view_of_a_masked_array_kept_by_the_body_is_its_own():
    x, kept = np.arange(5000.0), []

    @cow.no_mutate
    def keep(y):
        kept.append(np.ma.array(y, copy=False))
        kept.append(kept[0][1:])

    keep(x)
    x[:] = -1
    assert kept[0][2] == 2 and kept[1][1] == 2


@BOTH
def test_memmap_stays_one_and_its_file_as_it_is(tmp_path, n):
    x = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=n)
    x[:] = np.arange(n)

    @cow.no_mutate
    def write(y):
        y[0] = 99
        y.flush()
        assert y.filename == x.filename and y.mode == x.mode
        return isinstance(y, np.memmap), y[0]

    for function in (write, cow.no_mutate(isolate=True)(write.__wrapped__)):
        assert function(x) == (True, 99)
        assert x[0] == 0
    x.flush()
    np.testing.assert_array_equal(np.fromfile(tmp_path / "x"), np.arange(n))
    result = cow.no_mutate(lambda y: y)(x)
    assert not np.shares_memory(result, x)


def test_zero_dimensional_and_empty_arrays():
    @cow.no_mutate
    def write(x):
        x[...] = 5
        return x

    a = np.array(1.0)
    assert write(a) == 5 and a == 1
    assert write(np.zeros((0, 3))).shape == (0, 3)


@BOTH
def test_metadata_of_the_caller_never_changes(n):
    x = np.arange(float(n))
    flags = str(x.flags)

    @cow.no_mutate
    def reshape(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y.shape = (2, -1)
            y.dtype = "i8"
            y.strides = y.strides[::-1] if y.shape[0] == 1 else y.strides
        y.flags.writeable = False
        y.setflags(write=False)

    try:
        reshape(x)
    except (ValueError, cow.ReadOnlyError):
        pass
    assert x.shape == (n,) and x.dtype == float and x.strides == (8,)
    assert str(x.flags) == flags


# ------------------------------------------------------------ parameters


@BOTH
def test_each_way_to_pass_an_argument(n):
    @cow.no_mutate
    def write(a, /, b, *rest, c, **more):
        for x in (a, b, *rest, c, *more.values()):
            x[0] = 99

    x = [np.arange(float(n)) for _ in range(6)]
    write(x[0], x[1], x[2], x[3], c=x[4], d=x[5])
    assert all(each[0] == 0 for each in x)


def path_of(function, *args, **kwargs):
    with pytest.raises(cow.MutationError) as caught:
        cow.no_mutate(on_write="raise")(function)(*args, **kwargs)
    return str(caught.value).split("argument ")[1].split(" at ")[0]


def test_error_names_the_parameter_with_its_path():
    def write(config, *rest, **more):
        (config or [*rest, *more.values()])["grid"][0][0] = 1

    def first(config=None, *rest, **more):
        (list(more.values()) or rest)[-1][0] = 1

    def field(config):
        config["b"].x[0] = 1

    x = np.arange(3.0)
    assert path_of(write, {"grid": [x]}) == "config['grid'][0]"
    assert path_of(first, 1, 2, x) == "rest[1]"
    assert path_of(first, q=x) == "q"
    assert path_of(field, {"b": Box(x)}) == "config['b'].x"


def test_error_names_function_file_and_line():
    class Model:
        @cow.no_mutate(on_write="raise")
        def fit(self, x):
            x.sort()

    line = Model.fit.__wrapped__.__code__.co_firstlineno + 2
    with pytest.raises(cow.MutationError) as caught:
        Model().fit(np.arange(3)[::-1])
    assert "Model.fit() writes to its argument x at" in str(caught.value)
    assert f"{__file__}:{line}" in str(caught.value)


@BOTH
def test_write_through_a_plain_view_is_named_too(n):
    @cow.no_mutate(on_write="raise")
    def write(a, x):
        plain = np.asarray(x)
        plain += a[0]

    line = write.__wrapped__.__code__.co_firstlineno + 3
    with pytest.raises(cow.MutationError, match=f"argument x at .*{line}"):
        write(np.ones(n), np.ones(n))


def test_read_only_array_of_others_is_not_blamed_on_an_argument():
    other = np.frombuffer(bytes(8))

    @cow.no_mutate(on_write="raise")
    def write(x, y):
        other[0] = x[0]

    with pytest.raises(ValueError, match="read-only"):
        write(np.ones(3), np.ones(3))


def test_default_values_are_state_of_the_function_as_in_python():
    @cow.no_mutate
    def write(p, q=np.zeros(3), /, r=np.zeros(5000), s=[np.zeros(3)], *, t={"a": 1}):  # noqa: B006, B008
        q[0] += 1
        r[0] += 1
        s[0][0] += 1
        s.append(1)
        t[p] = 1
        return q[0], r[0], s[0][0], len(s), len(t)

    assert write("b") == (1, 1, 1, 2, 2)
    assert write("c") == (2, 2, 2, 3, 3)
    q = np.zeros(3)
    assert write("d", q)[0] == 1 and not q.any()


def test_only_and_skip_choose_parameters():
    def write(x, out, *rest):
        x[0] = out[0] = 1
        for each in rest:
            each[0] = 1

    for options in ({"skip": ("out",)}, {"only": ("x", "rest")}, {"skip": "out"}):
        x, out, other = np.zeros(3), np.zeros(3), np.zeros(3)
        cow.no_mutate(**options)(write)(x, out, other)
        assert (x[0], out[0], other[0]) == (0, 1, 0)
    out = np.zeros(3)
    cow.no_mutate(skip=("out",))(write)(np.zeros(3), out=out)
    assert out[0] == 1
    with pytest.raises(ValueError, match="no parameter"):
        cow.no_mutate(skip=("o",))(write)


def test_parameter_annotated_as_read_only_gets_a_read_only_array():
    def write(x: "cow.ReadOnly"):
        assert cow.is_readonly(x)
        x[0] = 1

    for x in (np.zeros(3), np.zeros(5000), cow.zeros(3)):
        with pytest.raises(cow.ReadOnlyError):
            cow.no_mutate(write)(x)

    def same(x: "cow.ReadOnly"):
        return x

    x = np.zeros(5000)
    result = cow.no_mutate(same)(x)
    assert result.flags.writeable and not np.shares_memory(result, x)
    assert type(cow.no_mutate(same)(cow.zeros(3))) is cow.CowArray


# ---------------------------------------------------------- kinds of callables


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


# ---------------------------------------------------------------- generators


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


# --------------------------------------------------------------- ways out


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


# ------------------------------------------------ code that ignores the flag


def clobber(x):
    pointer = np.asarray(x).__array_interface__["data"][0]
    import ctypes

    ctypes.memset(pointer, 1, x.nbytes)


def test_clobbered_argument_is_not_silent():
    x = np.zeros(5000)
    with pytest.raises(cow.MutationError, match=r"x, past .*NOT restored"):
        cow.no_mutate(isolate=False)(clobber)(x)
    x = np.zeros(5000)
    with pytest.raises(cow.MutationError, match=r"x, past .*are restored"):
        cow.no_mutate(isolate=False, verify=True)(clobber)(x)
    assert not x.any()
    cow.no_mutate(isolate=True)(clobber)(x)
    assert not x.any()
    with pytest.raises(cow.MutationError, match="argument x"):
        cow.no_mutate(on_write="raise", isolate=True)(clobber)(x)
    assert not x.any()
    small = np.zeros(5)
    cow.no_mutate(clobber)(small)
    with pytest.raises(cow.MutationError, match="argument x"):
        cow.no_mutate(on_write="raise")(clobber)(small)
    assert not small.any()


def test_verify_restores_a_single_element():
    def one(x):
        import ctypes

        pointer = np.asarray(x).__array_interface__["data"][0]
        ctypes.memset(pointer + 8 * 77, 1, 1)

    x = np.zeros(5000)
    with pytest.raises(cow.MutationError, match="restored"):
        cow.no_mutate(verify=True, isolate=False)(one)(x)
    assert not x.any()


def helper(x):
    y = np.asarray(x)
    y -= y.mean()
    return y


def test_body_that_writes_plain_arrays_works_on_copies():
    x = np.arange(5000.0)
    for function in (helper, lambda x: helper(x)):
        assert cow.no_mutate(function)(x)[0] == -2499.5
        assert x[0] == 0


def test_note_tells_what_to_do_where_the_guess_fails():
    x = np.arange(5000.0)
    with pytest.raises(ValueError, match="read-only") as caught:
        cow.no_mutate(isolate=False)(helper)(x)
    assert "isolate=True" in caught.value.__notes__[0]
    assert x[0] == 0


# ------------------------------------------------------------------ reports


@BOTH
def test_report_lets_the_body_write_and_points_at_the_line(n):
    @cow.no_mutate(on_write="report")
    def write(x, y):
        plain = np.asarray(x)
        plain += 1
        return plain

    line = write.__wrapped__.__code__.co_firstlineno + 3
    x = np.zeros(n)
    for _ in range(2):
        with pytest.warns(
            cow.MutationWarning, match=r"write\(\) writes .*argument x at"
        ) as seen:
            result = write(x, np.ones(n))
        assert result[0] == 1 and not x.any()
        assert type(result) is np.ndarray
        assert (seen[0].filename, seen[0].lineno) == (__file__, line)


def test_report_of_cow_arrays_containers_generators_and_failures():
    events = []
    from cow._guard.mutation import on_report

    @cow.no_mutate(on_write="report")
    def write(config):
        config["x"][0][0] = 9
        config["x"][0][1] = 9

    @cow.no_mutate(on_write="report")
    def generate(x):
        x[0] = 9
        yield x

    @cow.no_mutate(on_write="report")
    def fail(x):
        x[0] = 9
        raise KeyError

    @cow.no_mutate(on_write="report")
    async def later(x):
        x[0] = 9

    on_report.append(events.append)
    try:
        write({"x": [np.zeros(3)]})
        write({"x": [cow.zeros(3)]})
        list(generate(np.zeros(3)))
        with pytest.raises(KeyError):
            fail(np.zeros(3))
        asyncio.run(later(np.zeros(3)))
        cow.no_mutate(on_write="report")(np.ndarray.sort)(np.arange(3)[::-1])
        cow.no_mutate(on_write="report")(np.ndarray.sum)(np.arange(3)[::-1])
    finally:
        on_report.clear()
    # older NumPys do not tell the parameters of their methods
    first = "self" if np.ndarray.sort.__text_signature__ else "args[0]"
    assert [e.parameter for e in events] == [
        *("config['x'][0]", "config['x'][0]", "x", "x", "x", first)
    ]
    assert events[0].lineno == events[1].lineno and events[0].kind == "write"


# -------------------------------------------------------------------- costs


def test_reading_copies_nothing():
    copies = []
    old = _core.set_ledger(lambda array, size, why: copies.append(size))
    try:
        x = np.ones(100_000)
        assert cow.no_mutate(lambda x: float(x.sum()))(x) == 100_000
        assert cow.no_mutate(lambda x, k: x[1:] * k)(x, k=2)[0] == 2
        assert cow.no_mutate(lambda c: c["x"].mean())({"x": x}) == 1
    finally:
        _core.set_ledger(old)
    assert copies == []


def test_nothing_is_left_behind():
    x = np.ones(5000)
    import sys

    count = sys.getrefcount(x)
    for function in (np.sum, lambda x: x, lambda x: [x[1:], 2]):
        cow.no_mutate(function)(x)
        cow.no_mutate(function, on_write="raise")(x)
        cow.no_mutate(function, on_write="report")(x)
        cow.no_mutate(function)([x])
    gc.collect()
    assert sys.getrefcount(x) == count


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


def test_partialmethod_stays_guarded():
    class Scaled:
        def scale(self, factor, x):
            x *= factor
            return x

        twice = cow.no_mutate(functools.partialmethod(scale, 2))

    x = np.ones(3)
    assert Scaled().twice(x)[0] == 2 and x[0] == 1
