"""`cow.history`: each version costs the pages in which it differs."""

import os
import random

import numpy as np
import pytest

import cow

PAGE = os.sysconf("SC_PAGE_SIZE")
ARRAYS = {
    "paged": lambda: cow.paged(np.arange(300_001.0)),
    "zeros": lambda: cow.zeros((3, 100_001), "i2", paged=True),
    "fortran": lambda: cow.paged(np.asfortranarray(np.ones((300, 301)))),
    "ordinary": lambda: cow.array(np.arange(30_001.0)),
    "small": lambda: cow.array(np.arange(7.0)),
    "records": lambda: cow.paged(np.zeros(30_001, [("x", "f4"), ("y", "u1", 3)])),
    "exposed": lambda: exposed(cow.paged(np.arange(300_001.0))),
    "written before": lambda: written(cow.paged(np.arange(300_001.0))),
    "readonly": lambda: cow.readonly(np.arange(30_000.0))[...].copy(),
}


def exposed(b):
    assert b.ctypes.data
    return b


def written(b):
    b[::9000] = -1
    return b


def change(b, rng):
    flat = b.reshape(-1, order="A") if b.flags.c_contiguous else b.T.reshape(-1)
    at = rng.sample(range(flat.size), min(flat.size, 5))
    if rng.random() < 0.1:
        b[...] = rng.randrange(100)
    for i in at:
        b[np.unravel_index(i, b.shape, "C")] = rng.randrange(100)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ARRAYS)
def test_any_steps_lead_to_the_versions_that_full_copies_have(name, seed):
    rng = random.Random(f"{name} {seed}")
    b = ARRAYS[name]()
    h, versions, at, seen = cow.history(b), [b.tobytes()], 0, []
    for _ in range(60):
        step = rng.choice(["change", "change", "mark", "mark", "undo", "redo", "read"])
        step = "copy" if rng.random() < 0.1 else step
        if step == "change":
            change(b, rng)
        elif step == "copy":
            seen.append((b.copy(), b[...], b.tobytes()))
        elif step == "read":
            i = rng.randrange(len(versions))
            assert h[i].tobytes() == h[i - len(versions)].tobytes() == versions[i]
        elif step == "mark" or (step == "undo" and b.tobytes() != versions[at]):
            versions[at + 1 :] = [b.tobytes()]
            at += 1
            if step == "mark":
                assert h.mark() == at
        if step == "undo" and at > 0:
            at -= 1
            assert h.undo() == at and b.tobytes() == versions[at]
        elif step == "redo" and at + 1 < len(versions) and b.tobytes() == versions[at]:
            at += 1
            assert h.redo() == at and b.tobytes() == versions[at]
        assert (len(h), h.position) == (len(versions), at)
    assert [v.tobytes() for v in h] == versions
    assert all(c.tobytes() == s.tobytes() == wanted for c, s, wanted in seen)


def test_marks_keep_the_pages_that_have_changed():
    b = cow.paged(np.zeros(10 << 20, "u1"))
    h = cow.history(b)
    for k in range(20):
        b[k * 100_000 : k * 100_000 + 3] = 1
        h.mark()
    assert h.nbytes == 20 * PAGE
    b[0] = 1  # as it is: nothing has changed
    h.mark()
    assert h.nbytes == 20 * PAGE and len(h) == 22


def test_two_hundred_marks_take_the_memory_of_the_pages_that_changed(python, mapped):
    program = """
import sys, numpy as np, cow
def memory():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(x.split()[1]) for x in lines if x.startswith("Anonymous:")) * 1024
b = cow.paged(np.ones(25 << 20, "f4"))
assert cow.explain(b).pages is not None
h, marks = cow.history(b), sys.argv[1] == "marks"
before, rng = memory(), np.random.default_rng(1)
pages = np.arange(b.size).reshape(-1, 1024)[:, 0]
for k in range(200):
    b[rng.choice(pages, 100, replace=False)] = k
    if marks:
        h.mark()
print(memory() - before)
"""
    with_marks, without = (
        int(python("-c", program, which).stdout) for which in ("marks", "none")
    )
    assert 0.95 < (with_marks - without) / (200 * 100 * PAGE) < 1.1


def test_versions_are_mapped_when_they_are_read_and_are_isolated(mapped):
    b = cow.paged(np.zeros(10 << 20, "u1"))
    h = cow.history(b)
    for k in range(5):
        b[k] = 1
        h.mark()
    before = mapped()
    v = h[2]
    assert mapped() == before + 1
    v[...] = 9
    assert h[2].sum() == 2 and b.sum() == 5
    del v
    assert mapped() == before


def test_what_is_dropped_after_an_undo_is_used_again():
    b = cow.paged(np.zeros(10 << 20, "u1"))
    h = cow.history(b)
    for k in range(50):
        b[::PAGE] = k + 1
        h.mark()
        h.undo()
    assert len(h) == 2 and h.nbytes == b.nbytes


def test_who_shares_the_array_keeps_what_he_has():
    b = cow.paged(np.zeros(1 << 20, "u1"))
    h = cow.history(b)
    b[5] = 1
    seen = b[...], np.asarray(b), memoryview(b)
    h.undo()
    assert b[5] == 0 and [int(s[5]) for s in seen] == [1, 1, 1]


def test_changes_since_the_last_mark_are_brought_back_by_redo():
    b = cow.paged(np.zeros(1 << 20, "u1"))
    h = cow.history(b)
    b[5] = 1
    assert h.undo() == 0 and b[5] == 0
    assert h.redo() == 1 and b[5] == 1


def test_what_is_written_through_a_pointer_is_a_change():
    b = cow.paged(np.zeros(1 << 20, "u1"))
    h = cow.history(b)
    np.frombuffer(b, "u1")[7] = 3
    assert h.mark() == 1 and h.nbytes == PAGE
    assert h.undo() == 0 and b[7] == 0


def test_errors_tell_what_to_write():
    b = cow.paged(np.zeros(1 << 20, "u1"))
    h = cow.history(b)
    with pytest.raises(IndexError, match="before the first"):
        h.undo()
    with pytest.raises(IndexError, match="after the last"):
        h.redo()
    with pytest.raises(IndexError, match="no version 1 of 1"):
        h[1]
    b[0] = 1
    h.undo()
    b[0] = 2
    with pytest.raises(ValueError, match=r"Write instead: +h.mark\(\)"):
        h.redo()
    b.resize((1 << 10, 1 << 10), refcheck=False)
    with pytest.raises(ValueError, match=r"Write instead: +h = cow.history\(b\)"):
        h.mark()
    for a, error in [
        (np.zeros(3), TypeError),
        (cow.zeros((9, 9))[:, 1], ValueError),
        (cow.array([None]), ValueError),
    ]:
        with pytest.raises(error, match=r"Write instead: +b = cow.paged\(a\)"):
            cow.history(a)
    readonly = cow.readonly(np.zeros(1 << 20, "u1"))
    h = cow.history(readonly)
    assert h.mark() == 1
    assert repr(h) == "<cow.History: 2 versions, at 1, 0 bytes>"
