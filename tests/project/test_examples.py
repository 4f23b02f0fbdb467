"""The examples run, and the documentation quotes what they print."""

import re
import subprocess
import sys

import pytest

from tests import ROOT


@pytest.fixture(scope="module")
def run():
    def run(name, *arguments):
        return subprocess.run(
            [
                sys.executable,
                "-W",
                "error",
                str(ROOT / "examples" / name),
                *map(str, arguments),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout

    return run


@pytest.fixture(scope="module")
def tutorial(run):
    return run("tutorial.py")


def test_documentation_quotes_the_output_of_the_tutorial_exactly(tutorial):
    page = (ROOT / "docs" / "tutorial.md").read_text()
    # a chapter of the page: heading, prose, one quotation
    quoted = re.findall(r"^## (\d\. .*?)\n.*?```text\n(.*?)```", page, re.M | re.S)
    heading = page.partition("\n")[0].removeprefix("# ")
    expected = [heading]
    for title, body in quoted:
        expected += ["", "", title, "=" * len(title), "", *body.splitlines()]
    assert tutorial.splitlines() == expected


def test_tutorial_fits_a_terminal_and_shows_both_columns(tutorial):
    lines = tutorial.splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.split() == ["NumPy", "cow"] for line in lines) >= 15


def cells(output, name):
    """Return the pairs (NumPy, cow) of the lines that show `name`."""
    found = re.findall(rf"^  {re.escape(name)}  +(.*?)  +(.*)$", output, re.M)
    return [(left, right.strip()) for left, right in found]


def test_tutorial_shows_what_a_copy_and_a_snapshot_take(tutorial):
    whole = "8,000,000 bytes"
    assert cells(tutorial, "bytes_taken(lambda: a.copy())") == [(whole, whole)]
    assert cells(tutorial, "bytes_taken(lambda: a[...])") == [("0 bytes", "0 bytes")]
    assert cells(tutorial, "bytes_taken(written_snapshot)") == [("0 bytes", whole)]


def test_versions_of_a_volume_are_those_of_full_copies_and_cost_less(run):
    output = run("paged.py", 20)
    assert output.count("True\n") == 3 and "False" not in output
    taken = re.findall(r"^(.*?)  +(-?[\d,]+) MB", output, re.M)
    found = {name: int(size.replace(",", "")) for name, size in taken}
    assert found["numpy: all of them would be"] > 3900
    if sys.platform == "linux":
        assert found["cow:   200 strokes, each with a mark"] < 100


@pytest.mark.skipif(
    sys.version_info >= (3, 15), reason="SciPy 1.16.1, which writes, has no wheel"
)
def test_guarded_analysis_leaves_real_data_unchanged(run):
    output = run("real_data.py")
    plain, _, rest = output.partition("The same with cow.no_mutate")
    guarded, _, workers = rest.partition("A read-only array of joblib's workers")
    assert re.findall("silently changed: +(.*)", plain) == [
        "ppm (2225 of 2225 values), weights (2225 of 2225 values)"
    ]
    assert re.findall("silently changed: +(.*)", guarded) == ["nothing"]
    assert re.findall(r"mean of 2001: +([\d.]+)", plain + guarded) == ["30.7", "370.9"]
    assert "read-only" in workers
    assert re.findall(r"cow.asarray\(ppm\): +(.*)", workers) == [
        "5.7 ppm, 7.8 ppm, 9.9 ppm"
    ]
    assert re.findall("measurements unchanged: +(.*)", workers) == ["True"]
