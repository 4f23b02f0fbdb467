"""The defects of others are what docs/upstream.md says of them."""

import ast

import pytest

from tests.catalogue import upstream

QUIET = [each for each in upstream.DEFECTS if not each.crashes]


def test_page_is_that_of_the_catalogue():
    page = upstream.PAGE.read_text()
    assert page == upstream.page(), "python -m tests.catalogue.upstream"


@pytest.mark.parametrize("defect", upstream.DEFECTS, ids=lambda each: each.title)
def test_reproduction_takes_plain_arrays_alone(defect):
    tree = ast.parse(upstream.program(defect))
    names = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert "numpy" in names and "cow" not in names


@pytest.mark.parametrize("defect", QUIET, ids=lambda each: each.title)
def test_defect_is_there_on_the_versions_that_are_named(python, defect):
    done = python("-c", upstream.program(defect), timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in upstream.outcomes(defect)
