"""A copy of a paged array is a mapping of its own, which costs pages."""

import copy
import ctypes

import numpy as np
import pytest

import cow
from cow import _core
from tests.programs.raw import FILLS, JOINED_POINTERS, POINTERS

PAGE = 4096
SMALL = 9000 * 8  # just above what is mapped at all
LARGE = 5 << 20  # the core trusts its own records from 4 MiB on


@cow.no_mutate
def written(x):
    x[0] = -1
    return x


@cow.no_mutate
def kept(x):
    return x


def edited(b):
    with cow.editing(b) as e:
        e[0] = -1
    return e


def moved(b):
    before = b[...]
    b[0] = -1
    return before


COPIES = {
    "copy": lambda b: b.copy(),
    "in its order": lambda b: b.copy(order="K"),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "np.copy": np.copy,
    "cow.array": cow.array,
    "snapshot": cow.snapshot,
    "paged": cow.paged,
    "safe_modify": lambda b: cow.safe_modify(b, lambda x: x.__setitem__(0, -1)),
    "editing": edited,
    "no_mutate": written,
    "returned": kept,
    "written while shared": moved,
    "reshaped": lambda b: b.reshape(10, -1).copy(),
    "of a snapshot": lambda b: b[...].copy(),
    "of a plain view": lambda b: _core.copied(np.asarray(b)),
    "nested": lambda b: written([b[...]][0]),
}


