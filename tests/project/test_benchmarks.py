"""The benchmarks run, and their programs give the same results on cow arrays."""

import importlib
import json
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import cow
from benchmarks import growth, page, programs, reasons
from benchmarks.__main__ import NAMES
from benchmarks.machine import machine
from benchmarks.timing import Row
from tests import ROOT

SMALL = {
    "shallow_water": {"cells": 20, "steps": 30},
    "kmeans": {"size": 500, "steps": 5},
    "kalman": {"steps": 30},
}


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_program_gives_the_same_results_bit_by_bit(name):
    run = importlib.import_module(f"benchmarks.programs.{name}").run
    plain, found = run(np.array, **SMALL[name]), run(cow.array, **SMALL[name])
    careful = run(np.array, careful=True, **SMALL[name])
    for p, c, f in zip(plain, careful, found, strict=True):
        np.testing.assert_array_equal(c, p, strict=True)
        np.testing.assert_array_equal(np.asarray(f), np.asarray(p), strict=True)


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_program_computes_with_cow_arrays(name):
    run = importlib.import_module(f"benchmarks.programs.{name}").run
    assert all(
        isinstance(result, cow.CowArray) or np.ndim(result) == 0
        for result in run(cow.array, **SMALL[name])
    )


def bench(*arguments):
    """Return what ``python -m benchmarks`` prints."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    )
    return done.stdout


def test_benchmarks_print_and_write_the_same_figures(tmp_path):
    path = tmp_path / "new" / "figures.json"
    printed = bench("elements", "views", "--repeat", "1", "--json", str(path))
    found = json.loads(path.read_text())
    assert found["machine"]["numpy"] == np.__version__
    assert {row["file"] for row in found["rows"]} == {"elements", "views"}
    for row in found["rows"]:
        line = next(x for x in printed.splitlines() if x.startswith(row["operation"]))
        assert (row["limit"] is None) == (not line.endswith(("ok", "OVER")))
    over = sum(row["over"] for row in found["rows"])
    assert printed.count("  OVER") == over
    assert printed.endswith(f"{over} over\n")


def test_row_above_its_limit_is_reported():
    assert Row("x", "", 1.0, 1.2, 1.1).over
    assert not Row("x", "", 1.0, 1.0, 1.1).over
    assert not Row("x", "", 1.0, 9.0).over
    assert Row("x", "", 900.0, 301.0, 300, "B", "cow").over
    assert not Row("x", "", 1.0, 299.0, 300, "B", "cow").over


def test_page_shows_every_figure_and_why_it_is_above_its_limit():
    rows = [
        Row("np.sqrt(x)", "10", 100e-9, 300e-9, 2.0),
        Row("np.sin(x)", "10", 100e-9, 150e-9, 2.0),
        Row("x | x", "10", 100e-9, 100e-9),
    ]
    found = [{"file": "calls", **row.json()} for row in rows]
    text = "\n".join(page.page({"machine": machine(), "rows": found}))
    assert "| `np.sqrt(x)` | 10 | 100 ns | 300 ns | **3.00** | 2 |" in text
    assert "| `np.sin(x)` | 10 | 100 ns | 150 ns | 1.50 | 2 |" in text
    assert f"| `x {chr(92)}| x` | 10 | 100 ns | 100 ns | 1.00 |  |" in text
    why = " ".join(reasons.DISPATCH.split())
    assert text.count(why) == 1
    found.pop(0)
    text = "\n".join(page.page({"machine": machine(), "rows": found}))
    assert why not in text


def test_page_answers_every_question():
    text = (ROOT / "docs" / "speed.md").read_text()
    for name in NAMES:
        doc = importlib.import_module(f"benchmarks.{name}").__doc__
        assert doc.partition("\n")[0].partition(" (")[0] in text


def test_growth_is_measured_and_drawn():
    found = growth.measure(quick=True)
    assert [len(part.points) for part in found] == [3, 3, 2, 2]
    assert all(s > 0 for part in found for p in part.points for s in p.seconds.values())
    tree = ElementTree.fromstring(growth.drawn(found))
    circles = tree.iter("{http://www.w3.org/2000/svg}circle")
    assert len(list(circles)) == 2 * 10
    assert "| 100 |" in "\n".join(growth.page(found, "growth.svg"))
