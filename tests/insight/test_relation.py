"""cow.relation says how much memory two arrays share, exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cow
from cow._insight import relation


def addresses(x):
    """The bytes of each element, found one by one."""
    x = relation.plain_view(x)
    first = x.__array_interface__["data"][0]
    return [
        {
            first + sum(i * s for i, s in zip(index, x.strides, strict=True)) + k
            for k in range(x.itemsize)
        }
        for index in np.ndindex(x.shape)
    ]


def expected(a, b):
    a, b = addresses(a), addresses(b)
    all_a, all_b = set().union(*a), set().union(*b)
    shared = sum(bool(element & all_b) for element in a)
    if not shared:
        return "independent", 0
    if all_a == all_b:
        return "same memory", shared
    return ("view" if all_a <= all_b or all_b <= all_a else "overlap"), shared


slices = st.builds(
    slice,
    st.integers(0, 12),
    st.integers(0, 24),
    st.integers(-3, 3).filter(bool),
)


@st.composite
def part(draw, base):
    x = base.reshape(draw(st.sampled_from([(24,), (4, 6), (2, 3, 4)])))
    if draw(st.booleans()):
        x = x.T
    x = x[tuple(draw(slices) for _ in range(draw(st.integers(0, x.ndim))))]
    if x.ndim == 1 and x.flags.c_contiguous:
        x = x.view(draw(st.sampled_from([np.int64, np.int32, np.uint8])))
    if draw(st.booleans()):
        x = np.broadcast_to(x, (2, *x.shape))
    return x


@pytest.mark.parametrize("make", [np.arange, cow.arange])
@given(data=st.data())
def test_count_is_that_of_the_elements_one_by_one(make, data):
    base = make(24)
    a, b = data.draw(part(base)), data.draw(part(base))
    r = cow.relation(a, b)
    assert (r.kind, r.elements) == expected(a, b)
    assert (r.kind == "independent") == (
        not np.shares_memory(relation.plain_view(a), relation.plain_view(b))
    )


def test_mixed_and_foreign_arrays():
    p = np.arange(10.0)
    c = cow.asarray(p)
    assert cow.relation(c, p).kind == "same memory"
    assert cow.relation(np.ma.array(p[2:], mask=False), p).elements == 8
    assert cow.relation(np.asarray(c)[3:], c[:5]).elements == 2
    c[0] = 1
    assert cow.relation(c, p).kind == "independent"
    record = np.zeros(5, [("x", "f8"), ("y", "i4")])
    assert cow.relation(record["x"], record["y"]).kind == "independent"
    assert cow.relation(record, record["y"]).elements == 5


def test_large_blocks_are_counted_without_marks(monkeypatch):
    monkeypatch.setattr(relation, "_MOST_MARKS", 0)
    p = np.zeros(1_000_000)
    assert cow.relation(p[:600_000], p[200_000:]).elements == 400_000
    assert cow.relation(p.reshape(1000, 1000).T, p[::-1]).kind == "same memory"
    # with gaps, beyond the limit: no number is better than a wrong one
    assert cow.relation(p[::2], p[1::2]).kind == "independent"
    assert cow.relation(p[::2], p[::3]) == relation.Relation(
        "overlap", None, 500_000, False, "first"
    )


def test_rows_that_overlap_each_other_are_no_block():
    x = np.lib.stride_tricks.as_strided(np.zeros(4), (2, 2), (12, 12))
    # 0-7, 12-19, 24-31: as many bytes as the block spans, but with holes
    assert not relation._gapless(x)
    block = np.lib.stride_tricks.as_strided(x, (4,), (8,)).view(np.uint8)
    assert cow.relation(block, x).elements == 24


def test_nothing_is_copied_and_nothing_held():
    a = cow.arange(1000)
    b = a[...]
    with cow.ledger() as log:
        assert cow.relation(a, b).kind == "same memory"
        cow.explain(a)
    assert log.entries == []
    del b
    assert not cow.is_shared(a)


def test_text_says_what_a_write_does():
    p, c = np.arange(10), cow.arange(10)
    assert str(cow.relation(p, p.copy())).startswith("independent: ")
    assert str(cow.relation(p[:6], p[4:])).startswith(
        "overlap: 2 elements of the first array (of 6)"
    )
    assert "is seen in the other" in str(cow.relation(p, p[1:]))
    assert "not seen in the other" in str(cow.relation(c, c[1:]))
    assert "all of the first array, 1 element," in str(cow.relation(c[3:4], c))


def test_lists_are_no_arrays():
    with pytest.raises(TypeError, match="compares arrays, not 'list'"):
        cow.relation([1], np.ones(1))