def values(nbytes=LARGE):
    return np.arange(nbytes // 8, dtype=float)


@pytest.mark.parametrize("name", COPIES)
def test_each_copy_is_one_more_mapping_and_shares_nothing(mapped, name):
    before = mapped()
    b = cow.paged(values())
    assert mapped() == before + 1
    made = COPIES[name](b)
    assert mapped() == before + 2
    assert not np.shares_memory(cow.array(made), b)
    old, other = float(b[1]), float(np.ravel(made)[1])
    assert (old, other) == (1.0, 1.0)
    ctypes.memset(made.ctypes.data, 7, made.nbytes)
    assert b[1] == old and b[-1] == b.size - 1
    del made
    # an array that has moved keeps what it left
    assert mapped() == before + 1 + (name == "written while shared")
    del b
    assert mapped() == before


def through_iteration(b):
    for row in b.reshape(5, -1):
        row[0] = -5  # rows of a view: nothing of b
    b[3] = -5


WRITES = {
    "element": lambda b: b.__setitem__(7, -5),
    "element of another type": lambda b: b.__setitem__(7, np.float32(-5)),
    "part": lambda b: b.__setitem__(slice(3, 9000, 7), -5),
    "part, alike": lambda b: b.__setitem__(slice(3, 9), np.full(6, -5.0)),
    "fancy": lambda b: b.__setitem__([3, -3], -5),
    "mask": lambda b: b.__setitem__(b < 4, -5),
    "all": lambda b: b.__setitem__(..., -5),
    "fill": lambda b: b.fill(-5),
    "put": lambda b: b.put([3, -1], -5),
    "sort": lambda b: (b.__setitem__(0, 1e9), b.sort()),
    "in place": lambda b: b.__iadd__(1),
    "in place, power": lambda b: b.__ipow__(2),
    "part in place": lambda b: b.__setitem__(slice(4, 9), b[4:9].__iadd__(1)),
    "out": lambda b: np.negative(b, out=b),
    "at": lambda b: np.add.at(b, [3, 4], 1),
    "copyto": lambda b: np.copyto(b, -5, where=np.arange(b.size) == 3),
    "flat": lambda b: b.flat.__setitem__(3, -5),
    "property": lambda b: setattr(b, "flat", -5),
    "real": lambda b: setattr(b, "real", -5),
    "byteswap": lambda b: b.byteswap(True),
    "rows": through_iteration,
    "exchanged": lambda b: b.__setitem__(slice(0, 2), [np.float32(-5), True]),
}
WRITES |= {way.__name__: way for way in [*POINTERS, *JOINED_POINTERS]}
WRITES |= {f"{way.__name__} of bytes": way for way in FILLS}


@pytest.mark.parametrize("nbytes", [SMALL, LARGE])
@pytest.mark.parametrize("name", WRITES)
def test_copy_after_any_write_has_what_was_written(mapped, name, nbytes):
    b = cow.paged(values(nbytes))
    before, count = b.copy(), mapped()
    if name.endswith("of bytes"):
        WRITES[name](b, b"\1" * b.nbytes)
    elif name.startswith("by_"):
        WRITES[name](b)[5] = -5
    else:
        WRITES[name](b)
    after = b.copy()
    assert mapped() == count + 1
    assert after.tobytes() == b.tobytes() != before.tobytes()
    assert before.tobytes() == values(nbytes).tobytes()


def test_copy_of_what_a_view_has_written_in_place():
    box = [cow.paged(values())]
    whole = box[0][...]
    box.clear()
    whole[5] = -5
    assert whole.copy()[5] == -5


def test_write_through_a_pointer_is_in_the_next_copy_and_the_pointer_stays(mapped):
    b = cow.paged(values())
    pointer = np.frombuffer(b, b.dtype)
    for k in range(1, 4):
        pointer[::1000] = -k
        c = b.copy()
        assert c.tobytes() == b.tobytes() == pointer.tobytes()
    pointer[...] = 8  # most pages differ: the source cannot get another base
    c = b.copy()
    pointer[0] = 9
    assert (b[0], c[0], c[1]) == (9, 8, 8) and mapped() >= 2


def test_pages_that_the_source_has_changed_are_copied_and_no_others():
    b = cow.paged(values())
    b[[3, 600, 100_000]] = -1
    assert cow.explain(b).pages.private == 3
    c = b.copy()
    assert cow.explain(c).pages.private == 3
    assert c.tobytes() == b.tobytes()
    c[-1] = 0
    assert cow.explain(b).pages.private == 3 and cow.explain(c).pages.private == 4


def test_where_most_pages_differ_a_new_base_is_shared_by_source_and_copy():
    b = cow.paged(values())
    old = b.copy()
    b *= 2
    address = np.asarray(b).__array_interface__["data"]
    c = b.copy()
    pages = cow.explain(b).pages
    assert pages.private == 0 and pages.mappings == 1
    assert np.asarray(b).__array_interface__["data"] == address
    assert c.tobytes() == b.tobytes() == (values() * 2).tobytes()
    assert old.tobytes() == values().tobytes()
    b[0] = c[0] = -1
    assert cow.explain(b).pages.private == 1


def test_readers_see_no_change_when_their_pages_get_another_base():
    b = cow.paged(values())
    b *= 2
    seen = np.asarray(b), memoryview(b), b[...]
    c = b.copy()
    del b, c
    for view in seen:
        assert bytes(view) == (values() * 2).tobytes()


def test_ledger_counts_pages():
    b = cow.paged(values())
    b[[3, 600_000]] = -1
    kept = b[...]
    foretold = cow.explain(b).next_write_bytes
    with cow.ledger() as log:
        b[0] = 1
    assert log.total_bytes == foretold == 2 * PAGE
    assert log.entries[0].reason == "written while shared"
    assert kept[0] == 0 and kept[3] == -1


def test_array_that_moves_again_and_again_keeps_two_mappings(mapped):
    b = cow.paged(values(SMALL))
    count = mapped()
    for k in range(500):
        kept = b[...]
        b[k % b.size] = -k
        assert kept[k] == k
    assert mapped() <= count + 2
    assert b[3] == -3 and b[499] == -499 and b[600] == 600


def test_memory_that_another_array_has_written_is_used_again_as_it_should_be(mapped):
    b = cow.paged(values(SMALL))
    s = b[...]
    b[0] = -1  # moves, and keeps what it leaves
    s[5000] = -5  # written there
    del s
    count, s = mapped(), b[...]
    b[1] = -2  # moves back there
    assert mapped() == count
    assert (b[0], b[1], b[5000], s[1], s[5000]) == (-1, -2, 5000, 1, 5000)


def test_explanation_tells_who_shares_how_many_pages():
    b = cow.paged(values())
    total = b.nbytes // PAGE
    c = b.copy()
    c[0] = -1
    told = cow.explain(b)
    assert told.pages.total == total and told.pages.size == PAGE
    assert told.pages.shared == ((f"CowArray float64[{b.size}]", total - 1),)
    assert f"{total - 1:,} shared with CowArray" in str(told)
    assert "pages of its own" in told._repr_html_()
    assert cow.explain(cow.array(b[:100])).pages is None
    many = [b.copy() for _ in range(30)]
    assert cow.explain(b).pages.mappings == 31
    assert len(cow.explain(b).pages.shared) == 8 < len(many)
    assert "23 more arrays" in str(cow.explain(b))


def test_parts_and_other_orders_are_copied_as_ever(mapped):
    b = cow.paged(values().reshape(1024, -1)[:, :600])
    count = mapped()
    parts = [b[3:].copy(), b[:, ::2].copy(), b.T.copy(), b.copy(order="F"), b + 1]
    assert mapped() == count
    assert parts[2].flags.c_contiguous and parts[3].flags.f_contiguous
    assert (parts[0] == b[3:]).all() and (parts[2] == b.T).all()


def test_of_a_class_of_the_program_too(mapped):
    class Signal(cow.CowArray):
        pass

    b = cow.paged(values()).view(Signal)
    count = mapped()
    c = b.copy()
    assert type(c) is Signal and mapped() == count + 1
    c[0] = -1
    assert c.copy()[0] == -1 and b[0] == 0


def test_failing_hook_of_a_class_leaves_no_mapping(mapped):
    class Fails(cow.CowArray):
        fails = False

        def __array_finalize__(self, obj):
            if Fails.fails:
                raise RuntimeError("not now")

    b = cow.paged(values()).view(Fails)
    count = mapped()
    Fails.fails = True
    for _ in range(3):
        with pytest.raises(RuntimeError, match="not now"):
            b.copy()
    assert mapped() == count
