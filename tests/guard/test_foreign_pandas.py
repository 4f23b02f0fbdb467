"""Tables, columns and indexes stay as their caller has them."""

import numpy as np
import pandas as pd
import pytest

import cow
from tests.oracle.guarded import alike, never_written, pointed, tells

# pandas 3.1 finds writing in place old-fashioned
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


def set_item(at, item):
    def write(x):
        x[at] = item

    return write


class Tagged(pd.DataFrame):
    _metadata = ["tags"]

    @property
    def _constructor(self):
        return Tagged


def tagged():
    frame = Tagged({"a": [1.0, 2.0]})
    frame.tags = [np.ones(2)]
    return frame


def of_objects():
    items = [[1], np.zeros(2), {"k": np.zeros(1)}]
    return pd.DataFrame({"o": items, "n": [1, 2, 3]}, index=[3, 4, 5])


def with_attrs():
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    frame.attrs["where"] = [1, np.zeros(2)]
    return frame


def table():
    return pd.DataFrame(
        {
            "a": [1.0, 2.0, 3.0],
            "b": [4.0, 5.0, 6.0],
            "n": [1, 2, 3],
            "s": ["x", "y", "z"],
            "c": pd.Categorical([7, 8, 7]),
            "t": pd.date_range("2020", periods=3),
            "m": pd.array([1, None, 3], dtype="Int64"),
        },
        index=[10, 20, 30],
    )


def overlapping():
    base = np.arange(8.0)
    return pd.DataFrame(base[:6].reshape(3, 2), copy=False)


FRAMES = {
    "table": table,
    "one block": lambda: pd.DataFrame(np.arange(6.0).reshape(3, 2)),
    "look at an array": overlapping,
    "empty": lambda: pd.DataFrame(),
    "of objects": of_objects,
    "of lines": lambda: pd.DataFrame(
        {"a": [1.0, 2, 3]}, index=pd.MultiIndex.from_product([[1], [2, 3, 4]])
    ),
    "subclass": tagged,
    "attrs": with_attrs,
    "dates": lambda: pd.DataFrame(
        {"a": [1, 2]}, index=pd.date_range("2020", periods=2)
    ),
    "many columns": lambda: pd.DataFrame(
        np.ones((2, 3)), columns=[[1, 1, 2], [3, 4, 5]]
    ),
    "unique": lambda: pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False),
}


def force(array):
    array.flags.writeable = True
    array[...] = array[::-1].copy()


def blocks(x):
    for block in x._mgr.blocks:
        pointed(getattr(block.values, "_ndarray", block.values))


def in_objects(x):
    for item in x["o"]:
        for each in item.values() if isinstance(item, dict) else [item]:
            each[0] = 77


FRAME_WRITES = {
    "iloc": lambda x: x.iloc.__setitem__((0, 0), 9.0),
    "iloc row": lambda x: x.iloc.__setitem__(0, x.iloc[1]),
    "loc": lambda x: x.loc.__setitem__((x.index[0], x.columns[0]), 9.0),
    "at": lambda x: x.at.__setitem__((x.index[1], x.columns[0]), 9.0),
    "column": set_item("a", 5.0),
    "new column": set_item("new", 1),
    "in place": lambda x: x.__iadd__(1),
    "column in place": lambda x: x.__setitem__("a", x["a"].__iadd__(1)),
    "drop": lambda x: x.drop(columns=x.columns[0], inplace=True),
    "sort": lambda x: x.sort_values(x.columns[0], ascending=False, inplace=True),
    "pop": lambda x: x.pop("a"),
    "insert": lambda x: x.insert(0, "first", 1),
    "update": lambda x: x.update(x * 2),
    "reset index": lambda x: x.reset_index(inplace=True),
    "rename": lambda x: x.rename(columns={"a": "z"}, inplace=True),
    "columns": lambda x: setattr(x, "columns", range(x.shape[1])),
    "index name": lambda x: setattr(x.index, "name", "i"),
    "values": lambda x: x.values.__setitem__(0, 9),
    "values by force": lambda x: force(x.values),
    "column by force": lambda x: force(x["a"].to_numpy()),
    "asarray by force": lambda x: force(np.asarray(x)),
    "asarray pointer": lambda x: pointed(np.asarray(x)),
    "column pointer": lambda x: pointed(x["a"].values),
    "block pointers": blocks,
    "index pointer": lambda x: pointed(x.index.values),
    "categories": lambda x: pointed(x["c"].cat.categories.values),
    "codes": lambda x: pointed(x["c"].array._codes),
    "dates pointer": lambda x: pointed(x["t"].array._ndarray),
    "dates index": lambda x: pointed(x.index.array._ndarray),
    "mask pointer": lambda x: pointed(x["m"].array._mask),
    "levels": lambda x: pointed(x.index.codes[1]),
    "tags": lambda x: x.tags[0].__setitem__(0, 9),
    "attrs": lambda x: x.attrs["where"][1].__setitem__(0, 9),
    "objects": in_objects,
    "nothing": lambda x: x.sum(numeric_only=True).sum(),
}


