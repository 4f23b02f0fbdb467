"""Compiled code that writes views of its own gives no false alarm."""

import operator
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import cow
from cow._dispatch import operands as _operands


@pytest.fixture(scope="module")
def boxes(compiler, tmp_path_factory):
    """Return the module that Cython makes of boxes.pyx."""
    include = sysconfig.get_paths()["include"]
    folder = tmp_path_factory.mktemp("compiled")
    source = folder / "boxes.c"
    made = folder / f"boxes{sysconfig.get_config_var('EXT_SUFFIX')}"
    pyx = Path(__file__).with_name("boxes.pyx")
    cython = [sys.executable, "-m", "cython", "-3", str(pyx), "-o", str(source)]
    subprocess.run(cython, check=True)
    command = [compiler, "-O1", "-w", "-shared", "-fPIC", f"-I{include}"]
    done = subprocess.run(
        [*command, str(source), "-o", str(made)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    sys.path.insert(0, str(folder))
    try:
        import boxes
    finally:
        sys.path.remove(str(folder))
    return boxes


LINES = [
    "box[1:3] = 9",
    "many[0][1:3] = 9",
    "h.box[1:3] = 9",
    "get()[1:3] = 9",
    "operator.setitem(box, slice(1,3), 9)",
    "operator.setitem(get(), slice(1,3), 9)",
    "operator.setitem(*(box, slice(1,3), 9))",
    "box.setitem(slice(1,3), 9)",
    "box.sort(); get().sort()",
    "box.fill(9); h.box.fill(9)",
    "box.copyto(slice(1,3), 9); np.copyto(np.zeros(3), 1)",
    "box.add(slice(1,3), 9); get().add(slice(1,3), 9)",
    "box.at(slice(1,3), 9)",
    "box.clip(3, 9); get().clip(3, 9)",
    "x = box.clip(3, 9, out=a[1:3]); x = get().clip(3, 9, out=a[1:3])",
    "box.real = 9; get().real = 9; h.box.real = 9",
    "setattr(box, 'real', 9)",
    "box.view = 9; get().view = 9",
    "box.flat = 9; get().flat = 9",
    "k[0] = a[1:3]",
    "get_k()[0] = a[1:3]",
    "k.put(a[1:3])",
    "r = keep(a[1:3])",
    "keep(a[1:3])",
    "r = keep(*(a[1:3],))",
    "np.copyto(Array(a), 0)",
    "np.copyto(Array(a), 0, **{})",
    "np.copyto(*(Array(a), 0))",
    "np.add(1, 2, out=Array(a))",
    "np.add(1, 2, out=(Array(a),))",
    "list(map(keep, [a[1:], a[2:]]))",
    "sorted([a[1:], a[2:]], key=lambda x: keep(x).sum())",
]
LOST = [
    "box.window()[0] = 9",
    "box.view[0] = 9",
    "box.view.sort()",
    "box.a[1:3][0] = 9",
    "many[0].a[1:].sort()",
    "np.copyto(get().window(), 0)",
    "np.add(1, 2, out=box.view)",
    "box.view.flat[0] = 9",
    "box.view.real = 9",
]


def following(*args):
    return following


class Holder:
    pass


def run(line, how, boxes):
    a = cow.array(np.arange(48.0).reshape(6, 8) + 1)
    box, keeper, holder = boxes.Box(a), boxes.Keep(), Holder()
    holder.box = box
    space = {
        "np": np,
        "operator": operator,
        "a": a,
        "box": box,
        "many": [box],
        "h": holder,
        "get": lambda: boxes.Box(a),
        "k": keeper,
        "get_k": lambda: keeper,
        "keep": boxes.keep,
        "Array": boxes.Array,
    }
    code = line
    if how == "function":
        code = f"def f({', '.join(space)}):\n    {line}\nf({', '.join(space)})"
    exec(compile(code, "<user>", "exec"), space)


@pytest.mark.parametrize("how", ["module", "function"])
@pytest.mark.parametrize("line", LINES)
def test_compiled_code_writes_views_that_it_holds(boxes, line, how):
    run(line, how, boxes)
    for hook, old in (
        (sys.setprofile, sys.getprofile()),
        (sys.settrace, sys.gettrace()),
    ):
        hook(following)
        try:
            run(line, how, boxes)
        finally:
            hook(old)


@pytest.mark.parametrize("how", ["module", "function"])
@pytest.mark.parametrize("line", LOST)
def test_temporary_that_compiled_code_made_raises(boxes, line, how):
    with pytest.raises(cow.ChainedAssignmentError):
        run(line, how, boxes)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "line", ["f[0] = a[1:3]", "f[0:1] = a[1:3]", "f[0] = b = a[1:3]", "f[0], b = a, 1"]
)
def test_compiled_target_may_write_the_value(boxes, monkeypatch, line, known):
    if not known:
        monkeypatch.setattr(_operands, "_before_locals", 0)
    space = {"f": boxes.Filling(), "a": cow.array([1.0, 2.0, 3.0])}
    for code in (line, f"def g(f, a):\n    {line}\ng(f, a)"):
        exec(code, space)
        assert space["f"].kept[0] == 9


def test_compiled_write_lands(boxes):
    a = cow.zeros((4, 2))
    box = boxes.Box(a)
    box[1:3] = 9
    assert a.tolist() == [[0, 0], [9, 9], [0, 0], [0, 0]]
    box.view = 3
    assert a[1].tolist() == [3, 3]
    assert boxes.keep(a[1:3]).tolist() == [[7, 7], [7, 7]] and a[1].tolist() == [3, 3]


def test_temporary_of_compiled_code_is_lost_without_a_word(boxes):
    a = cow.zeros((4, 2))
    for lost in (boxes.lost_store, boxes.lost_sort, boxes.lost_copyto):
        lost(a)
    assert not np.asarray(a).any()


def test_at_in_compiled_code_changes_no_array_that_has_a_name(boxes):
    x, y = boxes.at_named(cow.zeros(3))
    assert (x.tolist(), y.tolist()) == ([0, 0, 0], [5, 0, 0])
    x, y = boxes.at_fresh(cow.zeros)
    assert (x.tolist(), y.tolist()) == ([0, 0, 0], [5, 0, 0])
