"""pandas gives the same with cow arrays as with plain ones, and back."""

import io

import numpy as np
import pandas as pd
import pytest

import cow
from tests.oracle.values import same


@pytest.mark.parametrize("kind", ["f8", "i4", "c16", "?", "M8[ns]", "U3", "O"])
def test_series_from_a_cow_array_and_back(kind):
    p = np.array([1, 0, 1]).astype(kind)
    x = cow.array(p)
    series = pd.Series(x)
    assert series.dtype == pd.Series(p).dtype
    assert series.tolist() == pd.Series(p).tolist()
    series.iloc[0] = series.iloc[1]
    assert x.tolist() == p.tolist()
    x[2] = x[1]
    assert series.iloc[2] == pd.Series(p).iloc[2]
    same(pd.Series(p).to_numpy(), cow.asarray(pd.Series(p).to_numpy()))


def test_dataframe_from_cow_arrays_and_back():
    p = np.arange(6.0).reshape(3, 2)
    x, y = cow.array(p), cow.arange(3)
    for frame, wanted in (
        (pd.DataFrame(x), pd.DataFrame(p)),
        (pd.DataFrame({"a": x[:, 0], "b": y}), pd.DataFrame({"a": p[:, 0], "b": [*y]})),
        (pd.DataFrame(x, columns=["u", "w"]), pd.DataFrame(p, columns=["u", "w"])),
    ):
        pd.testing.assert_frame_equal(frame, wanted, check_dtype=False)
        frame.iloc[0, 0] = 99
        assert x.tolist() == p.tolist() and y.tolist() == [0, 1, 2]
    back = cow.asarray(pd.DataFrame(x).to_numpy())
    back[0, 0] = 5
    assert x.tolist() == p.tolist()


def test_pandas_operations_take_cow_arrays():
    x, p = cow.array([3.0, 1.0, 2.0]), np.array([3.0, 1.0, 2.0])
    for call in (
        lambda a: pd.Series([1.0, 2, 3]) + a,
        lambda a: pd.Series([1.0, 2, 3]).isin(a),
        lambda a: pd.Series(["u", "u", "w"]).groupby(a).count(),
        lambda a: pd.DataFrame({"k": a}).sort_values("k"),
        lambda a: pd.Series(pd.cut(a, 2)),
        lambda a: pd.Series(pd.factorize(a)[0]),
        lambda a: pd.Series(pd.unique(a)),
        lambda a: pd.DataFrame({"k": [1.0, 2, 3]}).assign(v=a),
        lambda a: pd.Series([1.0, 2, 3]).where(a > 1, a),
        lambda a: pd.Series(range(3), index=a).reindex(a[::-1]),
    ):
        one, other = call(p), call(x)
        kind = "frame" if isinstance(one, pd.DataFrame) else "series"
        getattr(pd.testing, f"assert_{kind}_equal")(one, other)
        assert x.tolist() == p.tolist()


VALUES = np.array([3.0, 1.0, 2.0, 1.0, np.nan, 5.0])
KEYS = np.array([1, 0, 1, 2, 0, 2])
MORE = {
    "Index": lambda v, k: pd.Index(k[:2]).get_indexer(k).tolist(),
    "Index of floats": lambda v, k: pd.Index(v).sort_values(),
    "MultiIndex": lambda v, k: pd.MultiIndex.from_arrays([k, v]).to_frame(index=False),
    "Categorical": lambda v, k: pd.Series(pd.Categorical(k)),
    "from_codes": lambda v, k: pd.Series(pd.Categorical.from_codes(k, list("abc"))),
    "IntervalIndex": lambda v, k: pd.IntervalIndex.from_breaks(np.sort(k)[::2]).mid,
    "DatetimeIndex": lambda v, k: pd.DatetimeIndex(k.astype("M8[ns]")).year,
    "to_datetime": lambda v, k: pd.Series(pd.to_datetime(k, unit="D")),
    "to_numeric": lambda v, k: pd.Series(pd.to_numeric(v)),
    "nullable": lambda v, k: pd.Series(k, dtype="Int64").sum(),
    "concat": lambda v, k: pd.concat([pd.Series(v), pd.Series(k)], axis=1),
    "merge": lambda v, k: pd.DataFrame({"k": k, "v": v}).merge(
        pd.DataFrame({"k": [0, 1], "w": v[:2]})
    ),
    "groupby": lambda v, k: pd.Series(v).groupby(k).agg(["sum", "mean", "count"]),
    "groupby column": lambda v, k: pd.DataFrame({"k": k, "v": v}).groupby("k").mean(),
    "transform": lambda v, k: pd.Series(v).groupby(k).transform("mean"),
    "pivot": lambda v, k: pd.DataFrame({"k": k, "v": v}).pivot_table("v", "k"),
    "rolling": lambda v, k: pd.Series(v).rolling(2).mean(),
    "ewm": lambda v, k: pd.DataFrame(v).ewm(1).mean(),
    "fillna": lambda v, k: pd.Series(v).fillna(0.0),
    "interpolate": lambda v, k: pd.Series(v).interpolate(),
    "rank": lambda v, k: pd.Series(v).rank(),
    "shift": lambda v, k: pd.Series(v).shift(1),
    "quantile": lambda v, k: pd.Series(v).quantile(v[:3] / 9),
    "clip": lambda v, k: pd.Series(v).clip(1, v + 1),
    "corr": lambda v, k: pd.DataFrame({"k": k, "v": v}).corr(),
    "describe": lambda v, k: pd.DataFrame({"k": k, "v": v}).describe(),
    "value_counts": lambda v, k: pd.Series(k).value_counts(),
    "duplicated": lambda v, k: pd.Series(k).duplicated(),
    "qcut": lambda v, k: pd.Series(pd.qcut(k, 2)).astype(str),
    "get_dummies": lambda v, k: pd.get_dummies(k),
    "mask": lambda v, k: pd.Series(v)[k > 0],
    "iloc": lambda v, k: pd.DataFrame({"v": v}).iloc[k],
    "take": lambda v, k: pd.Series(v).take(k),
    "loc": lambda v, k: pd.DataFrame({"v": v}, index=k).loc[1],
    "apply": lambda v, k: pd.DataFrame({"v": v}).apply(np.sqrt),
    "map": lambda v, k: pd.Series(k).map({0: "a", 1: "b"}),
    "ufunc": lambda v, k: np.add(pd.Series(v), k),
    "where": lambda v, k: pd.DataFrame({"v": v}).where(v[:, None] > 1, 0),
    "melt": lambda v, k: pd.DataFrame({"k": k, "v": v}).melt(),
    "stack": lambda v, k: pd.DataFrame({"k": k, "v": v}).stack(),
    "eval": lambda v, k: pd.DataFrame({"k": k, "v": v}).eval("k + v"),
    "csv": lambda v, k: pd.read_csv(
        io.StringIO(pd.DataFrame({"k": k, "v": v}).to_csv(index=False))
    ),
    "records": lambda v, k: pd.DataFrame.from_records([[*v], [*k]]),
    "sparse": lambda v, k: pd.Series(pd.arrays.SparseArray(v)).sum(),
}


