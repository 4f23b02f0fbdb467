"""Each decision by a reference count is in the table of docs/reference-counts.md."""

import ast
import re
from collections import Counter

import pytest

from tests import ROOT

PAGE = ROOT / "docs" / "reference-counts.md"

# what reads a count, and what answers by one
IN_C = re.compile(
    r"\b(?:Py_REFCNT|is_ours_alone|plain_holders|is_temporary|unique_temporary)\("
    r"|weakreflist\b|\bob_refcnt\b|PyUnstable_\w+"
)
IN_PYTHON = {"getrefcount", "getweakrefcount", "references"}


def uses_in_c(text):
    """Count the uses in each function of C, by its name."""
    text = re.sub(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', blank, text, flags=re.DOTALL)
    found, function = Counter(), ""
    for line in text.splitlines():
        starts = re.match(r"(\w+)\(", line)
        if starts:
            function = starts[1]
            line = line[starts.end() :]
        found[function] += len(IN_C.findall(line))
    return +found


def blank(found):
    return "\n" * found[0].count("\n")


def uses_in_python(text):
    """Count the uses in each function of Python, by its name."""
    found = Counter()

    def walk(node, function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}".lstrip(".")
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", None))
        found[function] += name in IN_PYTHON
        for child in ast.iter_child_nodes(node):
            walk(child, function)

    walk(ast.parse(text), "")
    return +found


def uses():
    found = Counter()
    for path in (ROOT / "src").rglob("*.[ch]"):
        found += uses_in_c(path.read_text())
    for path in (ROOT / "src").rglob("*.py"):
        for function, n in uses_in_python(path.read_text()).items():
            found[f"{path.stem}.{function}"] += n
    return found


def listed():
    """Return the functions that the page lists, with the number of uses in each."""
    rows = re.findall(r"^\| `([\w.]+)` \| (\d+) \|", PAGE.read_text(), re.MULTILINE)
    found = {function: int(n) for function, n in rows}
    assert len(found) == len(rows), "a function has one row"
    return found


def test_each_decision_by_a_count_is_listed():
    assert dict(uses()) == listed()


@pytest.mark.parametrize(
    "line",
    [
        "if (Py_REFCNT(op) == 1) {",
        "return plain_holders(seal) > 0;",
        "return PyUnstable_Object_IsUniquelyReferenced(op);",
        "if (FIELDS(op)->weakreflist == NULL) {",
    ],
)
def test_new_decision_in_c_is_found(line):
    text = f"/* Py_REFCNT( */\nstatic int\nnew_one(PyObject *op)\n{{\n    {line}\n}}\n"
    assert uses_in_c(text) == {"new_one": 1}


@pytest.mark.parametrize("call", ["sys.getrefcount(x)", "_core.references([x])"])
def test_new_decision_in_python_is_found(call):
    text = f"class A:\n    def new(self, x):\n        return {call} == 2\n"
    assert uses_in_python(text) == {"A.new": 1}
