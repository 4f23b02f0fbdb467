"""Programs compute under `cow.numpy` what they compute with NumPy."""

import re
import warnings
from pathlib import Path

import numpy
import pytest

import cow
from tests.adopt.exercises import EXERCISES

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("[!_]*.py"))
IMPORT = re.compile(r"^import numpy as np$", re.M)


def run(source, name):
    scope = {"__name__": "program"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, name, "exec"), scope)
    return scope


def same(got, wanted):
    if isinstance(wanted, (tuple, list)):
        assert len(got) == len(wanted)
        for each, other in zip(got, wanted, strict=True):
            same(each, other)
    elif isinstance(wanted, numpy.ndarray):
        assert isinstance(got, numpy.ndarray)
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
        assert got.tobytes() == wanted.tobytes() or got.tolist() == wanted.tolist()
    else:
        assert type(got) is type(wanted)
        assert got == wanted or got != got


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_computes_what_it_computes_with_numpy(path):
    source = path.read_text()
    changed, times = IMPORT.subn("import cow.numpy as np", source)
    assert times == 1
    scope = run(changed, str(path))
    same(scope["result"], run(source, str(path))["result"])
    # and it did so with cow arrays
    assert any(isinstance(value, cow.CowArray) for value in scope.values())


def test_there_are_many_programs():
    assert len(PROGRAMS) >= 15 and len(EXERCISES) >= 70


@pytest.mark.parametrize("source", EXERCISES)
def test_an_exercise_has_the_same_result(source):
    wanted = run("import numpy as np\n" + source, "exercise")["r"]
    same(run("import cow.numpy as np\n" + source, "exercise")["r"], wanted)
