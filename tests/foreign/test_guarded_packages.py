"""What other packages carry arrays in stays as the caller has it."""

import awkward as ak
import dask.array
import geopandas
import h5py
import numpy as np
import pandas as pd
import PIL.Image
import pint
import polars as pl
import pyarrow
import pytest
import sparse
import xarray as xr
from astropy.coordinates import SkyCoord
from astropy.nddata import CCDData
from astropy.table import QTable, Table
from astropy.time import Time

import cow
from cow._guard.registry import how
from tests.oracle.guarded import alike, never_written, pointed, tells

units = pint.UnitRegistry()


def item(at, value):
    return lambda x: x.__setitem__(at, value)


# -------------------------------------------------------------------------- xarray


def dataset():
    return xr.Dataset(
        {"a": (("x", "y"), np.arange(6.0).reshape(3, 2), {"unit": [1]})},
        coords={"x": [10, 20, 30], "y": ["u", "w"], "z": ("x", np.ones(3))},
        attrs={"made": np.zeros(2)},
    )


def of_objects():
    return xr.DataArray(np.array([[1], np.zeros(2)], dtype=object), dims="x")


def tree():
    return xr.DataTree.from_dict({"/": dataset(), "/child": dataset()})


XARRAY = {
    "dataset": dataset,
    "array": lambda: dataset().a,
    "variable": lambda: dataset().a.variable,
    "coordinate": lambda: dataset().x.variable,
    "coordinates": lambda: dataset().coords,
    "tree": tree,
    "objects": of_objects,
    "dates": lambda: xr.DataArray(pd.date_range("2020", periods=2), dims="t"),
}
XARRAY_WRITES = {
    "variable": lambda x: x["a"].__setitem__((0, 0), 99.0),
    "item": item((0, 0), 99.0),
    "values": lambda x: x["a"].values.__setitem__((0, 0), 99.0),
    "own values": lambda x: x.values.__setitem__(0, 99.0),
    "data": lambda x: x.data.__setitem__(0, 99.0),
    "loc": lambda x: x["a"].loc.__setitem__({"x": 10}, 99.0),
    "in place": lambda x: x.__iadd__(1),
    "pointer": lambda x: pointed(x["a"].values),
    "own pointer": lambda x: pointed(x.values),
    "index pointer": lambda x: pointed(x["x"].values),
    "index of pandas": lambda x: pointed(x.indexes["x"].values),
    "new": lambda x: x.__setitem__("b", ("x", np.zeros(3))),
    "deleted": lambda x: x.__delitem__("a"),
    "coordinate": lambda x: x["z"].values.__setitem__(0, 99.0),
    "coords": lambda x: x.coords.__setitem__("z", ("x", np.zeros(3))),
    "attrs": lambda x: x.attrs["made"].__setitem__(0, 9),
    "variable attrs": lambda x: x["a"].attrs["unit"].append(2),
    "own attrs": lambda x: x.attrs["unit"].append(2),
    "child": lambda x: x["child/a"].values.__setitem__((0, 0), 99.0),
    "dims": lambda x: setattr(x, "dims", ("p", "q")),
    "element": lambda x: x.values[0].append(2),
    "nothing": lambda x: x.sum(),
}


def xarray_seen(x):
    if isinstance(x, xr.DataTree):
        return repr(
            [(n.path, xarray_seen(n.to_dataset(inherit=False))) for n in x.subtree]
        )
    if isinstance(x, xr.Dataset | xr.Coordinates):
        held = {key: xarray_seen(each) for key, each in x.variables.items()}
    elif isinstance(x, xr.DataArray):
        held = [xarray_seen(x.variable), xarray_seen(x.coords)]
    else:
        held = [x.dims, x.values.tolist()]
        if isinstance(x, xr.IndexVariable):
            held.append(list(x.to_index()))
    return repr((held, getattr(x, "attrs", 0), type(x)))


# ------------------------------------------------------------------------- awkward

