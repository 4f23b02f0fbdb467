"""A release: one version, files that are ours, a clear word beside another cow."""

import re
import shutil
import tomllib
from importlib.metadata import files, version
from pathlib import Path, PurePosixPath

import pytest

import cow
from cow._ground.strangers import strangers
from tests import ROOT

INSTALLED = Path(cow.__file__).parent
VERSION = (ROOT / "VERSION").read_text().strip()
ADVICE = "pip uninstall -y cow cowarray && pip install cowarray"


def test_version_has_one_source():
    assert cow.__version__ == version("cowarray") == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+(rc\d+)?", VERSION)
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {VERSION}\n" in citation
    recipe = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text()
    assert f'version: "{VERSION}"' in recipe
    texts = [(ROOT / name).read_text() for name in ("pyproject.toml", "meson.build")]
    texts += [path.read_text() for path in (ROOT / "src").rglob("*.py")]
    assert not [text for text in texts if f'"{VERSION}"' in text]


def test_recipe_wants_what_the_package_wants():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    recipe = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text()
    run = recipe.partition("  run:\n")[2].partition("  run_constraints")[0]
    wanted = {
        re.sub(r"[\s<>=;].*", "", each): each
        for each in project["project"]["dependencies"]
    }
    for name in wanted:
        least = re.search(
            rf"{name}>=([\d.]+)", " ".join(project["project"]["dependencies"])
        )
        assert f"- {name} >={least[1]}\n" in run
    least = project["project"]["requires-python"].removeprefix(">=")
    assert f"- python >={least}\n" in run


def test_release_is_published_without_a_token_after_all_tests():
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert "secrets." not in text and "id-token: write" in text
    publish = text.partition("\n  publish:\n")[2]
    assert "needs: [sdist, wheels, newest]" in publish
    assert "startsWith(github.ref, 'refs/tags/')" in publish


def test_wheel_is_built_for_each_platform_that_is_promised():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "cibuildwheel"
    ]
    assert config["build"] == "cp311-*"
    assert {"linux", "macos", "windows"} <= config.keys()
    assert config["linux"]["archs"] == ["x86_64", "aarch64"]
    images = {key.partition("-")[0] for key in config["linux"] if "-" in key}
    assert images == {"manylinux", "musllinux"}


def test_files_of_the_package_are_known():
    assert strangers(str(INSTALLED)) == []
    ours = {PurePosixPath(str(each)).parts[0] for each in files("cowarray")}
    ours -= {name for name in ours if name.startswith(("..", "__pycache__"))}
    allowed = {"cow", "cowarray.py", "pytest_cowarray.py"}
    assert ours == {*allowed, f"cowarray-{VERSION}.dist-info"}


@pytest.fixture
def folder(tmp_path):
    """The installed package, in a folder that comes first."""
    shutil.copytree(INSTALLED, tmp_path / "cow")
    shutil.copy(INSTALLED.parent / "cowarray.py", tmp_path)
    return tmp_path


def test_cow_is_imported_from_a_copy(folder, python):
    done = python("-c", "import cowarray, cow; print(cow.__file__)", cwd=folder)
    assert done.returncode == 0 and str(folder) in done.stdout, done.stderr


def test_files_of_another_cow_beside_ours_are_told(folder, python):
    (folder / "cow" / "templatetags").mkdir()
    for name in ("cow", "cowarray"):
        done = python("-c", f"import {name}", cwd=folder)
        assert done.returncode != 0
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith("ImportError") and "templatetags" in last
        assert last.endswith(ADVICE)


def test_another_cow_in_our_place_is_told(folder, python):
    (folder / "cow" / "__init__.py").write_text("")
    assert (
        python("-c", "import cow", cwd=folder).returncode == 0
    )  # nothing of ours runs
    done = python("-c", "import cowarray", cwd=folder)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError") and last.endswith(ADVICE)


def test_what_another_cow_leaves_behind_is_told(folder, python):
    (folder / "cow" / "__init__.py").unlink()
    # without site-packages, where the tests have another one
    done = python("-S", "-c", "import cowarray", cwd=folder)
    assert done.returncode != 0
    assert done.stderr.strip().endswith(ADVICE)


def test_both_names_are_the_same(python):
    program = "import cow, cowarray; print(cowarray.array is cow.array)"
    assert python("-c", program).stdout == "True\n"
