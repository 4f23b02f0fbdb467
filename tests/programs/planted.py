"""Do the fuzzers find a defect, and how soon? Plants one at a time in a copy of cow.

``python -m tests.programs.planted [NAME ...]`` takes some minutes for each; ``--list``
names them. A copy of the sources gets the defect, is built into an environment below
build/planted, and a fuzzer runs on it until it fails or SECONDS have passed. Without a
defect (the name is ``none``) it must not fail.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

from tests import ROOT
from tests.programs.plants import CORE, PLANTS

SOURCES = ["src", "stubs", "meson.build", "pyproject.toml", "VERSION", "README.md"]
SOURCES += ["LICENSE"]
SECONDS = 300


@dataclass
class Found:
    """What a fuzzer said of a planted defect."""

    failed: bool
    seconds: float
    output: str

    def steps(self):
        """Return the number of steps until it failed, as the fuzzer has printed it."""
        said = re.search(r"(\d+) in all|(\d+) steps", self.output)
        return int(said[1] or said[2]) if said else 0

    def reason(self):
        """Return the line that says what was different."""
        lines = [line for line in self.output.splitlines() if line.strip()]
        at = next((i for i, line in enumerate(lines) if "in all" in line), -1)
        if lines and lines[at].endswith("in all:") and "ended with" not in lines[at]:
            at += 1
        return lines[at][-100:] if lines else ""


def find(tree, name, old):
    """Return the file below `tree` that has the text, which must be there once."""
    core = (tree / "src/core").iterdir()
    paths = core if name == CORE else [tree / "src/cow" / name]
    found = [path for path in paths for _ in range(path.read_text().count(old))]
    if len(found) != 1:
        raise LookupError(f"{name} has {len(found)} times: {old}")
    return found[0]


def plant(tree, edits):
    """Replace texts of files below `tree`."""
    for name, old, new in edits:
        path = find(tree, name, old)
        path.write_text(path.read_text().replace(old, new))


def build(place, edits):
    """Build cow with the edits into the environment at `place`; return its Python."""
    tree = place / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in SOURCES:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tree / name)
    plant(tree, edits)
    python = place / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
        rest = next(p for p in sys.path if p.endswith("site-packages"))
        (site,) = (place / "venv").glob("lib/python3.*/site-packages")
        (site / "rest.pth").write_text(f"{rest}\n")
    command = [python, "-m", "pip", "-q", "--disable-pip-version-check", "install"]
    command += ["--no-deps", "--force-reinstall"]
    subprocess.run([*command, tree], check=True, stderr=subprocess.DEVNULL)
    return python


def fuzz(python, fuzzer, seed, seconds):
    """Run a fuzzer of this directory."""
    module, *more = f"tests.programs.{fuzzer}".split()
    arguments = [str(seconds)] if fuzzer == "threads" else [str(seed), str(seconds)]
    arguments += more
    start = time.monotonic()
    done = subprocess.run(
        [python, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    output = done.stdout + done.stderr[-500:]
    return Found(done.returncode != 0, time.monotonic() - start, output)


def main():
    parser = argparse.ArgumentParser(prog="planted")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    for name in {*options.names} - {*PLANTS, "none"}:
        parser.error(f"no defect is called {name!r}, see --list")
    if options.list:
        for name, (fuzzer, _) in PLANTS.items():
            print(f"{name}: {fuzzer}")
        return 0
    missed = 0
    for name in options.names or PLANTS:
        fuzzer, edits = PLANTS.get(name, ("values", []))
        python = build(ROOT / "build/planted", edits)
        found = fuzz(python, fuzzer, options.seed, options.seconds)
        missed += found.failed != bool(edits)
        word = "found" if found.failed else "not found"
        figures = f"{found.steps()} steps, {found.seconds:.0f} s"
        print(f"{name}: {word} by {fuzzer}, {figures}: {found.reason()}", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