AWKWARD = {
    "lists": lambda: ak.Array([[1.0, 2.0], [], [3.0]]),
    "numbers": lambda: ak.Array(np.array([1.0, 2.0])),
    "records": lambda: ak.Array([{"a": 1.0, "b": [1]}, {"a": 2.0, "b": []}]),
    "record": lambda: ak.Array([{"a": 1.0, "b": [1]}])[0],
    "texts": lambda: ak.Array(["x", None, "yz"]),
    "layout": lambda: ak.Array([[1.0, 2.0], [3.0]]).layout,
}
AWKWARD_WRITES = {
    "field": item("c", 3.0),
    "flat pointer": lambda x: pointed(np.asarray(ak.flatten(x, axis=None))),
    "asarray": lambda x: np.asarray(x).__setitem__(0, 99.0),
    "asarray pointer": lambda x: pointed(np.asarray(x)),
    "content": lambda x: x.layout.content.data.__setitem__(0, 99.0),
    "field data": lambda x: x["a"].layout.data.__setitem__(0, 99.0),
    "record data": lambda x: x.layout.array.contents[0].data.__setitem__(0, 99.0),
    "offsets": lambda x: x.layout.offsets.data.__setitem__(1, 1),
    "own content": lambda x: x.content.data.__setitem__(0, 99.0),
    "behavior": lambda x: x.attrs is setattr(x, "attrs", {"k": 1}),
    "nothing": lambda x: ak.sum(x),
}


def awkward_seen(x):
    high = x if isinstance(x, ak.Array | ak.Record) else ak.Array(x)
    return repr((high.tolist(), str(high.type), type(x), high.attrs))


# -------------------------------------------------------------------------- polars

POLARS = {
    "frame": lambda: pl.DataFrame({"a": [1.0, 2.0], "b": [1, None], "c": ["x", "y"]}),
    "series": lambda: pl.Series("a", [1.0, 2.0, 3.0]),
    "of NumPy": lambda: pl.Series("a", np.array([1.0, 2.0])),
    "objects": lambda: pl.Series("a", [{1}, {2}], dtype=pl.Object),
    "frame of objects": lambda: pl.DataFrame(
        {"o": pl.Series([{1}, {2}], dtype=pl.Object), "a": [1.0, 2.0]}
    ),
    "lists": lambda: pl.Series("a", [[1], [2, 3]]),
    "categories": lambda: pl.Series("a", ["x", "y"], dtype=pl.Categorical),
    "empty": lambda: pl.DataFrame(),
}
POLARS_WRITES = {
    "item": item((0, "a"), 99.0),
    "column": lambda x: x.replace_column(0, pl.Series("z", [7.0, 8.0])),
    "insert": lambda x: x.insert_column(0, pl.Series("n", [7, 8])),
    "drop": lambda x: x.drop_in_place("a"),
    "extend": lambda x: x.extend(x.clone()),
    "element": item(0, 99.0),
    "append": lambda x: x.append(x.clone()),
    "sort": lambda x: x.sort(descending=True, in_place=True),
    "columns": lambda x: setattr(x, "columns", list("pqr")),
    "pointer": lambda x: pointed(x.to_numpy()),
    "column pointer": lambda x: pointed(x["a"].to_numpy()),
    "view": lambda x: pointed(x.to_numpy(allow_copy=False)),
    "object": lambda x: x[0].add(9),
    "object of a column": lambda x: x["o"][0].add(9),
    "nothing": lambda x: x.max(),
}


def polars_seen(x):
    data = x.to_dict(as_series=False) if isinstance(x, pl.DataFrame) else x.to_list()
    return repr((data, getattr(x, "schema", getattr(x, "dtype", 0)), type(x)))


# ------------------------------------------------------------------------- the rest

