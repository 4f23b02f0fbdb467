"""`no_mutate(results="own")`: nobody but the caller holds what is given out."""

import functools
import sys
import types
import weakref

import numpy as np
import pytest

import cow
from cow import _core
from tests.catalogue import own_states
from tests.catalogue.own_states import STATES, Box, frozen, spoil
from tests.catalogue.own_ways import WAYS


def own(func, **options):
    return cow.no_mutate(func, results="own", **options)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("state", STATES)
def test_what_was_given_out_and_what_is_kept_do_not_meet(state, way):
    value, write = STATES[state]()
    call = way(own, value, write)
    first = call(1)
    was = frozen(first)
    assert was == frozen(value)
    second = call(2)
    assert frozen(first) == was
    kept = frozen(value)
    assert frozen(second) == kept
    spoil(first)
    spoil(second)
    assert frozen(value) == kept
    assert frozen(call(2))[0] == kept[0]


@pytest.mark.parametrize(
    "options",
    [{"isolate": True}, {"isolate": False}, {"on_write": "raise"}]
    + [{"on_write": "report"}, {"only": "v"}, {"skip": "v"}],
    ids=str,
)
def test_options_go_with_it(options):
    value, write = STATES["dict in a list"]()

    def step(v):
        write(v)
        return value

    call = own(step, **options)
    first = call(1)
    spoil(call(2))
    assert first[0]["a"][0] == 1
    assert value[0]["a"][0] == 2


def test_other_words_are_refused():
    with pytest.raises(ValueError, match="results must be 'share' or 'own', not 'x'"):
        cow.no_mutate(results="x")


def test_protected_modules_give_results_of_their_own():
    module = types.ModuleType("kept_state")
    source = """
import functools, numpy as np
buffer = np.zeros(3)
def get(): return buffer
class Image:
    @functools.cached_property
    def data(self): return buffer
"""
    exec(source, module.__dict__)
    sys.modules["kept_state"] = module
    try:
        with cow.protect("kept_state", results="own"):
            for given in (module.get(), module.Image().data):
                given[0] = 1
        assert module.buffer[0] == 0
        assert module.get() is module.buffer
        assert module.Image().data is module.buffer
    finally:
        del sys.modules["kept_state"]


# --------------------------------------------------- parts of one result

SHAPES = {
    "same": lambda x: (x, x),
    "view": lambda x: [x, x[1:]],
    "views": lambda x: {"a": x[1:5], "b": x[3:]},
    "apart": lambda x: [x[:2], x[4:]],
    "interleaved": lambda x: [x[::2], x[1::2]],
    "transposed": lambda x: [x.reshape(2, -1).T, x],
    "bytes": lambda x: [x.view("u1"), x],
    "backwards": lambda x: [x[::-1], x[1:]],
    "subclass": lambda x: [x.view(own_states.Sub), x[2:]],
    "nested": lambda x: Box([x, {"a": x[1:]}], (x[2:],)),
    "read-only": lambda x: [np.broadcast_to(x, (2, x.size)), x],
    "list twice": lambda x: (lambda row: [row, row])([x]),
}


def leaves(x):
    if isinstance(x, np.ndarray):
        return [x]
    items = vars(x) if isinstance(x, Box) else x
    values = items.values() if isinstance(items, dict) else items
    return [leaf for each in values for leaf in leaves(each)]


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        (shape, dtype)
        for shape in SHAPES
        for dtype in ("f8", "i2", "O", "f8,i4")
        # these make views that no array of objects or records has
        if dtype in ("f8", "i2") or shape not in ("bytes", "subclass")
    ],
)
def test_parts_share_memory_with_each_other_as_before(shape, dtype):
    x = np.arange(8).astype(dtype)
    result = SHAPES[shape](x)
    given = own(lambda: result)()
    before, after = leaves(result), leaves(given)
    for i, a in enumerate(before):
        assert after[i].flags.writeable == a.flags.writeable
        assert type(after[i]) is type(a)
        for k, b in enumerate(before):
            assert (after[i] is after[k]) == (a is b)
            assert np.shares_memory(after[i], after[k]) == np.shares_memory(a, b)
            assert not np.shares_memory(after[i], b)
    for a, b in zip(before, after, strict=True):
        if a.flags.writeable:
            a[...], b[...] = 5, 5
            assert list(map(frozen, before)) == list(map(frozen, after))


def test_list_that_holds_itself_is_copied_once():
    kept = [np.zeros(3)]
    kept.append(kept)
    given = own(lambda: kept)()
    assert given is not kept and given[1] is given and given[0] is not kept[0]


def test_objects_in_an_array_are_one_object_afterwards():
    row = [1]
    kept = np.array([row, None, row], dtype=object)
    kept[1] = kept
    given = own(lambda: kept)()
    assert given[0] is given[2] is not row
    assert given[1] is given


