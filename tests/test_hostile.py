"""Hostile input gets an exception or a correct array, never a crash."""

import subprocess
import sys

import numpy as np
import pytest

import cow
from tests.memory import hostile


@pytest.mark.parametrize("seed", range(8))
def test_no_crash_and_no_bystander_changed(seed):
    done = subprocess.run(
        [sys.executable, hostile.__file__, str(seed), "250"],
        capture_output=True,
        text=True,
    )
    steps = done.stdout.splitlines()
    assert done.returncode == 0 and steps[-1] == "unharmed", (
        steps[-1:],
        done.stderr[-3000:],
    )


def test_list_that_contains_itself_raises_as_an_operand():
    looped = [1]
    looped.append(looped)
    a = cow.zeros(2)
    for call in (a.__add__, a.__eq__, a.__iadd__, a.searchsorted, a.reshape):
        with pytest.raises((RecursionError, ValueError, TypeError)):
            call(looped)
    with pytest.raises((RecursionError, ValueError)):
        np.add(a, looped)


@pytest.mark.parametrize("length", [0, 1, 5])
def test_state_with_too_few_items_raises_and_changes_nothing(length):
    a = cow.array([1.0, 2.0])
    items = [None] * length
    for version in ((1,), ()):
        with pytest.raises(ValueError, match="shorter"):
            a.__setstate__((*version, (2, 3), np.dtype("O"), False, items))
    assert list(a) == [1, 2]
