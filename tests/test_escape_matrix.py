"""The escape matrix in the docs is what happens."""

from tests import escapes
from tests.routes import ROUTES


def test_page_is_current():
    assert escapes.PAGE.read_text() == escapes.page()


def test_there_are_many_routes_and_no_leak_but_through_raw_pointers():
    rows = [line for line in escapes.page().splitlines() if "**leaks**" in line]
    raw = {route.name.replace("_", " ") for route in ROUTES if route.past_the_flag}
    assert len(ROUTES) >= 100
    assert {row.split(" | ")[0].strip("| ") for row in rows} <= raw
    for row in rows:
        # nothing but the plain view can leak
        assert row.split(" | ").index("**leaks**") == 4
