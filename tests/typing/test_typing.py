"""The types: ordinary code passes, each mistake is reported on its line."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typing_extensions

from tests import ROOT
from tests.typing import checkers

# Before, NumPy's stubs know no shapes.
pytestmark = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="stubs of NumPy before 2.2"
)

HERE = Path(__file__).parent
WHEELS = Path(os.environ.get("COW_WHEELS", ROOT / ".venv" / "wheel"))
CHECKERS = [checkers.mypy, checkers.pyright]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The Python of an environment that holds the wheel and what it needs."""
    wheels = sorted(WHEELS.glob("cowarray-*.whl"))
    assert len(wheels) == 1, "`make test` builds the wheel"
    home = tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", "-q", wheels[0]], check=True)
    return python


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The Python of an environment that holds NumPy alone.

    So it is for checkers after an editable install, whose import hook tells them
    nothing.
    """
    home = tmp_path_factory.mktemp("sources")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    for file in (Path(np.__file__).parent, Path(typing_extensions.__file__)):
        (packages / file.name).symlink_to(file)
    return home / "bin" / "python"


@pytest.fixture
def check(request, tmp_path, tmp_path_factory):
    cache = tmp_path_factory.getbasetemp() / "mypy-cache"

    def check(checker, name, python):
        file = shutil.copy(HERE / name, tmp_path)
        return checker(file, python, tmp_path, cache / Path(python).parent.parent.name)

    return check


def expected(name):
    """Return the lines marked for one checker, or for both."""
    lines = enumerate((HERE / "reject.py").read_text().splitlines(), 1)
    return {at for at, text in lines if re.search(rf"  # (both|{name})$", text)}


def python_of(where, request):
    return sys.executable if where == "here" else request.getfixturevalue("empty")


@pytest.mark.parametrize("where", ["here", "empty"])
@pytest.mark.parametrize("checker", CHECKERS, ids=lambda c: c.__name__)
def test_ordinary_code_is_accepted(checker, where, request, check):
    lines, output = check(checker, "accept.py", python_of(where, request))
    assert not lines, output


@pytest.mark.parametrize("where", ["here", "empty"])
@pytest.mark.parametrize("checker", CHECKERS, ids=lambda c: c.__name__)
def test_each_mistake_is_reported_on_its_line(checker, where, request, check):
    lines, output = check(checker, "reject.py", python_of(where, request))
    wanted = expected(checker.__name__)
    assert len(wanted) >= 60
    assert wanted <= lines, f"not reported: {sorted(wanted - lines)}"
    unmarked = lines - expected("(mypy|pyright)")
    assert not unmarked, f"reported, but not marked: {sorted(unmarked)}\n{output}"


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda c: c.__name__)
def test_the_configuration_finds_the_types_of_an_editable_install(
    checker, sources, tmp_path
):
    missing = subprocess.run([sources, "-c", "import cow"], capture_output=True)
    assert b"No module named 'cow'" in missing.stderr
    lines, output = checker(HERE / "accept.py", sources, ROOT, tmp_path, True)
    assert not lines, output
    lines, output = checker(HERE / "reject.py", sources, ROOT, tmp_path, True)
    assert expected(checker.__name__) <= lines, output


def test_all_types_are_known_in_the_wheel(empty, tmp_path):
    command = [checkers.BIN / "pyright", "--outputjson", "--verifytypes", "cow"]
    # here pyright ignores --pythonpath: it asks the first python on PATH
    path = f"{empty.parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(empty.parent.parent)}
    output = checkers.run([*command, "--ignoreexternal"], cwd=tmp_path, env=env)
    report = json.loads(output[output.index("{") :])["typeCompleteness"]
    assert report["completenessScore"] == 1, output
