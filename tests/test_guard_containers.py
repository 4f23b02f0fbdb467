"""A guarded call is as good as a call with a deep copy of each argument."""

import copy

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import cow

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
