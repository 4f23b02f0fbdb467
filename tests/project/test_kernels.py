"""Textbook programs give on cow arrays, and guarded, what they give on plain arrays."""

import json
import subprocess
import sys

import numpy as np
import pytest

import cow
from benchmarks import kernels
from benchmarks.kernels import running
from benchmarks.kernels.program import SIZES, Program, Size
from tests import ROOT

PROGRAMS = kernels.programs()


@pytest.mark.parametrize("name", PROGRAMS)
def test_textbook_program_gives_the_same_results_and_the_guard_holds(name):
    program = PROGRAMS[name]
    running.check(program, program.arguments(SIZES["small"]))


def write(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    x += y
    return x


def given(size: Size, random: np.random.Generator) -> list[np.ndarray]:
    return [random.normal(size=4), random.normal(size=4)]


def test_what_a_program_writes_is_found():
    figures = running.measure(Program(write, given), SIZES["small"])
    assert figures.writes
    assert figures.ratio("cow") == figures.cow / figures.plain


def test_wrong_results_are_found(monkeypatch):
    monkeypatch.setattr(cow, "no_mutate", lambda func: func)
    program = Program(write, given)
    with pytest.raises(AssertionError):
        running.check(program, program.arguments(SIZES["small"]))


def test_table_ends_with_means_and_the_worst(tmp_path):
    path = tmp_path / "new" / "kernels.json"
    command = [sys.executable, "-m", "benchmarks.kernels", "sieve", "haar"]
    command += ["--size", "small", "--json", str(path)]
    printed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    ).stdout
    rows = json.loads(path.read_text())["rows"]
    assert [(row["program"], row["writes"]) for row in rows] == [
        ("sieve", True),
        ("haar", True),
    ]
    assert "geometric mean" in printed
    assert printed.count("worst, ") == 2