@pytest.mark.parametrize("name", MORE)
def test_function_of_pandas_agrees_and_leaves_its_arguments(name):
    v, k = cow.array(VALUES), cow.array(KEYS)
    expected, result = MORE[name](VALUES.copy(), KEYS.copy()), MORE[name](v, k)
    for kind, cls in (
        ("frame", pd.DataFrame),
        ("series", pd.Series),
        ("index", pd.Index),
    ):
        if isinstance(expected, cls):
            getattr(pd.testing, f"assert_{kind}_equal")(expected, result)
            break
    else:
        assert expected == result
    assert np.array_equal(v, VALUES, equal_nan=True) and np.array_equal(k, KEYS)


WRITES = {
    "iloc": lambda frame: frame.iloc.__setitem__((0, 0), 99),
    "loc": lambda frame: frame.loc.__setitem__((slice(None), "v"), 99.0),
    "mask": lambda frame: frame.__setitem__(frame > 0, 0),
    "column in place": lambda frame: frame.__setitem__("v", frame["v"] * 0),
    "fillna": lambda frame: frame.fillna(0, inplace=True),
    "sort": lambda frame: frame.__setitem__("v", np.sort(frame["v"])),
    "update": lambda frame: frame.update(frame * 0),
    "replace": lambda frame: frame.replace(1.0, 7.0, inplace=True),
    "at": lambda frame: frame.at.__setitem__((1, "v"), 9.0),
}


@pytest.mark.parametrize("name", WRITES)
def test_write_into_a_frame_never_reaches_the_array(name):
    v, plain = cow.array(VALUES), VALUES.copy()
    kept, column = v.copy(), v[:, None]
    frames = [pd.DataFrame({"v": v}), pd.DataFrame(column, columns=["v"])]
    wanted = pd.DataFrame({"v": plain}, copy=True)
    WRITES[name](wanted)
    for frame in frames:
        WRITES[name](frame)
        pd.testing.assert_frame_equal(frame, wanted)
    for array in (v, kept, column[:, 0]):
        assert np.array_equal(array, VALUES, equal_nan=True)
    v[:] = 0
    for frame in frames:
        pd.testing.assert_frame_equal(frame, wanted)