OTHERS = {
    "quantity": lambda: units.Quantity(np.array([1.0, 2.0]), "m"),
    "number": lambda: units.Quantity(1.0, "m"),
    "sparse": lambda: sparse.COO(np.eye(2)),
    "sparse dict": lambda: sparse.DOK((2, 2), {(0, 0): 1.0}),
    "dask": lambda: dask.array.from_array(np.arange(4.0), chunks=2),
    "table": lambda: Table({"a": [1.0, 2.0]}, meta={"m": [1]}),
    "table of units": lambda: QTable({"a": [1.0, 2.0]}),
    "row": lambda: Table({"a": [1.0, 2.0]})[0],
    "time": lambda: Time([50000.0, 50001.0], format="mjd"),
    "coordinates": lambda: SkyCoord([1.0, 2.0], [3.0, 4.0], unit="deg"),
    "frame": lambda: SkyCoord([1.0, 2.0], [3.0, 4.0], unit="deg").frame,
    "image": lambda: CCDData(np.ones((2, 2)), unit="adu"),
    "picture": lambda: PIL.Image.new("L", (2, 2)),
    "geometry": lambda: geopandas.GeoDataFrame(
        {"a": [1.0]}, geometry=geopandas.points_from_xy([1.0], [2.0]), crs=4326
    ),
    "arrow series": lambda: pd.Series([1.0, 2.0], dtype="double[pyarrow]"),
    "texts": lambda: pd.Series(["x", "y"]),
}
OTHER_WRITES = {
    "item": item(0, 9.0),
    "two items": item((0, 0), 9.0),
    "magnitude": lambda x: x.magnitude.__setitem__(0, 9.0),
    "units": lambda x: x.ito("cm"),
    "data": lambda x: x.data.__setitem__(0, 9.0),
    "pointer": lambda x: pointed(x.data),
    "column": lambda x: x["a"].__setitem__(0, 9.0),
    "cell": item("a", 9.0),
    "column pointer": lambda x: pointed(x["a"].data),
    "meta": lambda x: x.meta["m"].append(2),
    "add column": item("b", 3.0),
    "time": lambda x: x.__setitem__(0, Time(50009.0, format="mjd")),
    "place": lambda x: x.__setitem__(0, x[1]),
    "pixel": lambda x: x.putpixel((0, 0), 9),
    "iloc": lambda x: x.iloc.__setitem__(0, x.iloc[-1]),
    "first": lambda x: x.iloc.__setitem__((0, 0), 9.0),
    "text": lambda x: x.iloc.__setitem__(0, "z"),
    "nothing": lambda x: type(x),
}


def other_seen(x):
    if isinstance(x, dask.array.Array):
        x = x.compute()
    if isinstance(x, sparse.SparseArray):
        x = x.todense()
    if isinstance(x, PIL.Image.Image):
        return repr((x.tobytes(), x.size))
    if isinstance(x, pd.DataFrame):
        return repr((x.to_dict(), x.crs))
    if isinstance(x, Time):
        x = x.mjd
    if isinstance(x, Table | SkyCoord) or hasattr(x, "representation_type"):
        return repr((x, getattr(x, "meta", 0)))
    values = x.magnitude if hasattr(x, "magnitude") else getattr(x, "data", x)
    if hasattr(x, "colnames"):
        values = [x["a"]]
    return repr(
        (
            np.asarray(x if isinstance(x, pd.Series) else values).tolist(),
            getattr(x, "units", 0),
        )
    )


FAMILIES = {
    "xarray": (XARRAY, XARRAY_WRITES, xarray_seen),
    "awkward": (AWKWARD, AWKWARD_WRITES, awkward_seen),
    "polars": (POLARS, POLARS_WRITES, polars_seen),
    "others": (OTHERS, OTHER_WRITES, other_seen),
}
ALL = [
    (family, kind, write)
    for family, (kinds, writes, _) in FAMILIES.items()
    for kind in kinds
    for write in writes
]


@pytest.mark.parametrize(("family", "kind", "write"), ALL)
def test_object_is_written_inside_alone(family, kind, write):
    kinds, writes, seen = FAMILIES[family]
    alike(kinds[kind], writes[write], seen)


@pytest.mark.parametrize(
    ("family", "kind", "write"), [each for each in ALL if each[0] != "others"]
)
def test_write_into_an_object_is_told(family, kind, write):
    kinds, writes, seen = FAMILIES[family]
    tells(kinds[kind], writes[write], seen)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_writes_write(family):
    assert never_written(*FAMILIES[family]) == {"nothing"}


@pytest.mark.parametrize("write", ["magnitude", "units", "item", "iloc"])
def test_write_into_a_quantity_and_a_series_is_told(write):
    for kind in ("quantity", "number", "texts", "arrow series"):
        tells(OTHERS[kind], OTHER_WRITES[write], other_seen)


def test_immutable_objects_pass_as_they_are(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        stored = file.create_dataset("x", data=np.ones(3))
        values = [pyarrow.array([1]), pyarrow.table({"a": [1]}), pl.col("a"), units.m]
        values += [pl.DataFrame({"a": [1]}).lazy(), pl.Int64]
        for value in values:
            assert cow.no_mutate(lambda x: x)(value) is value
            assert how(value) == "cannot be changed"
        assert cow.no_mutate(lambda x: x)(stored) is stored
        assert how(stored).startswith("passes as it is: an object of the class h5py")
