"""The core lends memory, and tells when nobody looks at it any more."""

import numpy as np
import pytest

import cow
from cow import _core


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
    inner, loan = _core.borrow(a, cow.CowArray)
    assert inner.tobytes() == a.tobytes() and loan[0] is a
    _core.check(inner)
    assert not _core.settled(loan)
    view = np.asarray(inner[...])
    del inner
    assert not _core.settled(loan)
    del view
    assert _core.settled(loan)


@pytest.mark.parametrize("at", [0, -1])
def test_changed_element_is_noticed(at):
    a = np.arange(100_000.0)[::-2].reshape(-1, 10)
    inner, loan = _core.borrow(a, cow.CowArray)
    del inner
    a += 0.5
    assert not _core.settled(loan)
    a -= 0.5
    assert _core.settled(loan)
    a[0, 0] = 7
    assert not _core.settled(loan)


def test_refuses_what_is_no_loan():
    with pytest.raises(TypeError):
        _core.settled((1, 2, 3))
    with pytest.raises(TypeError):
        _core.borrow([1], cow.CowArray)
    with pytest.raises(TypeError):
        _core.borrow(np.arange(3), np.ndarray)
