"""The examples run, and the tutorial's page shows what they print."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent


def run(name):
    script = ROOT / "examples" / name
    done = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tutorial_page_shows_what_the_tutorial_prints():
    page = (ROOT / "docs" / "tutorial.md").read_text()
    shown = "\n\n".join(re.findall(r"```text\n(.*?)\n```", page, re.DOTALL))
    assert shown == run("tutorial.py").strip("\n")


def test_real_data_is_changed_by_numpy_and_not_with_cow():
    changed = re.findall(r"values silently changed: (\d+)", run("real_data.py"))
    assert [int(n) for n in changed] == [733, 0]