@pytest.mark.parametrize(
    "look",
    [
        np.frombuffer,
        lambda x: np.frombuffer(memoryview(x)),
        lambda x: np.ndarray(6, buffer=x),
        lambda x: np.asarray(memoryview(x)[1:]),
        lambda x: np.asarray(types.SimpleNamespace(**interface(x))),
        lambda x: np.ctypeslib.as_array(np.ctypeslib.as_ctypes(x)),
        np.from_dlpack,
        lambda x: np.ma.array(x, copy=False),
        lambda x: np.ma.array(np.zeros(6), mask=x.view(bool)[:6], copy=False),
        lambda x: memoryview(x).cast("B")[3:],
    ],
)
def test_memory_is_followed_to_who_owns_it(look):
    x = np.zeros(6)
    given = own(lambda: look(x))()
    masks = isinstance(given, np.ma.MaskedArray)
    array = given if masks else np.asarray(given)
    if array.flags.writeable:
        array[...] = np.ma.masked if masks else 1
    x[...] += 1
    assert np.all(x == 1)


def interface(x):
    return {"__array_interface__": x.__array_interface__, "kept": x}


@pytest.mark.parametrize("more", [False, True])
def test_dictionary_of_an_instance_is_a_way_to_it(more):
    known = []

    def step():
        box = Box(np.zeros(3))
        known.append(vars(box))
        if more:
            box.z = 1
        return box

    given = own(step)()
    given.x[0] = given.y = 5
    assert known[0]["x"][0] == 0 and known[0]["y"] == 1


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="NumPy 2.0")
def test_texts_of_any_length_are_copied_with_their_memory():
    kept = np.array(["a", "b" * 50], dtype=np.dtypes.StringDType())
    given = own(lambda: [kept, kept[::-1]])()
    kept[:] = "other"
    assert given[0].tolist() == given[1].tolist()[::-1] == ["a", "b" * 50]


def test_mask_that_is_kept_is_not_given_out_with_fresh_data():
    mask = np.zeros(3, bool)
    given = own(lambda: np.ma.array(np.zeros(3), mask=mask, copy=False))()
    given[1] = np.ma.masked
    assert given.mask.tolist() == [False, True, False] and not mask.any()


def test_what_generators_are_told_and_tell_last_is_owned():
    buffer = np.zeros(2)

    @own
    def frames():
        try:
            yield buffer
        except KeyError:
            buffer.fill(9)
            yield {"a": buffer}

    run = frames()
    first, second = next(run), run.throw(KeyError())
    buffer[:] = 5
    assert first[0] == 0 and second["a"][0] == 9
    run.close()


# ------------------------------------------------------- what is not copied


class Env:
    def __init__(self):
        self.buffer = np.zeros(3)

    @own
    def chained(self):
        return self

    @own
    def pair(self):
        return self, self.buffer


def test_receiver_comes_back():
    env = Env()
    assert env.chained() is env
    again, buffer = env.pair()
    assert again is env and buffer is not env.buffer
    assert own(env.chained)() is env


def test_receiver_that_is_a_container_comes_back():
    class Rows(list):
        @own
        def both(self):
            return [self], self[0]

    rows = Rows([np.zeros(3)])
    (again,), row = rows.both()
    assert again is rows and row is not rows[0]


def test_argument_that_is_left_alone_comes_back():
    def fill(x, out):
        out[...] = x
        return out

    out = np.zeros(3)
    assert own(fill, skip="out")(1, out) is out
    assert own(fill, skip="out")(1, out=out) is out


def test_what_a_generator_gave_out_is_copied_when_it_is_sent_back():
    seen = []

    @own
    def frames():
        seen.append((yield np.zeros(3)))

    run = frames()
    first = next(run)
    with pytest.raises(StopIteration):
        run.send(first)
    assert not np.shares_memory(seen[0], first)


def test_masked_and_enum_members_stay_themselves():
    assert own(lambda: np.ma.masked)() is np.ma.masked
    kept = [np.ma.masked]
    assert own(lambda: kept)()[0] is np.ma.masked


def test_objects_of_unknown_classes_pass_as_they_are():
    env = Env()
    assert own(lambda: env)() is env
    for kept in ([env], np.array([env, None])):
        given = own(lambda kept=kept: kept)()
        assert given is not kept and given[0] is env


def test_array_that_is_known_by_a_weak_reference_is_copied():
    known = []

    def step():
        x = np.zeros(3)
        known.append(weakref.ref(x))
        return x

    given = own(step)()
    assert known[0]() is None and given.sum() == 0


def test_snapshot_of_a_cow_array_copies_nothing():
    kept = cow.zeros(100_000)
    given = own(lambda: kept)()
    assert given is not kept and cow.is_shared(given)
    kept[0] = 1
    assert given[0] == 0


def test_cow_arguments_still_get_cow_results():
    kept = np.zeros(3)
    given = own(lambda x: [x, kept])(cow.ones(2))
    assert [type(each) for each in given] == [cow.CowArray] * 2
    kept[0] = 5
    assert given[1][0] == 0


def test_deleted_cached_property_is_computed_again():
    class Image:
        calls = 0

        @own
        @functools.cached_property
        def data(self):
            """Doc."""
            self.calls += 1
            return np.zeros(3)

    image = Image()
    image.data[0] = 1
    assert image.data[0] == 0 and image.calls == 1
    del image.data
    with pytest.raises(AttributeError, match="data"):
        del image.data
    assert image.data[0] == 0 and image.calls == 2
    image.data = 5
    assert image.data == 5 and Image.data.__doc__ == "Doc."


def test_references_are_those_of_others():
    kept = [np.zeros(3), [1]]
    held = kept[0]
    assert _core.references(kept) == [1, 0]
    del held
    with pytest.raises(TypeError):
        _core.references(())