def frame_seen(x):
    index = x.index
    levels = [list(each) for each in getattr(index, "codes", ())]
    # (a RangeIndex computes its elements once)
    more = [getattr(x, "tags", None), x.attrs, x.flags.allows_duplicate_labels, levels]
    columns = [
        (str(c), str(x.dtypes.iloc[i]), list(x.iloc[:, i])) for i, c in enumerate(x)
    ]
    kinds = [
        list(x.iloc[:, i].cat.categories)
        for i, d in enumerate(x.dtypes)
        if d == "category"
    ]
    return repr(
        (
            columns,
            list(np.asarray(index)),
            list(index.names),
            more,
            kinds,
            type(x).__name__,
        )
    )


@pytest.mark.parametrize("write", FRAME_WRITES)
@pytest.mark.parametrize("kind", FRAMES)
def test_frame_is_written_inside_alone(kind, write):
    alike(FRAMES[kind], FRAME_WRITES[write], frame_seen)


@pytest.mark.parametrize("write", FRAME_WRITES)
def test_write_into_a_frame_is_told(write):
    for kind in ("table", "of objects", "of lines", "subclass", "attrs"):
        tells(FRAMES[kind], FRAME_WRITES[write], frame_seen)


def test_the_writes_into_frames_write():
    # pandas gives read-only values
    left = never_written(FRAMES, FRAME_WRITES, frame_seen)
    assert left == {"nothing", "values"}


# ---------------------------------------------------------- what frames consist of

PARTS = {
    "series": lambda: pd.Series([3.0, 1.0, 2.0], name="s"),
    "series of texts": lambda: pd.Series(["x", "y", None], index=[4, 5, 6]),
    "series of arrays": lambda: pd.Series([np.zeros(2), [1], {"k": 1}]),
    "series of categories": lambda: pd.Series(pd.Categorical([7, 8, 7])),
    "column": lambda: table()["a"],
    "index": lambda: pd.Index([1.0, 2.0, 3.0], name="i"),
    "texts": lambda: pd.Index(["x", "y", "z"]),
    "range": lambda: pd.RangeIndex(3),
    "lines": lambda: pd.MultiIndex.from_arrays([[1, 1, 2], [4, 5, 6]]),
    "dates": lambda: pd.date_range("2020", periods=3, tz="UTC"),
    "categories": lambda: pd.CategoricalIndex([7, 8, 7]),
    "intervals": lambda: pd.interval_range(1, 4),
    "numbers": lambda: pd.array([1, None, 3], dtype="Int64"),
    "categorical": lambda: pd.Categorical([7, 8, 7]),
    "texts array": lambda: pd.array(["x", "y", None]),
    "plain array": lambda: pd.arrays.NumpyExtensionArray(np.arange(3.0)),
    "dates array": lambda: pd.date_range("2020", periods=3).array.copy(),
    "periods": lambda: pd.period_range("2020", periods=3).array.copy(),
    "sparse": lambda: pd.arrays.SparseArray([0, 0, 1]),
    "frozen array": lambda: pd.Series([1, 2, 3], dtype="Int64").array,
}
PART_WRITES = {
    "item": lambda x: x.__setitem__(0, x[1]),
    "slice": lambda x: x.__setitem__(slice(None), x[::-1].copy()),
    "iloc": lambda x: x.iloc.__setitem__(0, x.iloc[1]),
    "in place": lambda x: x.__iadd__(1),
    "name": lambda x: x.name != setattr(x, "name", "other"),
    "index": lambda x: x.index is setattr(x, "index", [7, 8, 9]),
    "inserted": lambda x: x.__setitem__(99, x.iloc[0]),
    "by force": lambda x: force(x.to_numpy(copy=False)),
    "pointer": lambda x: pointed(x.to_numpy(copy=False)),
    "array pointer": lambda x: pointed(x.array),
    "memory": lambda x: pointed(getattr(x, "_ndarray", getattr(x, "_data", None))),
    "mask": lambda x: pointed(x._mask, x._mask[0] ^ 1),
    "codes": lambda x: pointed(x.codes, x.codes[0] ^ 1),
    "second codes": lambda x: pointed(x.codes[1]),
    "levels": lambda x: pointed(x.levels[0].values),
    "categories": lambda x: pointed(getattr(x, "cat", x).categories.values),
    "left": lambda x: pointed(x.left.values, 0),
    "sparse values": lambda x: pointed(x.sp_values),
    "sparse places": lambda x: pointed(x.sp_index.indices, 0),
    "in an element": lambda x: x.iloc[0].__setitem__(0, 9),
}


