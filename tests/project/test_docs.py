"""The documentation is whole: each name, exception, variable, option and example."""

import ast
import importlib.util
import inspect
import json
import re

import nbclient
import nbformat
import numpy as np
import pytest

import cow
from benchmarks import costs
from cow.__main__ import _parser
from tests import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
REFERENCE = "\n".join(page.read_text() for page in (DOCS / "reference").glob("*.md"))
WARNINGS = [getattr(cow, n) for n in cow.__all__ if n.endswith(("Error", "Warning"))]


def test_each_public_name_is_in_the_reference_once():
    for name in cow.__all__:
        found = re.findall(rf"^ *\.\. auto\w+:: {name}$", REFERENCE, re.MULTILINE)
        assert len(found) == 1, f"docs/reference/: `.. autofunction:: {name}`, once"


def test_each_public_name_is_in_a_list_by_topic():
    lists = re.findall(r"autosummary::\n(.*?)\n(?:```|\n\.\.)", REFERENCE, re.DOTALL)
    listed = set(re.findall(r"^   (\w+)$", "\n".join(lists), re.MULTILINE))
    errors = {kind.__name__ for kind in WARNINGS}
    assert listed == set(cow.__all__) - errors


def test_each_attribute_that_numpy_does_not_have_is_in_the_reference():
    own = set(dir(cow.CowArray)) - set(dir(np.ndarray))
    for name in (n for n in own if not n.startswith("_")):
        assert re.search(rf"auto(method|attribute):: {name}$", REFERENCE, re.MULTILINE)


def test_each_public_name_has_a_docstring():
    for name in cow.__all__:
        assert len(inspect.getdoc(getattr(cow, name)) or "") > 30, name


@pytest.mark.parametrize("kind", WARNINGS)
def test_each_exception_has_a_section_that_says_what_to_do(kind):
    page = (DOCS / "reference" / "exceptions.md").read_text()
    section = page.partition(f"\n## {kind.__name__}\n")[2].partition("\n## ")[0]
    assert f"autoexception:: {kind.__name__}" in section
    assert "**Do**" in section and ">>>" in section


def test_each_environment_variable_is_listed():
    page = (DOCS / "reference" / "environment.md").read_text()
    listed = set(re.findall(r"^\| `(COW_\w+)` \|", page, re.MULTILINE))
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.[ch]")]
    used = set()
    for path in sources:
        used |= set(
            re.findall(r'(?:environ|getenv)\W[^\n]*"(COW_\w+)"', path.read_text())
        )
    assert used and used == listed


def test_each_option_of_the_command_line_is_listed():
    page = (DOCS / "reference" / "command-line.md").read_text()
    command = _parser()._subparsers._group_actions[0].choices["audit"]
    options = {each for action in command._actions for each in action.option_strings}
    plugin = (ROOT / "src" / "pytest_cowarray.py").read_text()
    options |= set(re.findall(r'"(--cow-[\w-]+)"', plugin))
    for option in options - {"-h", "--help"}:
        assert re.search(rf"^\| `{option}\b", page, re.MULTILINE), option


def fences(text):
    """Return the blocks of Python code."""
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


# what takes a package that these tests do without (tests/foreign/test_docs.py runs it);
# types, which tests/typing/test_docs.py checks;
# and those of other packages, which tests/project/test_upstream.py runs; the programs
# of tests/distributed run those with workers
NOT_RUN = {
    "distributed.md": ["client.submit", "@ray.remote", "joblib.Parallel"],
    "upstream.md": ["import numpy"],
    "howto/compiled.md": ["import cv2", "import torch"],
    "typing.md": ["def rms(x: Signal)"],
}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(DOCS)))
def test_each_example_runs_as_a_test(page):
    excused = list(NOT_RUN.get(str(page.relative_to(DOCS)), ()))
    for block in fences(page.read_text()):
        if block.startswith(">>>"):
            continue  # pytest runs it
        ast.parse(block)
        found = [word for word in excused if word in block]
        assert found, f"write this with >>>, so that it is run:\n{block}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(DOCS)))
def test_links_between_pages_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path = link.partition("#")[0]
        if path and not re.match(r"\w+:", link):
            target = page.parent / path
            made = target.name == "tour.ipynb"  # make docs brings it
            assert made or target.exists(), f"{page.name}: {link}"


