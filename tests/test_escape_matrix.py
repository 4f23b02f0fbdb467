"""The escape matrix in the docs is what happens."""

import re

import numpy as np
import pytest

from tests import escapes
from tests.routes import ROUTES, Route


@pytest.fixture(scope="module")
def cells():
    return escapes.matrix()


def test_page_is_current(cells):
    at = next(route for route in ROUTES if route.name == "ufunc_at_unary")
    if not at.past_the_flag:
        # mended in NumPy 2.5; the page says what the older ones do
        assert cells[at.name][3] == "raised"
        cells = {**cells, at.name: [*cells[at.name]]}
        cells[at.name][3] = "**leaks**"
    text = escapes.PAGE.read_text()
    if "dlpack" not in cells:
        # NumPy 2.0: no route there, see tests/routes.py
        text = re.sub(r"\| dlpack \|.*\n", "", text)
    assert text == escapes.page(cells)


def test_there_are_many_routes_and_no_leak_but_through_raw_pointers(cells):
    past_the_flag = {route.name for route in ROUTES if route.past_the_flag}
    assert len(ROUTES) == len(cells) >= 190
    for name, row in cells.items():
        # nothing but the plain view can leak
        others = row[:3] + row[4:]
        assert "**leaks**" not in others
        assert row[3] != "**leaks**" or name in past_the_flag


def test_no_write_is_lost(cells):
    assert [name for name, row in cells.items() if "**lost**" in row] == []


def test_a_route_that_loses_its_write_would_be_seen():
    def write(x):
        (x if type(x) is np.ndarray else x.copy())[0] = 9

    route = Route("loses", write, "f8", False)
    assert list(escapes._cells(route))[:3] == ["**lost**"] * 3