def part_seen(x):
    if hasattr(x, "levels"):  # what it says of its elements, it says once
        values = [list(each) for each in [*x.levels, *x.codes]]
    else:
        values = list(np.asarray(x))
    names = getattr(x, "names", getattr(x, "name", None))
    index = list(getattr(x, "index", ()))
    categories = list(getattr(getattr(x, "cat", x), "categories", ()))
    return repr((values, index, names, categories, str(x.dtype)))


@pytest.mark.parametrize("write", PART_WRITES)
@pytest.mark.parametrize("kind", PARTS)
def test_part_of_a_frame_is_written_inside_alone(kind, write):
    alike(PARTS[kind], PART_WRITES[write], part_seen)


@pytest.mark.parametrize("write", PART_WRITES)
def test_write_into_a_part_of_a_frame_is_told(write):
    for kind in ("series", "column", "index", "lines", "numbers", "categorical"):
        tells(PARTS[kind], PART_WRITES[write], part_seen)


def test_the_writes_into_parts_write():
    assert never_written(PARTS, PART_WRITES, part_seen) == set()


def test_one_frame_is_one_inside_and_two_columns_are_two():
    @cow.no_mutate
    def write(frame, same, column, index):
        frame.iloc[0, 0] = 99.0
        return same is frame, same.iloc[0, 0], column.iloc[0], frame.index is index

    frame = table()
    assert write(frame, frame, frame["a"], frame.index) == (True, 99, 1, True)
    assert frame.iloc[0, 0] == 1


def test_report_names_the_line_that_calls_pandas():
    @cow.no_mutate(on_write="report")
    def write(frame):
        total = frame["a"].sum()
        frame.loc[10, "a"] = total
        return frame.mean(numeric_only=True)

    with pytest.warns(cow.MutationWarning, match="argument frame at ") as caught:
        write(table())
    (message,) = caught
    assert message.filename == __file__
    assert message.lineno == write.__wrapped__.__code__.co_firstlineno + 3


def test_reading_a_frame_is_no_write():
    frame = table()
    frame["d"], frame["e"] = [5.0, 6.0, 7.0], [8.0, 9.0, 10.0]  # blocks that may join

    @cow.no_mutate(on_write="raise")
    def read(frame):
        other = frame.copy()
        other.iloc[0, 0] = 9.0
        numbers = frame.select_dtypes("float")
        return (
            frame.groupby("c", observed=True).size(),
            numbers.values,
            frame.describe(),
        )

    read(frame)


def test_objects_in_an_index_are_found_inside():
    class Key:
        pass

    one, other = Key(), Key()
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=[one, other])

    @cow.no_mutate
    def write(frame, key):
        frame.loc[key, "a"] = 9.0
        return frame["a"].tolist()

    assert write(frame, other) == [1.0, 9.0]
    assert frame["a"].tolist() == [1.0, 2.0]


def test_result_that_is_a_frame_is_not_rebuilt():
    made = pd.DataFrame({"a": [1.0]})
    boxes = [made, {"k": made}]

    @cow.no_mutate
    def give(x):
        return boxes, x

    found, x = give(cow.array([1.0, 2.0]))
    assert found[0] is made and found[1]["k"] is made
    assert type(x) is cow.CowArray


@pytest.mark.parametrize("n", [3, 4000])
def test_attributes_that_the_program_has_set_are_carried_over(n):
    class Design:
        pass

    frame, design = pd.DataFrame({"a": np.zeros(n)}), Design()
    object.__setattr__(frame, "design", design)
    object.__setattr__(frame, "weights", [np.ones(n)])

    @cow.no_mutate
    def write(frame):
        frame.weights[0][0] = 5
        frame.loc[0, "a"] = 5
        return frame, frame.weights[0][0], frame.design

    result, weight, same = write(frame)
    assert weight == 5 and same is design and result["a"][0] == 5
    assert frame.weights[0].all() and frame.weights[0][0] == 1
    assert frame["a"][0] == 0
