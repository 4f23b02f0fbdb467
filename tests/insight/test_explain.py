"""cow.explain foretells what the next write copies, and cow.ledger records it."""

import gc
import threading
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cow

SHARERS = {
    "snapshot": lambda a: a[...],
    "row": lambda a: a[3],
    "rows": lambda a: [a[i] for i in range(5)],
    "all rows": list,
    "view": lambda a: a[:],
    "plain": np.asarray,
    "plain row": lambda a: np.asarray(a)[3],
    "memoryview": memoryview,
    "nothing": lambda a: None,
    "chain": lambda a: [a[1:], a[2:], a[3:4]],
    "tiny": lambda a: [a[i, i : i + 1] for i in range(60)],
    "readonly": cow.readonly,
    "halves": lambda a: [a[:50], a[50:]],
}
VICTIMS = {
    "whole": lambda a, s: a,
    "new view": lambda a, s: a[1:],
    "sharer": lambda a, s: s[0] if isinstance(s, list) else s,
    "last row": lambda a, s: a[-1:],
}


@given(
    names=st.lists(st.sampled_from(sorted(SHARERS)), max_size=3),
    victim=st.sampled_from(sorted(VICTIMS)),
    borrowed=st.booleans(),
)
def test_next_write_copies_what_was_foretold(names, victim, borrowed):
    p = np.arange(10_000.0).reshape(100, 100)
    a = cow.asarray(p) if borrowed else cow.array(p)
    held = [SHARERS[name](a) for name in names]
    x = VICTIMS[victim](a, held[0] if held else a)
    if not isinstance(x, cow.CowArray) or isinstance(x, cow.ReadOnlyArray):
        return
    told = cow.explain(x)
    with cow.ledger() as log:
        x[...] = 0
    assert log.total_bytes == told.next_write_bytes
    assert (told.moves == "nothing") == (not log.entries)
    if told.moves == "array":
        assert [entry.nbytes for entry in log.entries] == [x.nbytes]


def test_halves_of_an_array_share_nothing_that_a_write_copies():
    left, right = np.split(cow.zeros(1000), 2)
    told = cow.explain(left)
    assert (told.moves, told.next_write_bytes, len(told.sharers)) == ("nothing", 0, 1)
    assert not cow.is_shared(left) and not cow.is_shared(right)
    view = left[:1]
    assert cow.is_shared(left) and cow.is_shared(view) and not cow.is_shared(right)


def test_explanation_of_every_kind_of_array():
    a = cow.zeros((10, 10))
    v = a[2:4]
    told = cow.explain(v)
    assert (told.array.first, told.array.last) == (160, 320)
    assert told.storage_nbytes == 800 and told.owner == "cow"
    assert [s.name for s in told.sharers] == ["CowArray float64[10, 10]"]
    p = np.zeros(5)
    told = cow.explain(cow.asarray(p))
    assert told.owner == "ndarray float64[5]" and told.next_write_bytes == 40
    assert cow.explain(cow.readonly(a)).moves == "refused"
    told = cow.explain(np.asarray(a)[1:])
    assert len(told.sharers) == 2 and told.moves == "refused"
    told = cow.explain(p[2:])
    assert told.owner == "ndarray float64[5]" and told.moves == "nothing"
    assert "every view of the memory sees it" in str(told)
    assert cow.explain(np.frombuffer(b"12345678")).owner == "a bytes object"
    assert cow.explain(p).owner == "the array itself"
    with pytest.raises(TypeError, match="about arrays, not 'int'"):
        cow.explain(3)


def test_explanation_holds_no_array():
    a = cow.zeros(10)
    b = a[1:]
    told = cow.explain(a)
    del b
    gc.collect()
    assert not cow.is_shared(a) and len(told.sharers) == 1


def test_memory_left_behind_is_shown():
    a = cow.zeros(10_000)
    b = a[:]
    a[0] = 1
    assert b[0] == 0
    assert "it left when it moved" in str(cow.explain(a))


