"""The escape matrix in the docs is what happens."""

import ctypes
import re

import numpy as np
import pytest

from tests.catalogue import escapes
from tests.catalogue.routes import ROUTES, Route


@pytest.fixture(scope="module")
def cells():
    return escapes.matrix()


def test_page_is_current(cells):
    text = escapes.PAGE.read_text()
    if "dlpack" not in cells:
        # NumPy 2.0: no route there, see tests/catalogue/routes
        text = re.sub(r"\| dlpack \|.*\n", "", text)
    assert text == escapes.page(cells)


def test_nothing_leaks_but_raw_pointers_and_what_this_numpy_leaks_itself(cells):
    assert len(ROUTES) == len(cells) >= 200
    permitted = {r.name: {escapes.PLAIN_VIEW} for r in ROUTES if r.pointer}
    if np.lib.NumpyVersion(np.__version__) < "2.5.5":
        for kind in ("elements", "element", "mask", "unary"):
            permitted[f"ufunc_at_{kind}"] = {escapes.PLAIN_VIEW}
    assert escapes.leaks(cells) == permitted


def test_every_row_that_leaks_says_what_to_write_instead():
    marked = {route.name for route in ROUTES if route.pointer or route.mended}
    assert set(escapes.REMEDIES) == marked


def test_no_write_is_lost(cells):
    assert [name for name, row in cells.items() if "**lost**" in row] == []


def test_a_route_that_loses_its_write_would_be_seen():
    def write(x):
        (x if type(x) is np.ndarray else x.copy())[0] = 9

    route = Route("loses", write, "f8", False)
    assert list(escapes._cells(route))[:3] == ["**lost**"] * 3


def test_a_route_that_leaks_would_be_seen():
    def write(x):
        address = np.asarray(x).__array_interface__["data"][0]
        ctypes.memset(address + x.nbytes - 8, 0, 8)

    cells = {"leaks": list(escapes._cells(Route("leaks", write, "f8", False)))}
    assert escapes.leaks(cells) == {"leaks": {0, 2, 3, 6}}
