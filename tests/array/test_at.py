"""``a.at[idx]`` returns changed copies and leaves the array alone."""

import operator

import numpy as np
import pytest

import cow

UPDATES = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "min": np.minimum,
    "max": np.maximum,
}
INDICES = [0, -1, slice(1, 3), (slice(None), 0), [2, 0], np.array([True, False, True]),
           (1, 2), ..., ([0, 1], [1, 0])]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=repr)
@pytest.mark.parametrize("name", [*UPDATES, "set", "apply"])
def test_changed_copy_agrees_with_numpy(name, index):
    plain = np.arange(1.0, 10.0).reshape(3, 3)
    a = cow.array(plain)
    wanted = plain.copy()
    if name == "set":
        wanted[index] = 2.0
        result = a.at[index].set(2.0)
    elif name == "apply":
        wanted[index] = -wanted[index]
        result = a.at[index].apply(np.negative)
    else:
        wanted[index] = UPDATES[name](wanted[index], 2.0)
        result = getattr(a.at[index], name)(2.0)
    np.testing.assert_array_equal(result, wanted)
    np.testing.assert_array_equal(a, plain)
    assert type(result) is cow.CowArray and not np.shares_memory(result, a)


def test_repeated_index_counts_each_occurrence():
    a = cow.zeros(3)
    assert a.at[[1, 1, 2]].add([1, 2, 3]).tolist() == [0, 3, 3]
    assert a.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "line",
    [
        "y = x.at[0].set(5.0)",
        "at = x.at; y = at[0].set(5.0)",
        "at = x.at[0]; y = at.set(5.0); at.set(6.0)",
        "y = getattr(x, 'at')[0].set(5.0)",
        "y = type(x).at.__get__(x)[0].set(5.0)",
        "y = operator.attrgetter('at')(x)[0].set(5.0)",
        "y = next(map(operator.attrgetter('at'), [x]))[0].set(5.0)",
        "y = (lambda z: z.at[0].set(5.0))(x)",
        "y = held[0].at[0].set(5.0); x = held[0]",
        "y = [row.at[0].set(5.0) for row in [x]][0]",
        "y = x.at[0:1].apply(lambda part: part + 4)",
        "y = x.at[[0]].add(4.0)",
    ],
)
def test_array_that_somebody_holds_never_changes(line):
    x = cow.ones(3)
    space = {"x": x, "held": [cow.ones(3)], "operator": operator}
    del x
    exec(line, space)
    body = f"def run(x, held):\n    {line}\n    return x, y"
    exec(body, space)
    inside = space["run"](cow.ones(3), [cow.ones(3)])
    for kept, changed in ((space["x"], space["y"]), inside):
        assert kept.tolist() == [1, 1, 1] and changed.tolist() == [5, 1, 1]


def test_temporary_is_copied_too():
    a = cow.ones(1000)
    assert (a + 1).at[0].set(5.0)[:2].tolist() == [5, 2]
    assert a.at[0].set(5.0).at[1].add(1.0).at[2].set(3.0)[:3].tolist() == [5, 2, 3]
    assert a[1:].at[0].set(7.0)[0] == 7 and a[1] == 1
    b = a + 1
    kept = b.at  # b itself, which the descriptor may have been handed by C code
    del b
    assert kept[0].set(9.0)[0] == 9 and kept[0].add(1.0)[0] == 3


def test_readonly_array_gives_a_writable_copy():
    r = cow.readonly([1, 2])
    result = r.at[0].set(5)
    assert result.tolist() == [5, 2] and not cow.is_readonly(result)
    assert cow.readonly([1, 2])[:].at[0].set(5).tolist() == [5, 2]


def test_method_without_an_index_is_refused():
    with pytest.raises(TypeError, match="choose the elements"):
        cow.zeros(3).at.set(1)