def test_picture_is_valid_and_draws_each_array_where_it_lies():
    a = cow.zeros((10, 10), dtype="i4")
    row = a[5]
    html = cow.explain(row)._repr_html_()
    rects = ElementTree.fromstring(html).findall(".//rect")
    assert len(rects) == 3
    whole, mine, other = ((float(r.get("x")), float(r.get("width"))) for r in rects)
    assert whole == other == (0, 360)
    assert mine == (180, 36)
    assert "<" not in html.split("<title>")[1].split("</title>")[0]


def test_ledger_names_line_array_and_reason():
    a = cow.zeros((3, 4))
    with cow.ledger() as log:
        kept = [a[...]]
        a[0] = 1  # here
        v = a[1:]
        v += 1
    lines = Path(__file__).read_text().splitlines()
    first, second = log.entries
    assert first.filename == __file__ and first.function.startswith("test_ledger")
    assert lines[first.lineno - 1].endswith("# here")
    assert (first.shape, first.dtype, first.nbytes) == ((3, 4), np.float64, 96)
    assert first.reason == "written while shared"
    assert second.reason == "view written while shared"
    assert log.total_bytes == 96 + 64 and kept[0].sum() == 0
    table = str(log).splitlines()
    assert table[0].split() == ["bytes", "copies", "where", "array", "why"]
    assert table[2].split()[:2] == ["96", "1"] and "float64[3, 4]" in table[2]
    assert table[-1] == "160 bytes in 2 private copies"


def test_table_adds_up_the_copies_of_a_line_and_sorts_by_bytes():
    a, small = cow.zeros(1000), cow.zeros(10)
    with cow.ledger() as log:
        for _ in range(5):
            view = small[...]
            view[0] = 1
        for _ in range(3):
            b = a[...]
            b[0] = 1
    rows = [line.split()[:2] for line in str(log).splitlines()[2:-1]]
    assert rows == [["24,000", "3"], ["400", "5"]]
    assert str(cow.ledger()) == "no private copies"


def test_nested_ledgers_and_other_hooks_all_see_the_copy():
    from cow import _core

    seen = []
    old = _core.set_ledger(lambda array, nbytes, why: seen.append(nbytes))
    try:
        with cow.ledger() as outer:
            write()
            with cow.ledger() as inner:
                write()
            write()
        write()
    finally:
        assert _core.set_ledger(old) is not None
    assert (len(outer.entries), len(inner.entries), len(seen)) == (3, 1, 4)


def test_closed_ledger_records_nothing_and_open_one_is_not_opened_twice():
    with cow.ledger() as log, pytest.raises(RuntimeError, match="is open already"):
        log.__enter__()
    write()
    assert log.entries == []
    with log:
        write()
    assert log.total_bytes == 800


def write():
    a = cow.zeros(100)
    b = a[...]
    b[0] = 1
    return a, b


def test_threads_are_recorded_with_their_identity():
    with cow.ledger() as log:
        threads = [
            threading.Thread(target=lambda: [write() for _ in range(50)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(log.entries) == 200
    assert threading.get_ident() not in {entry.thread for entry in log.entries}


def test_budget_warns_once_at_the_line_that_exceeds_it():
    with (
        pytest.warns(cow.CopyBudgetWarning, match="budget of 1,000 bytes") as caught,
        cow.ledger(budget=1000),
    ):
        for _ in range(5):
            write()
    assert len(caught) == 1 and caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with cow.ledger(budget=800):
            write()


def test_budget_as_an_error_is_raised_at_the_end_of_the_block():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with (
            pytest.raises(cow.CopyBudgetWarning, match="copied 800"),
            cow.ledger(budget=0) as log,
        ):
            write()
            write()
    assert len(log.entries) == 2
    with pytest.raises(ValueError, match="number of bytes"):
        cow.ledger(budget=-1)


def test_without_a_ledger_there_is_no_hook(python):
    code = (
        "import cow; from cow import _core\n"
        "with cow.ledger(): pass\n"
        "print(_core.set_ledger(None))"
    )
    out = python("-c", code, check=True)
    assert out.stdout == "None\n"


def test_explain_says_what_the_next_write_does():
    a = cow.zeros(8192)
    b = a[4096:]
    for i in range(5000):
        with cow.ledger() as log:
            said = cow.explain(a)
            a[...] = i
        assert sum(e.nbytes for e in log.entries) == said.next_write_bytes
        b = a[4096 + i % 7 :]
    assert b[0] == 4999
