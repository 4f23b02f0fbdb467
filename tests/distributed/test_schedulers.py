"""Tasks that write: without cow they damage what others see, guarded they do not.

Each scenario runs with the real scheduler, in a program of its own.
"""

import json

import pytest

from tests import ROOT
from tests.distributed import PROGRAMS, saw

MEGABYTES = 16
# the first that sees the damage, where arrays are plain
DAMAGED = {
    "dask threads": "of the caller",
    "dask processes": "input",
    "dask delayed": "of the caller",
    "ray unchecked": "input",
    "joblib auto": "input",
    "joblib r+": "of the caller",
}


def test_each_scenario_that_can_be_damaged_is_named():
    assert set(PROGRAMS) - set(DAMAGED) == {"ray checked"}


@pytest.mark.parametrize("name", DAMAGED)
def test_task_that_writes_damages_a_plain_array(name):
    found = saw(name, "plain", MEGABYTES)
    values = found[DAMAGED[name]]
    worst = min(values) if isinstance(values, list) else values
    assert worst < 1.0, found


def test_task_of_ray_that_writes_is_refused():
    found = saw("ray checked", "plain", MEGABYTES)
    assert "read-only" in found["error"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_guarded_task_leaves_the_array_and_its_result_can_be_written(name):
    found = saw(name, "cow", MEGABYTES)
    assert set(found["input"]) == {1.0} and found["of the caller"] == 1.0
    assert found["result"] == 0.0
    assert found["class of the result"] == "CowArray"
    assert found["can be written"] == 7.0


def test_the_page_shows_the_tasks_of_these_programs():
    page = (ROOT / "docs" / "distributed.md").read_text()
    table = page.split("<!-- figures -->")[1]
    for name in PROGRAMS:
        assert f"| {name} " in table, json.dumps(name)
