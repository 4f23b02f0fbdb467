"""Each way to pass an argument, and the name that errors give it."""

import numpy as np
import pytest

import cow
from tests.guard.given import BOTH, Box


@BOTH
def test_each_way_to_pass_an_argument(n):
    @cow.no_mutate
    def write(a, /, b, *rest, c, **more):
        for x in (a, b, *rest, c, *more.values()):
            x[0] = 99

    x = [np.arange(float(n)) for _ in range(6)]
    write(x[0], x[1], x[2], x[3], c=x[4], d=x[5])
    assert all(each[0] == 0 for each in x)


def path_of(function, *args, **kwargs):
    with pytest.raises(cow.MutationError) as caught:
        cow.no_mutate(on_write="raise")(function)(*args, **kwargs)
    return str(caught.value).split("argument ")[1].split(" at ")[0]


def test_error_names_the_parameter_with_its_path():
    def write(config, *rest, **more):
        (config or [*rest, *more.values()])["grid"][0][0] = 1

    def first(config=None, *rest, **more):
        (list(more.values()) or rest)[-1][0] = 1

    def field(config):
        config["b"].x[0] = 1

    x = np.arange(3.0)
    assert path_of(write, {"grid": [x]}) == "config['grid'][0]"
    assert path_of(first, 1, 2, x) == "rest[1]"
    assert path_of(first, q=x) == "q"
    assert path_of(field, {"b": Box(x)}) == "config['b'].x"


def test_error_names_function_file_and_line():
    class Model:
        @cow.no_mutate(on_write="raise")
        def fit(self, x):
            x.sort()

    line = Model.fit.__wrapped__.__code__.co_firstlineno + 2
    with pytest.raises(cow.MutationError) as caught:
        Model().fit(np.arange(3)[::-1])
    assert "Model.fit() writes to its argument x at" in str(caught.value)
    assert f"{__file__}:{line}" in str(caught.value)


@BOTH
def test_write_through_a_plain_view_is_named_too(n):
    @cow.no_mutate(on_write="raise")
    def write(a, x):
        plain = np.asarray(x)
        plain += a[0]

    line = write.__wrapped__.__code__.co_firstlineno + 3
    with pytest.raises(cow.MutationError, match=f"argument x at .*{line}"):
        write(np.ones(n), np.ones(n))


def test_read_only_array_of_others_is_not_blamed_on_an_argument():
    other = np.frombuffer(bytes(8))

    @cow.no_mutate(on_write="raise")
    def write(x, y):
        other[0] = x[0]

    with pytest.raises(ValueError, match="read-only"):
        write(np.ones(3), np.ones(3))


def test_default_values_are_state_of_the_function_as_in_python():
    @cow.no_mutate
    def write(p, q=np.zeros(3), /, r=np.zeros(5000), s=[np.zeros(3)], *, t={"a": 1}):  # noqa: B006, B008
        q[0] += 1
        r[0] += 1
        s[0][0] += 1
        s.append(1)
        t[p] = 1
        return q[0], r[0], s[0][0], len(s), len(t)

    assert write("b") == (1, 1, 1, 2, 2)
    assert write("c") == (2, 2, 2, 3, 3)
    q = np.zeros(3)
    assert write("d", q)[0] == 1 and not q.any()


def test_only_and_skip_choose_parameters():
    def write(x, out, *rest):
        x[0] = out[0] = 1
        for each in rest:
            each[0] = 1

    for options in ({"skip": ("out",)}, {"only": ("x", "rest")}, {"skip": "out"}):
        x, out, other = np.zeros(3), np.zeros(3), np.zeros(3)
        cow.no_mutate(**options)(write)(x, out, other)
        assert (x[0], out[0], other[0]) == (0, 1, 0)
    out = np.zeros(3)
    cow.no_mutate(skip=("out",))(write)(np.zeros(3), out=out)
    assert out[0] == 1
    with pytest.raises(ValueError, match="no parameter"):
        cow.no_mutate(skip=("o",))(write)


def test_parameter_annotated_as_read_only_gets_a_read_only_array():
    def write(x: "cow.ReadOnly"):
        assert cow.is_readonly(x)
        x[0] = 1

    for x in (np.zeros(3), np.zeros(5000), cow.zeros(3)):
        with pytest.raises(cow.ReadOnlyError):
            cow.no_mutate(write)(x)

    def same(x: "cow.ReadOnly"):
        return x

    x = np.zeros(5000)
    result = cow.no_mutate(same)(x)
    assert result.flags.writeable and not np.shares_memory(result, x)
    assert type(cow.no_mutate(same)(cow.zeros(3))) is cow.CowArray