def test_each_page_is_in_the_contents():
    listed = {"index"}
    for page in PAGES:
        for block in re.findall(
            r"^```{toctree}\n(.*?)^```", page.read_text(), re.M | re.S
        ):
            listed |= {line for line in block.splitlines() if line and line[0] != ":"}
    pages = {str(p.relative_to(DOCS).with_suffix("")) for p in PAGES}
    assert listed - {"tour"} == pages


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_readme_is_short_and_its_figures_hold():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 91
    readme = " ".join(text.split())
    escapes = (DOCS / "escapes.md").read_text()
    routes = re.findall(r"^\| .*(?:copied|raised)", escapes, re.MULTILINE)
    assert "more than 200 routes of writing" in readme and len(routes) > 200
    bugs = (DOCS / "reproductions.md").read_text().count("\n| [")
    assert "more than 40 [mutation bugs]" in readme and bugs > 40
    suites = (DOCS / "suites.md").read_text()
    rows = re.findall(r"^\| \S+ \| early \| ([\d,]+) \|", suites, re.MULTILINE)
    tests = sum(int(each.replace(",", "")) for each in rows)
    assert "more than 30,000, under `cow.protect`" in readme and tests > 30_000


def test_drawings_are_those_of_the_script():
    drawings = load(DOCS / "drawings.py").drawings()
    values = (DOCS / "values.md").read_text()
    for name, text in drawings.items():
        drawn = (DOCS / "pictures" / name).read_text()
        assert drawn == text, "python docs/drawings.py"
        assert f"pictures/{name}" in values


def test_costs_are_those_of_the_page_on_speed():
    found = costs.figures((DOCS / "speed.md").read_text())
    assert len(found) > 100 and all(costs.groups(found).values())
    page, drawn = (DOCS / "costs.md").read_text(), DOCS / "pictures" / "costs.svg"
    assert costs.page(page, found) == page, "python -m benchmarks.costs"
    assert drawn.read_text() == costs.picture(found), "python -m benchmarks.costs"


def test_costs_begin_with_three_sentences_and_a_picture():
    page = (DOCS / "costs.md").read_text()
    begin, _, rest = page.partition(costs.END)
    text = begin.partition(costs.BEGIN)[2]
    assert len(re.findall(r"\.\s", text)) == 3
    assert rest.lstrip().startswith("```{image} pictures/costs.svg")


def test_links_of_a_built_site_are_checked(tmp_path):
    check = load(DOCS / "check_site.py")
    (tmp_path / "a.html").write_text('<h1 id="top"></h1><a href="b.html#x">b</a>')
    (tmp_path / "b.html").write_text('<a id="x" href="a.html#top">a</a><img src="c">')
    assert check.broken(tmp_path) == (["b.html: c"], 3, 0)
    (tmp_path / "c").write_text("")
    assert check.broken(tmp_path) == ([], 3, 0)
    (tmp_path / "b.html").write_text('<a href="a.html#top">a</a><a href="//x.org"></a>')
    assert check.broken(tmp_path) == (["a.html: b.html#x"], 2, 1)


@pytest.fixture(scope="module")
def tour():
    notebook = nbformat.read(ROOT / "examples" / "tour.ipynb", as_version=4)
    client = nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3")
    client.execute()
    return notebook


def shown(notebook, kind):
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    return ["".join(out.data[kind]) for out in outputs if kind in out.get("data", {})]


def test_notebook_runs_and_shows_its_pictures(tour):
    html = shown(tour, "text/html")
    assert sum("<svg" in each for each in html) == 4
    assert sum("<table" in each for each in html) == 2
    assert any("field += 1.0" in each and "1,440,000" in each for each in html)
    assert any("smooth" in each and "weights" in each for each in html)
    text = [" ".join(each.split()) for each in shown(tour, "text/plain")]
    assert "([0.0, 1.0, 2.0], 0.0)" in text
    kept = "array([1., 4., 2., 8., 5.]), array([1., 1., 1.])"
    assert any(kept in each for each in text)


def test_notebook_is_kept_without_its_output():
    kept = json.loads((ROOT / "examples" / "tour.ipynb").read_text())
    code = [cell for cell in kept["cells"] if cell["cell_type"] == "code"]
    assert code and all(not cell["outputs"] for cell in code)
