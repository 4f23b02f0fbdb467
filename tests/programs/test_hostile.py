"""Hostile input gets an exception or a correct array, never a crash."""

import warnings

import numpy as np
import pytest

import cow
from tests.programs import hostile


@pytest.mark.parametrize("seed", range(8))
def test_no_crash_and_no_bystander_changed(seed, python):
    done = python(hostile.__file__, seed, 250)
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


class Sharing:
    """Shares the array when NumPy asks for a number."""

    def __init__(self, array, then):
        self.array, self.then, self.views = array, then, []

    def __float__(self):
        self.views.append(self.array[:])
        self.then(self.array)
        return 9.0


def test_view_taken_while_a_record_is_stored_sees_nothing_of_it():
    a = cow.arange(5.0)
    sharing = Sharing(a, lambda array: None)
    a[1] = np.array([(sharing,)], dtype=[("f", "O")])[0]
    assert list(a) == [0, 9, 2, 3, 4] and list(sharing.views[0]) == [0, 1, 2, 3, 4]


def test_array_that_moves_while_a_record_is_stored_loses_nothing_silently():
    a = cow.arange(5.0)
    sharing = Sharing(a, lambda array: array.resize(3, refcheck=False))
    with pytest.raises(RuntimeError, match="in the middle"):
        a[4] = np.array([(sharing,)], dtype=[("f", "O")])[0]
    assert list(a) == [0, 1, 2] and list(sharing.views[0]) == [0, 1, 2, 3, 4]


def test_view_taken_by_a_handler_of_warnings_sees_no_write(monkeypatch):
    a, views = cow.arange(3.0), []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda *_: views.append(a[:]))
        a[0] = np.complex128(9 + 1j)
    assert list(a) == [9, 1, 2] and [list(v) for v in views] == [[0, 1, 2]]
