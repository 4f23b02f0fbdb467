"""A small part of the fuzzers, with fixed seeds; ``make fuzz`` runs them for longer."""

import sys
import types

import numpy as np
import pytest

from tests import ROOT
from tests.programs import planted, pointers, threads, values
from tests.programs.callbacks import CallbackWorld
from tests.programs.plants import PLANTS
from tests.programs.world import Line

PROGRAMS = 45


@pytest.mark.parametrize("seed", range(6))
def test_programs_show_what_they_show_on_eager_copies(seed):
    for n in range(PROGRAMS):
        lines, difference = values.program(f"suite {seed}:{n}")
        if difference is not None:
            pytest.fail(f"{difference}\n{values.as_text(values.shrunk(lines))}")


@pytest.mark.parametrize("paged", [False, True], ids=["ordinary", "paged"])
@pytest.mark.parametrize("seed", range(4))
def test_no_write_through_a_pointer_reaches_another_array(seed, paged):
    for n in range(25):
        _, trace, difference = pointers.run(f"suite {seed}:{n}", 40, paged)
        assert difference is None, "\n".join(trace)


@pytest.mark.parametrize("interval", threads.INTERVALS)
def test_no_thread_sees_a_mixture_or_a_false_error(interval):
    old = sys.getswitchinterval()
    sys.setswitchinterval(interval)
    try:
        threads.Stress(1.0, 4).run()
    finally:
        sys.setswitchinterval(old)


# ------------------------------------------------------------ do they find anything?


class Shared(CallbackWorld):
    """NumPy's arrays instead of cow arrays."""

    def __init__(self):
        super().__init__()
        names = {"array": np.array, "asarray": np.asarray, "readonly": np.asarray}
        self.cow["cow"] = types.SimpleNamespace(**names)
        self.cow["Sub"] = np.ndarray


def test_views_that_share_are_found():
    found = [values.program(f"shared:{n}", make=Shared)[1] for n in range(30)]
    assert sum(difference is not None for difference in found) > 10


def test_program_that_fails_is_made_short():
    lines = [Line(f"x{n} = new('f8', (3,), {n})") for n in range(20)]
    needed = {lines[3], lines[17]}
    assert set(values.shrunk(lines, needed.issubset)) == needed


def test_lines_are_read_as_they_are_printed():
    for line in (Line("x1 = x2[1:]", "local"), Line("del x1")):
        again = Line.read(str(line))
        assert (again.text, again.tag) == (line.text, line.tag)


@pytest.mark.parametrize("name", PLANTS)
def test_defect_to_be_planted_has_its_text_in_the_sources(name, tmp_path):
    _, edits = PLANTS[name]
    for file, old, new in edits:
        assert planted.find(ROOT, file, old) and old != new
