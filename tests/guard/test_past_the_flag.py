"""Code that ignores the read-only flag is not silent."""

import numpy as np
import pytest

import cow


def clobber(x):
    pointer = np.asarray(x).__array_interface__["data"][0]
    import ctypes

    ctypes.memset(pointer, 1, x.nbytes)


def test_clobbered_argument_is_not_silent():
    x = np.zeros(5000)
    with pytest.raises(cow.MutationError, match=r"x, past .*NOT restored"):
        cow.no_mutate(isolate=False)(clobber)(x)
    x = np.zeros(5000)
    with pytest.raises(cow.MutationError, match=r"x, past .*are restored"):
        cow.no_mutate(isolate=False, verify=True)(clobber)(x)
    assert not x.any()
    cow.no_mutate(isolate=True)(clobber)(x)
    assert not x.any()
    with pytest.raises(cow.MutationError, match="argument x"):
        cow.no_mutate(on_write="raise", isolate=True)(clobber)(x)
    assert not x.any()
    small = np.zeros(5)
    cow.no_mutate(clobber)(small)
    with pytest.raises(cow.MutationError, match="argument x"):
        cow.no_mutate(on_write="raise")(clobber)(small)
    assert not small.any()


def test_verify_restores_a_single_element():
    def one(x):
        import ctypes

        pointer = np.asarray(x).__array_interface__["data"][0]
        ctypes.memset(pointer + 8 * 77, 1, 1)

    x = np.zeros(5000)
    with pytest.raises(cow.MutationError, match="restored"):
        cow.no_mutate(verify=True, isolate=False)(one)(x)
    assert not x.any()


def helper(x):
    y = np.asarray(x)
    y -= y.mean()
    return y


def test_body_that_writes_plain_arrays_works_on_copies():
    x = np.arange(5000.0)
    for function in (helper, lambda x: helper(x)):
        assert cow.no_mutate(function)(x)[0] == -2499.5
        assert x[0] == 0


def test_note_tells_what_to_do_where_the_guess_fails():
    x = np.arange(5000.0)
    with pytest.raises(ValueError, match="read-only") as caught:
        cow.no_mutate(isolate=False)(helper)(x)
    assert "isolate=True" in caught.value.__notes__[0]
    assert x[0] == 0
