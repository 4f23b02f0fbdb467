"""Parameters that mean to be written are written, all others are guarded."""

import inspect

import numpy as np
import pytest
from scipy import ndimage

import cow


def double(x, out=None):
    if out is None:
        out = np.empty_like(x)
    np.multiply(x, 2, out=out)
    x[...] = -1
    return out


FORMS = {
    "optional": double,
    "by keyword": lambda x, *, out: double(x, out),
    "in kwargs": lambda x, **more: double(x, more.get("out")),
}


@pytest.fixture(params=[8, 5000], ids=["small", "large"])
def x(request):
    return np.arange(float(request.param))


@pytest.mark.parametrize("form", ["optional", "by keyword", "in kwargs"])
@pytest.mark.parametrize("kind", [np.array, cow.array], ids=["plain", "cow"])
def test_output_is_written_and_returned(x, form, kind):
    f = cow.no_mutate(FORMS[form])
    before, out = x.copy(), kind(np.zeros_like(x))
    result = f(x, out=out)
    assert result is out
    np.testing.assert_array_equal(np.asarray(out), before * 2)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    "name",
    ["out", "output", "outputs", "dest", "dst", "buf", "buffer", "out_x", "loss_out"],
)
def test_all_names_are_outputs(x, name):
    space = {}
    exec(f"def f(x, {name}=None):\n    {name}[:] = x + 1\n    x[:] = 0", space)
    out, before = np.zeros_like(x), x.copy()
    f = cow.no_mutate(space["f"])
    f(x, **{name: out})
    np.testing.assert_array_equal(out, before + 1)
    f(x, out)
    np.testing.assert_array_equal(x, before)


def test_required_parameters_of_these_names_are_guarded(x):
    @cow.no_mutate
    def loss(output, target):
        output -= target
        return (output**2).sum()

    before = x.copy()
    assert loss(x, x + 1) == x.size
    np.testing.assert_array_equal(x, before)


def test_only_and_skip_override(x):
    guarded = cow.no_mutate(double, only=("x", "out"))
    out, before = np.zeros_like(x), x.copy()
    result = guarded(x, out)
    assert not out.any()
    np.testing.assert_array_equal(result, before * 2)

    @cow.no_mutate(skip="result")
    def fill(x, result, out=None):
        result[:] = x
        out[:] = x
        x[:] = 0

    other = np.zeros_like(x)
    fill(x, other, out)
    np.testing.assert_array_equal(other, before)
    np.testing.assert_array_equal(out, before)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("late", [0, 3])
def test_overlapping_arguments_are_copied(late):
    @cow.no_mutate
    def shift(x, out=None):
        for i in range(len(out)):
            out[i] = x[i] + 1
        return out

    memory = np.arange(5000.0)
    x, out = memory[:4000], memory[late : 4000 + late]
    right = x + 1
    shift(x, out)
    np.testing.assert_array_equal(out, right)
    expected = np.arange(5000.0)
    expected[late : 4000 + late] = right
    np.testing.assert_array_equal(memory, expected)


def test_the_same_array_as_argument_and_output(x):
    before = x.copy()
    assert cow.no_mutate(double)(x, x) is x
    np.testing.assert_array_equal(x, before * 2)
    assert cow.no_mutate(np.add)(x, 1, out=x) is x
    np.testing.assert_array_equal(x, before * 2 + 1)
    clip = cow.no_mutate(np.clip)
    assert clip(x, 0, 2, out=x) is x
    assert x.max() == 2


def test_outputs_of_ufuncs_by_position_and_in_tuples(x):
    out, more = np.zeros_like(x), np.zeros_like(x)
    assert cow.no_mutate(np.add)(x, x, out) is out
    np.testing.assert_array_equal(out, 2 * x)
    cow.no_mutate(np.divmod)(x, 2, out, more)
    np.testing.assert_array_equal(out, x // 2)
    np.testing.assert_array_equal(more, x % 2)
    c = cow.zeros(x.shape)
    result = cow.no_mutate(np.divmod)(x, 2, out=(c, more))
    assert result[0] is c and result[1] is more
    np.testing.assert_array_equal(np.asarray(c), x // 2)


def test_output_that_is_no_array(x):
    f = cow.no_mutate(ndimage.gaussian_filter)
    right = ndimage.gaussian_filter(x, 1)
    o = np.zeros_like(x)
    assert f(x, 1, output=o) is o
    np.testing.assert_array_equal(o, right)
    assert f(x, 1, output=np.float32).dtype == np.float32
    assert f(x, 1, output="f4").dtype == np.float32
    assert f(x, 1, output=None).dtype == np.float64
    buf = bytearray(8)

    @cow.no_mutate
    def fill(x, buf=None):
        buf[0] = 7
        x[0] = 7

    fill(x, buf)
    assert buf[0] == 7 and x[0] == 0


def test_read_only_output_raises_as_with_copies(x):
    out = np.zeros_like(x)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        cow.no_mutate(double)(x, out)


def test_what_was_written_before_an_error_stays_written(x):
    @cow.no_mutate
    def fails(x, out=None):
        out[0] = x[0] = 5
        raise KeyError

    for kind in (np.array, cow.array):
        out = kind(np.zeros_like(x))
        with pytest.raises(KeyError):
            fails(x, out)
        assert out[0] == 5 and x[0] == 0


@pytest.mark.parametrize("mode", ["raise", "report"])
def test_writes_to_outputs_are_not_reported(x, mode, recwarn):
    @cow.no_mutate(on_write=mode)
    def copy(x, out=None):
        out[...] = x
        return out

    out = np.zeros_like(x)
    copy(x, out)
    np.testing.assert_array_equal(out, x)
    assert not recwarn.list


def test_generators_write_their_outputs_as_they_go(x):
    @cow.no_mutate
    def steps(x, out=None):
        for i in range(3):
            out[i] = x[i] + 1
            x[i] = 0
            yield out

    for kind in (np.array, cow.array):
        out, before = kind(np.zeros_like(x)), x.copy()
        for i, each in enumerate(steps(x, out)):
            assert out[i] == before[i] + 1
            assert each is out
        np.testing.assert_array_equal(x, before)


def test_guarded_caller_sees_what_an_output_received():
    @cow.no_mutate
    def inner(x, out=None):
        out[...] = x
        return out

    @cow.no_mutate
    def outer(x):
        inner(np.zeros(len(x)), out=x)
        return x.sum()

    for n in (8, 5000):
        x = np.ones(n)
        assert outer(x) == 0 and x.all()
        assert outer(x) == 0 and x.all()


def test_signature_tells_the_outputs():
    f = cow.no_mutate(double)
    assert inspect.signature(f) == inspect.signature(double)


@pytest.mark.parametrize("mode", ["raise", "report"])
def test_argument_that_is_its_own_output_is_not_reported(x, mode, recwarn):
    @cow.no_mutate(on_write=mode)
    def scale(x, out=None):
        out[...] = x * 2
        return out

    before = x.copy()
    scale(x, out=x)
    np.testing.assert_array_equal(x, before * 2)
    scale(x[:4], out=x[2:6])
    assert not recwarn.list
