"""The benchmarks run, and their programs give the same results on cow arrays."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cow
from benchmarks import programs, timing

ROOT = Path(__file__).parent.parent
SMALL = {
    "shallow_water": {"cells": 20, "steps": 30},
    "kmeans": {"size": 500, "steps": 5},
    "kalman": {"steps": 30},
}


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_program_gives_the_same_results_bit_by_bit(name):
    run = importlib.import_module(f"benchmarks.programs.{name}").run
    plain = run(np.array, **SMALL[name])
    for other in (
        run(np.array, careful=True, **SMALL[name]),
        run(cow.array, **SMALL[name]),
        run(cow.array, careful=True, **SMALL[name]),
    ):
        for expected, found in zip(plain, other, strict=True):
            np.testing.assert_array_equal(found, expected, strict=not found.ndim)
