"""Memory is lent, and it is known when nobody looks at it any more."""

import numpy as np
import pytest

import cow
from cow import _core
from cow._loan import borrow, settled


@pytest.mark.parametrize(
    "a",
    [
        np.arange(10.0),
        np.arange(100_000),
        np.arange(24.0).reshape(2, 3, 4).transpose(1, 2, 0),
        np.arange(1000)[::-3],
        np.array(3.5),
        np.zeros((0, 4)),
        np.zeros((3, 0)),
        np.array(["a" * 100, "b" * 100] * 40),
        np.broadcast_to(np.arange(3), (50, 3)),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_loan_is_settled_when_the_borrower_is_gone(a):
    inner, loan = borrow(a, cow.CowArray)
    assert inner.tobytes() == a.tobytes() and loan[0] is a
    _core.check(inner)
    assert not settled(loan)
    view = np.asarray(inner[...])
    del inner
    assert not settled(loan)
    del view
    assert settled(loan)


def test_changed_elements_are_noticed():
    a = np.arange(100_000.0)[::-2].reshape(-1, 10)
    inner, loan = borrow(a, cow.CowArray)
    del inner
    a += 0.5
    assert not settled(loan)
    a -= 0.5
    assert settled(loan)
    a[0, 0] = 7
    assert not settled(loan)


def test_refuses_what_is_no_loan():
    with pytest.raises(TypeError):
        borrow([1], cow.CowArray)
    with pytest.raises(TypeError):
        borrow(np.arange(3), np.ndarray)
