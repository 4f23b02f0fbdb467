"""Matplotlib, polars, pyarrow, h5py, zarr, OpenCV, Pillow."""

import io
import tempfile

import cv2
import h5py
import matplotlib as mpl
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute
import zarr
from PIL import Image

from tests.packages_matrix.probe import Package

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.path import Path

IMAGE = (np.random.default_rng(0).random((16, 16)) * 255).astype("u1")


def drawn(figure):
    with io.BytesIO() as file:
        figure.savefig(file, format="raw", dpi=40)
        plt.close(figure)
        return np.frombuffer(file.getvalue(), "u1")


def figure(name, *args):
    made, axes = plt.subplots(figsize=(2, 2))
    getattr(axes, name)(*args)
    return made


MATPLOTLIB = Package(
    "matplotlib",
    takes={
        "plot": lambda a: drawn(figure("plot", a)),
        "scatter": lambda a: drawn(figure("scatter", a, a[::-1])),
        "hist": lambda a: drawn(figure("hist", a)),
        "imshow": lambda a: drawn(figure("imshow", a.reshape(2, 4))),
        "contourf": lambda a: drawn(figure("contourf", a.reshape(2, 4))),
        "fill_between": lambda a: drawn(figure("fill_between", np.arange(8), a)),
    },
    keeps={
        "plot": (lambda a: figure("plot", a), drawn),
        "imshow": (lambda a: figure("imshow", a.reshape(2, 4)), drawn),
        "scatter": (lambda a: figure("scatter", a, a), drawn),
        "Path": (lambda a: Path(a.reshape(4, 2)), lambda p: p.vertices),
        "Path of a view": (lambda a: Path(a.reshape(4, 2)[:3]), lambda p: p.vertices),
    },
    sends={"figure": (lambda a: figure("plot", a), drawn)},
    guarded={"plot": lambda a: (figure("plot", a), a.sort(), a.tolist())[2]},
)
POLARS = Package(
    "polars",
    takes={
        "Series": lambda a: pl.Series("x", a).sum(),
        "DataFrame": lambda a: pl.DataFrame({"x": a}).sort("x")["x"].to_numpy(),
        "from_numpy": lambda a: pl.from_numpy(a.reshape(4, 2)).to_numpy(),
    },
    gives={
        "to_numpy": lambda a: pl.Series("x", a).to_numpy(),
        "to_numpy(writable)": lambda a: pl.Series("x", a).to_numpy(writable=True),
    },
    keeps={
        "Series": (lambda a: pl.Series("x", a), lambda s: s.to_numpy()),
        "DataFrame": (lambda a: pl.DataFrame({"x": a}), lambda f: f["x"].to_numpy()),
    },
    sends={"Series": (lambda a: pl.Series("x", a), lambda s: s.to_numpy())},
    guarded={"Series": lambda a: (pl.Series("x", a), a.fill(9), a.tolist())[2]},
)
ARROW = Package(
    "pyarrow",
    takes={
        "array": lambda a: pa.array(a).to_pylist(),
        "table": lambda a: pa.table({"x": a})["x"].to_pylist(),
        "Tensor": lambda a: pa.Tensor.from_numpy(a).to_numpy(),
        "compute": lambda a: pa.compute.sum(pa.array(a)).as_py(),
    },
    gives={
        "to_numpy": lambda a: pa.array(a).to_numpy(),
        "chunked": lambda a: pa.chunked_array([a]).to_numpy(),
    },
    keeps={
        "array": (pa.array, lambda x: x.to_pylist()),
        "table": (lambda a: pa.table({"x": a}), lambda t: t["x"].to_pylist()),
        "Tensor": (pa.Tensor.from_numpy, lambda t: t.to_numpy()),
        "py_buffer": (pa.py_buffer, lambda b: np.frombuffer(b)),
    },
    sends={"table": (lambda a: pa.table({"x": a}), lambda t: t["x"].to_pylist())},
    guarded={"array": lambda a: (pa.array(a), a.fill(9), a.tolist())[2]},
)


def h5(use):
    def probe(a):
        with h5py.File(io.BytesIO(), "w") as file:
            return use(file, a)

    return probe


def stored(file, a):
    file["x"] = a
    file["x"][2:4] = a[:2]
    file["y"] = a[::2]
    return file["x"][:], file["y"][:]


def read_direct(file, a):
    file["x"] = np.full(a.shape, 9.0)
    b = a * 1
    file["x"].read_direct(b)
    return b


def read_into(file, a):
    file["x"] = np.full(a.shape, 9.0)
    file["x"].read_direct(a)
    return a


H5PY = Package(
    "h5py",
    takes={"dataset": h5(stored), "read_direct": h5(read_direct)},
    gives={"dataset": h5(lambda file, a: stored(file, a)[0])},
    keeps={
        "attribute": (
            h5(lambda file, a: (file.attrs.__setitem__("x", a), file.attrs["x"])[1]),
            np.asarray,
        )
    },
    guarded={"read_direct": h5(read_into)},
)


def zarr_of(a):
    group = zarr.open(tempfile.mkdtemp(), mode="w")
    made = group.create_array("x", shape=a.shape, chunks=(4,), dtype=a.dtype)
    made[:] = a
    return made


ZARR = Package(
    "zarr",
    takes={"array": lambda a: zarr_of(a)[:], "slice": lambda a: zarr_of(a)[2:6]},
    gives={"array": lambda a: zarr_of(a)[:]},
    keeps={"array": (zarr_of, lambda z: z[:])},
    sends={"array": (zarr_of, lambda z: z[:])},
    guarded={"array": lambda a: (zarr_of(a), a.fill(9), a.tolist())[2]},
)


def circle(a):
    cv2.circle(a, (8, 8), 4, 255, -1)
    return a


CV2 = Package(
    "opencv-python-headless",
    sample=IMAGE,
    takes={
        "blur": lambda a: cv2.blur(a, (3, 3)),
        "resize": lambda a: cv2.resize(a, (8, 8)),
        "Canny": lambda a: cv2.Canny(a, 50, 100),
        "findContours": lambda a: cv2.findContours(a, cv2.RETR_LIST, 2)[0],
        "warpAffine": lambda a: cv2.warpAffine(a, np.eye(3)[:2], (16, 16)),
        "circle": lambda a: circle(a * 1),
        "blur(dst=)": lambda a: cv2.blur(a, (3, 3), dst=a * 0),
        "floodFill": lambda a: cv2.floodFill(a * 1, None, (0, 0), 9)[1],
    },
    gives={"blur": lambda a: cv2.blur(a, (3, 3))},
    guarded={"circle": circle, "blur(dst=)": lambda a: cv2.blur(a, (3, 3), dst=a)},
)
PILLOW = Package(
    "pillow",
    sample=IMAGE,
    takes={
        "fromarray": lambda a: np.asarray(Image.fromarray(a)),
        "resize": lambda a: np.asarray(Image.fromarray(a).resize((8, 8))),
        "frombuffer": lambda a: np.asarray(Image.frombuffer("L", (16, 16), a)),
    },
    gives={"np.array": lambda a: np.array(Image.fromarray(a))},
    keeps={
        "fromarray": (Image.fromarray, np.asarray),
        "frombuffer": (lambda a: Image.frombuffer("L", (16, 16), a), np.asarray),
    },
    sends={"fromarray": (Image.fromarray, np.asarray)},
    guarded={"fromarray": lambda a: (Image.fromarray(a), a.fill(9), a.tolist())[2]},
)
PACKAGES = [MATPLOTLIB, POLARS, ARROW, H5PY, ZARR, CV2, PILLOW]