# Methods of a Series that holds what was a cow array; pandas writes some of them
# through views of its own array.
METHODS = [
    "s.ffill()",
    "s.bfill()",
    "s.fillna(0)",
    "s.interpolate()",
    "s.clip(1, 2)",
    "s.mask(s > 1)",
    "s.interpolate(limit_direction='both')",
    "s.replace(1.0, 7.0)",
    "s.dropna()",
    "s.diff()",
    "s.sort_values()",
    "s.cummax()",
    "s.rank()",
    "s.round()",
    "s.abs()",
    "s.pct_change()",
    "s.expanding().sum()",
    "s.where(s > 1, 0)",
    "s.isin([1.0])",
    "s.nlargest(2)",
    "s.shift(-1)",
    "s.combine_first(s * 0 + 1)",
    "s.repeat(2)",
    "s.quantile([0.2, 0.5])",
    "s.mode()",
    "s.reindex([0, 5, 9])",
    "s.convert_dtypes()",
    "s.sample(3, random_state=0)",
    "s.between(1, 2)",
    "s.searchsorted([1.0]).tolist()",
    "s.factorize()[0].tolist()",
    "s.groupby(k).ffill()",
    "s.groupby(k).cumsum()",
    "s.groupby(k).rank()",
    "s.unique().tolist()",
    "s.groupby(k).shift()",
    "s.groupby(k).median()",
    "s.groupby(k).first()",
    "s.to_dict()",
    "s.update(pd.Series([9.0]))",
    "s.__setitem__(0, 9)",
    "s.iloc.__setitem__(slice(1, 3), 9)",
    "s.loc.__setitem__(s > 1, 9)",
    "s[1:3].__setitem__(1, 5)",
    "s.iat.__setitem__(2, 4)",
    "s.__iadd__(1)",
    "s.rolling(2, min_periods=1).median()",
    "s.ewm(1).mean()",
    "s.nunique()",
    "pd.DataFrame({'a': s, 'b': s}).ffill()",
    "pd.DataFrame({'a': s}).interpolate()",
    "pd.DataFrame({'a': s}, index=k).loc[1]",
    "pd.crosstab(s, s)",
    "pd.cut(s, 2).astype(str)",
]


@pytest.mark.parametrize("text", METHODS)
@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "O", "M8[ns]", "?"])
@pytest.mark.filterwarnings("ignore")
def test_method_of_a_series_of_a_cow_array_agrees(text, kind):
    values = VALUES if kind in ("f8", "f4", "O") else np.nan_to_num(VALUES)
    outcomes = []
    for make in (np.array, cow.array):
        source = make(values.astype(kind))
        series = pd.Series(source)
        try:
            scope = {"s": series, "k": make(KEYS), "pd": pd}
            result = eval(text, scope)
        except Exception as error:
            result = type(error)
        outcomes.append((result, series))
        assert repr(source.tolist()) == repr(values.astype(kind).tolist())
    (expected, wanted), (result, series) = outcomes
    assert wanted.equals(series)
    assert getattr(expected, "equals", lambda x: repr(x) == repr(expected))(result)


def test_pandas_holds_an_array_of_its_own_that_is_plain():
    a = cow.array(VALUES)
    for held in (pd.Series(a), pd.Index(a), pd.DataFrame({"v": a})["v"]):
        assert type(held.array.to_numpy()) is np.ndarray
        assert not np.shares_memory(held.to_numpy(), np.asarray(a))
    plain = a.to_numpy()
    plain[0] = 99
    assert a[0] == 3 and a.to_numpy("f4").dtype == "f4"
    assert np.shares_memory(a.to_numpy(copy=False), np.asarray(a))
    assert not cow.is_shared(a)


# Operands of both kinds: `d` a frame, `s` a series, `a` an array of the shape of
# `d`, `q` one of that of `s`.
MIXED = [
    "d + a",
    "a + d",
    "d.T * q",
    "q * d.T",
    "s + q",
    "q + s",
    "q == s",
    "s > q",
    "d == a",
    "a.T @ d",
    "d @ a.T",
    "q @ d",
    "np.add(q, s)",
    "d.__isub__(a)",
    "a.__iadd__(d)",
    "q.__iadd__(s)",
    "d[a > 2]",
    "d.__setitem__(slice(None), a)",
    "d.loc.__setitem__((slice(None), 0), q)",
    "divmod(s, q)[0]",
    "pd.Index(s) + q",
    "q + pd.Index(s)",
    "np.concatenate([q, s])",
    "np.where(s > 1, q, 0)",
    "pd.array(q)",
    "pd.array(s) + q",
    "pd.DataFrame(a, dtype='f4')",
    "pd.isna(a)",
    "pd.factorize(q)[0]",
    "pd.unique(q)",
    "pd.Series([q, q]).map(len)",
    "s + q[0:1].reshape(())",
    "pd.Series(s.to_numpy(), index=[q, q])",
]


@pytest.mark.parametrize("text", MIXED)
@pytest.mark.filterwarnings("ignore")
def test_operands_of_pandas_and_cow_give_what_they_give_with_plain_arrays(text):
    outcomes = []
    for make in (np.array, cow.array):
        a, q = make(np.arange(1.0, 7).reshape(3, 2)), make(np.array([1.0, 2.0, 3.0]))
        d, s = pd.DataFrame(np.array(a)), pd.Series(np.array(q))
        scope = {"np": np, "pd": pd, "a": a, "q": q, "d": d, "s": s}
        try:
            result = eval(text, scope)
            values = np.asarray(result).tolist()
        except Exception as error:
            result = values = type(error)
        kind = "array" if isinstance(result, np.ndarray) else type(result)
        outcomes.append((kind, values, *(np.asarray(x).tolist() for x in (a, q, d, s))))
    assert outcomes[0] == outcomes[1]
