"""A guarded call is as good as a call with a deep copy of each argument."""

import builtins
import collections
import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cow
from cow._guard.guarded_function import GuardedFunction

PARTS = [
    lambda b: b,
    lambda b: b[1:],
    lambda b: b[::-2],
    lambda b: b[: b.size // 2 * 2].reshape(2, -1).T,
    lambda b: b[:0],
    lambda b: np.asarray(b[3]),
    lambda b: cow.asarray(b),
    lambda b: np.ma.array(b, copy=False),
]


@st.composite
def arguments(draw):
    """Return bases, and nested containers of arrays that overlap in them."""
    bases = [np.arange(float(n)) for n in draw(st.sampled_from([(8, 12), (4000, 9)]))]
    pool = [
        draw(st.sampled_from(PARTS))(draw(st.sampled_from(bases))) for _ in range(4)
    ]
    trees = st.recursive(
        st.sampled_from(pool) | st.integers(0, 3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.tuples(inner, inner)
            | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=8,
    )
    return bases, draw(st.lists(trees, min_size=1, max_size=3))


def leaves(tree, seen):
    """Yield each array of a tree once."""
    if isinstance(tree, np.ndarray):
        if id(tree) not in seen:
            seen.add(id(tree))
            yield tree
    elif isinstance(tree, list | tuple | dict):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(each, seen)


def write(*args):
    """Write a number into each array; return what all of them are then."""
    arrays = list(leaves(list(args), set()))
    for at, array in enumerate(arrays):
        array[...] += at + 1
    return [np.array(array) for array in arrays]


def apart(args):
    """Copy each array by itself, as arguments of a guarded call are."""
    memo = {}
    for array in leaves(list(args), set()):
        memo[id(array)] = array.copy()
    return copy.deepcopy(args, memo)


@settings(max_examples=150, deadline=None)
@given(arguments())
def test_guarded_call_agrees_with_a_deep_copied_one(drawn):
    bases, args = drawn
    before = [base.tobytes() for base in bases]
    wanted = write(*apart(args))
    for options in ({}, {"isolate": True}):
        result = cow.no_mutate(write, **options)(*args)
        assert [base.tobytes() for base in bases] == before
        assert len(result) == len(wanted)
        for a, b in zip(result, wanted, strict=True):
            np.testing.assert_array_equal(a, b)
            assert not any(np.shares_memory(a, base) for base in bases)


@pytest.mark.skipif(not hasattr(builtins, "frozendict"), reason="Python 3.15")
def test_frozen_dictionaries():
    class Own(builtins.frozendict):
        pass

    def write(x):
        x["a"][0] = 99
        return x

    for cls in (builtins.frozendict, Own):
        for options in ({}, {"isolate": True}):
            x = cls(a=np.zeros(3), b=1)
            for made in (
                cow.no_mutate(write, **options)(x),
                cow.no_mutate(lambda x: write(x[0]), **options)([x]),
            ):
                assert type(made) is cls and made["a"][0] == 99 and made["b"] == 1
                assert x["a"][0] == 0
        with pytest.raises(cow.MutationError, match="argument x"):
            cow.no_mutate(write, on_write="raise")(cls(a=np.zeros(3)))
        same = cls(a=1)
        assert cow.no_mutate(lambda x: x)(same) is same

    x = Own(a=1)
    x.note = np.zeros(3)
    cow.no_mutate(lambda x: x.note.__setitem__(0, 9))(x)
    assert x.note[0] == 0
    loop = []
    x = builtins.frozendict(loop=loop, a=np.zeros(3))
    loop.append(x)
    assert cow.no_mutate(lambda x: x["loop"][0] is x)(x)
    kept = np.zeros(3)
    own = cow.no_mutate(lambda: builtins.frozendict(a=kept), results="own")()
    own["a"][0] = 9
    assert kept[0] == 0 and type(own) is builtins.frozendict


@pytest.fixture
def templatelib():
    return pytest.importorskip("string.templatelib", reason="Python 3.14")


@pytest.mark.parametrize("options", [{}, {"isolate": True}])
def test_t_strings_are_rebuilt_around_copies(templatelib, options):
    def write(t):
        t.interpolations[0].value[0] = 99
        return t

    x = np.zeros(3)
    t = eval("t'a{x!r:>9}b{1}{x}c'")
    made = cow.no_mutate(write, **options)(t)
    assert x[0] == 0
    assert type(made) is templatelib.Template and made.strings == ("a", "b", "", "c")
    first, one, last = made.interpolations
    assert first.value is last.value and first.value[0] == 99 and one.value == 1
    assert first.expression == "x" and first.conversion == "r"
    assert first.format_spec == ">9" and one is t.interpolations[1]
    # what stands in braces by itself, and in other containers
    inner = cow.no_mutate(lambda i: i.value.fill(7) or i, **options)
    assert inner(t.interpolations[0]).value[2] == 7 and x[2] == 0
    cow.no_mutate(lambda d: write(d["t"][0]), **options)({"t": [t]})
    assert x[0] == 0


def test_t_strings_are_named_in_the_error(templatelib):
    x = np.zeros(3)
    with pytest.raises(cow.MutationError, match=r"t\.interpolations\[1\]\.value"):
        cow.no_mutate(lambda t: t.interpolations[1].value.fill(1), on_write="raise")(
            eval("t'{1}{x}'")
        )
    assert x[0] == 0


def test_t_strings_without_arrays_and_with_cycles(templatelib):
    x = []
    t = eval("t'{1}{2.5}'")
    assert cow.no_mutate(lambda t: t)(t) is t
    t = eval("t'{x}'")
    x += [t, np.zeros(3)]
    inner = cow.no_mutate(lambda t: t)(t)
    kept = inner.interpolations[0].value
    assert inner is not t and kept is not x
    assert kept[0] is inner and not np.shares_memory(kept[1], x[1])


def test_t_strings_as_results_hold_what_is_theirs(templatelib):
    kept = np.zeros(3)
    own = cow.no_mutate(lambda: eval("t'{kept}'", {"kept": kept}), results="own")()
    own.interpolations[0].value[0] = 9
    assert kept[0] == 0
    # cow arrays in, cow arrays out
    made = cow.no_mutate(lambda x: eval("t'{y}'", {"y": x + 1}))(cow.zeros(2))
    assert type(made.interpolations[0].value) is cow.CowArray


@pytest.mark.parametrize("kind", [tuple, set, frozenset, list, dict])
def test_attributes_of_subclasses_are_guarded(kind):
    class Sub(kind):
        pass

    value = Sub()
    value.a = np.zeros(3)

    @cow.no_mutate
    def write(value):
        value.a[0] = 9
        return value

    result = write(value)
    assert type(result) is Sub and result.a[0] == 9 and value.a[0] == 0
    result = cow.no_mutate(lambda v: v[0])([value])
    assert type(result) is Sub and result.a is not value.a


def _changes(b, x, *more, keep=None):
    same = [b is each for each in (*more, keep)]
    exec("None")  # which is beyond the proof
    b.append(len(b))
    x[0] = len(b)
    return b, x, same


def test_lists_of_numbers_are_copied_by_the_core(monkeypatch):
    slow = []
    begin = GuardedFunction.begin
    monkeypatch.setattr(
        GuardedFunction, "begin", lambda *args: slow.append(1) or begin(*args)
    )
    guarded = cow.no_mutate(_changes)
    b, x = [1.0, 2, None, (3, "a"), np.float32(4)], np.zeros(3)
    for _ in range(30):
        for args, keep in (([b, x], b), ([b, x, b, [1]], [2]), ([[], x], None)):
            given = copy.deepcopy((args, keep))
            expected = _changes(*given[0], keep=given[1])
            new, array, same = guarded(*args, keep=keep)
            assert type(new) is list and new == expected[0] and new is not args[0]
            assert array.tolist() == expected[1].tolist() and same == expected[2]
    assert b == [1.0, 2, None, (3, "a"), 4] and not x.any()
    assert 10 <= len(slow) < 20
    assert guarded.cow_calls == 90 and guarded.cow_copied == 90  # arrays
    for other in ([x], [[1]], [object()], collections.UserList([1]), bytearray(1)):
        seen = len(slow)
        new, _, _ = guarded(other, x)
        assert len(new) == 2 and len(other) == 1 and len(slow) == seen + 1


def test_lists_beside_arrays_that_are_lent_are_left_to_python():
    guarded = cow.no_mutate(lambda b, x: sum(b) + x.sum())
    x = np.ones(5000)
    for _ in range(30):
        assert guarded(x[:2], x) == 5002.0
        assert guarded([1, 2], x) == 5003.0
    assert guarded.cow_lent >= 30
