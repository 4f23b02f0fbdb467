"""Run the tests of SciPy, scikit-learn and statsmodels under `cow.protect`.

Each suite runs without and with ``cow.protect`` of its package, at the same
time, so that both meet the same machine. What passes without must pass with it,
apart from the tests listed by name in ``allowed.toml``, in groups with a reason
and with the error that they must end in.

    python -m tests.suites.run [suites] [--modes early,late] [--page FILE]

Tests that take more than two seconds, listed in ``slow.txt``, are left out. The
outcome of each test stays in ``build/suites``, with its traceback.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections import Counter
from typing import NamedTuple

from tests.suites.page import page

HERE = pathlib.Path(__file__).parent
TREE = HERE.parents[1]
KEPT = TREE / "build" / "suites"
SITE = pathlib.Path(sysconfig.get_paths()["purelib"])


class Suite(NamedTuple):
    """A package, and how many parameter sets of each test run."""

    pattern: str
    sample: int


SUITES = {
    "ndimage": Suite("scipy.ndimage", 8),
    "signal": Suite("scipy.signal", 8),
    "fft": Suite("scipy.fft", 8),
    "linalg": Suite("scipy.linalg", 8),
    "interpolate": Suite("scipy.interpolate", 8),
    "optimize": Suite("scipy.optimize", 8),
    "stats": Suite("scipy.stats", 4),
    "sklearn": Suite("sklearn", 2),
    "statsmodels": Suite("statsmodels", 2),
}
SLOW = HERE / "slow.txt"
TOO_SLOW = 2  # seconds
ALLOWED_RATIO = 1.5
RESTARTS = 20  # after a crash
RERUN = 300  # of the tests that got lost, at most
BRACES = r"([^{]*)(?:\{(\w+)\}(.*))?"  # test_{ab} stands for test_a and test_b


class Outcome(NamedTuple):
    """What became of a test; its duration is that of its three phases."""

    outcome: str
    duration: float
    message: str


class Run:
    """A run of a suite in a mode, in the background, beside one in `other` mode."""

    def __init__(self, name, mode, other, sample, only=None):
        suite = SUITES[name]
        self.crashes = []
        kept = KEPT / ("." if only is None else "alone")
        kept.mkdir(parents=True, exist_ok=True)
        about = f"{name}-{mode}" if mode != "plain" else f"{name}-{other}-plain"
        self.path, self.log = kept / f"{about}.jsonl", kept / f"{about}.log"
        folder = SITE / suite.pattern.replace(".", "/")
        self.command = [sys.executable, "-m", "pytest", str(folder)]
        self.command += ["-q", "-c", "/dev/null", f"--rootdir={SITE}", "--tb=short"]
        self.command += ["-p", "no:cacheprovider", "-W", "ignore", "-m", "not slow"]
        self.command += ["--timeout=300", "--hypothesis-seed=0"]
        self.command += ["-p", "tests.suites.plugin", f"--mode={mode}"]
        self.command += [f"--pattern={suite.pattern}", f"--plants={name}"]
        self.command += [f"--outcomes={self.path}", f"--sample={sample}"]
        self.command += [f"--left-out={SLOW}"]
        if only:
            listed = kept / f"{name}.txt"
            listed.write_text("\n".join(only))
            self.command += [f"--only={listed}"]

    def begin(self):
        self.path.write_text("")
        self.log.write_text("")
        self._start()

    def _start(self):
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=self.path.parent, env=_env()
            )

    def wait(self):
        """Wait for the end; after a crash go on with the tests that are left."""
        while (code := self.process.wait()) not in (0, 1, 5):
            tests = [what[1] for what in self._lines() if what[0] == "test"]
            at = tests[-1] if tests else "the start"
            self.crashes.append(f"{at}: pytest ended with {code}")
            if len(self.crashes) > RESTARTS or not tests:
                break
            self._start()
        return self

    def _lines(self):
        return map(json.loads, self.path.read_text().splitlines())

    def read(self):
        """Gather what the plugin wrote."""
        self.tests, self.counts, self.plants = {}, Counter(), {}
        self.phase = 0
        for kind, *what in self._lines():
            if kind == "test":
                name, *rest = what
                self._add(name, Outcome(*rest))
            elif kind == "counts":
                self.counts.update(what[0])
            elif kind == "plant":
                self.plants[what[0]] = what[1]
            else:
                self.phase += what[0]
        return self

    def _add(self, name, new):
        old = self.tests.get(name, new)
        duration = old.duration + new.duration if old is not new else new.duration
        # the phases of a test: what failed or was skipped stays so
        worst = old if old.outcome in ("failed", "skipped") else new
        self.tests[name] = worst._replace(duration=duration)

    def passed(self):
        return {name for name, test in self.tests.items() if test.outcome == "passed"}


def _env():
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**os.environ, **one, "PYTHONHASHSEED": "0", "PYTHONPATH": str(TREE)}


class Allowed:
    """The tests that may fail: by name, each in a group with its reason."""

    def __init__(self):
        with open(HERE / "allowed.toml", "rb") as file:
            groups = tomllib.load(file)
        self.listed = {}
        for reason, group in groups.items():
            for test in group["tests"].split():
                first, letters, rest = re.fullmatch(BRACES, test).groups()
                for letter in letters or [""]:
                    name = first + letter + (rest or "")
                    self.listed[name] = (reason, group["error"])

    def reason(self, test, message):
        """Return the group that the failure of a test is in, or None."""
        name = test.partition("[")[0]
        reason, error = self.listed.get(name, (None, ""))
        if reason is None or not re.search(error, message):
            return None
        return reason


class Result(NamedTuple):
    """What is told of a suite."""

    suite: str
    mode: str
    sample: int
    tests: int
    plain: int  # tests that passed
    protected: int
    allowed: list  # of tests
    lost: list  # of (test, message)
    flaky: list  # lost, but not when run again
    unpaired: int  # tests of one run alone
    crashes: list
    seconds: tuple  # of the tests that passed in both runs: plain, protected
    phases: tuple  # of all tests
    counts: dict
    plants: list  # of (name, plain, protected)

    @property
    def ratio(self):
        return self.seconds[1] / self.seconds[0] if self.seconds[0] else 0

    def wrong(self):
        """Yield what must not be."""
        if self.lost or self.crashes:
            yield f"{len(self.lost)} lost, {len(self.crashes)} crashes"
        if self.ratio > ALLOWED_RATIO:
            yield f"time ratio {self.ratio:.2f}"
        # of some packages nothing is proven to be read: it is all C code
        for name in ("guarded", "copied"):
            if not self.counts.get(name):
                yield f"no {name} calls counted"
        for name, plain, protected in self.plants:
            if plain != "written" or protected != "caught":
                yield f"plant {name}: {plain} without, {protected} with cow.protect"


def run_suite(name, mode, sample, allowed, kept):
    """Run a suite in both ways and compare; `kept`: compare what the last run left."""
    if sample is None:
        sample = SUITES[name].sample if mode == "early" else 1
    plain, protected = _both(name, mode, sample, None, kept)
    before = plain.passed()
    lost, listed = {}, []
    for test in sorted(before - protected.passed()):
        found = protected.tests.get(test)
        if found is None or found.outcome == "skipped":
            message = "skipped" if found else "not run"
        else:
            message = found.message or "crashed"
        if allowed.reason(test, message) is None:
            lost[test] = message
        else:
            listed.append(test)
    flaky = _flaky(name, mode, list(lost)[:RERUN], kept) if lost else []
    both = before & protected.passed()
    return Result(
        suite=name,
        mode=mode,
        sample=sample,
        tests=len(plain.tests),
        plain=len(before),
        protected=len(protected.passed()),
        allowed=listed,
        lost=[(test, lost[test]) for test in lost if test not in flaky],
        flaky=flaky,
        unpaired=len(plain.tests.keys() ^ protected.tests.keys()),
        crashes=sorted(set(protected.crashes) - set(plain.crashes)),
        seconds=tuple(
            sum(run.tests[test].duration for test in both) for run in (plain, protected)
        ),
        phases=(plain.phase, protected.phase),
        counts=dict(protected.counts),
        plants=[
            (plant, text, protected.plants.get(plant, "not tried"))
            for plant, text in plain.plants.items()
        ],
    )


def _both(name, mode, sample, only, kept):
    runs = [Run(name, kind, mode, sample, only) for kind in ("plain", mode)]
    if not kept:
        for run in runs:
            run.begin()
        for run in runs:
            run.wait()
    return [run.read() for run in runs]


def _flaky(name, mode, tests, kept):
    """Return those of the tests that are not lost when they run alone."""
    plain, protected = _both(name, mode, 0, tests, kept)
    return sorted(set(tests) - (plain.passed() - protected.passed()))


def first_line(message):
    return next(iter(message.strip().splitlines()), "")[:150]


def tell(result):
    """Print what came of a suite."""
    print(
        f"\n{result.suite} ({result.mode}, at most {result.sample or 'all'} parameter "
        f"sets a test)\n"
        f"  {result.tests} tests; {result.plain} pass without, {result.protected} "
        f"with cow.protect; {len(result.allowed)} listed, {len(result.lost)} lost, "
        f"{len(result.flaky)} lost only once, {result.unpaired} in one run alone\n"
        f"  {result.seconds[0]:.1f} s without, {result.seconds[1]:.1f} s with: "
        f"{result.ratio:.2f}x ({result.phases[0]:.0f} s and {result.phases[1]:.0f} s "
        f"with those that do not pass)\n"
        f"  {_counts(result)}"
    )
    for name, plain, protected in result.plants:
        print(f"  plant: {name}: {plain} without, {protected} with cow.protect")
    for test in result.flaky:
        print(f"  lost only once: {test}")
    for crash in result.crashes:
        print(f"  crash: {crash}")
    for test, message in result.lost:
        print(f"  lost: {test}\n      {first_line(message)}")
    for text in result.wrong():
        print(f"  WRONG: {text}")
    sys.stdout.flush()


def _counts(result):
    if not result.counts:
        return "calls are not counted"
    return "calls {guarded} guarded; arrays {lent} lent, {copied} copied".format(
        **{"guarded": 0, "lent": 0, "copied": 0, **result.counts}
    )


def versions():
    """Return what was run, and on what."""
    names = ("numpy", "scipy", "scikit-learn", "statsmodels")
    packages = [f"{name} {importlib.metadata.version(name)}" for name in names]
    return f"CPython {platform.python_version()}, {', '.join(packages)}"


def write_slow():
    """List the tests that took long in the plain runs, which are kept.

    Where it is the setup, the class is listed: the next test would have it.
    """
    listed = set(SLOW.read_text().splitlines()) if SLOW.exists() else set()
    for path in KEPT.glob("*-plain.jsonl"):
        seconds = Counter()
        for kind, *what in map(json.loads, path.read_text().splitlines()):
            if kind != "test":
                continue
            name, outcome, duration, _ = what
            seconds[name] += duration
            if outcome == "started" and duration > TOO_SLOW and name.count("::") > 1:
                listed.add(name.rpartition("::")[0] + "::")
        listed |= {test for test, time in seconds.items() if time > TOO_SLOW}
    SLOW.write_text("\n".join(sorted(listed)) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("suites", nargs="*", metavar="suite", help=", ".join(SUITES))
    parser.add_argument("--modes", default="early", help="early, late or early,late")
    parser.add_argument("--sample", type=int, help="parameter sets a test; 0: all")
    parser.add_argument("--slow", action="store_true", help="write slow.txt, no more")
    parser.add_argument(
        "--kept", action="store_true", help="run nothing: what the last runs left"
    )
    parser.add_argument("--page", type=pathlib.Path, help="write the figures there")
    chosen = parser.parse_args()
    unknown = set(chosen.suites) - set(SUITES)
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    return chosen


def main():
    chosen, allowed, results = arguments(), Allowed(), []
    if chosen.slow:
        return write_slow()
    print(versions())
    for mode in chosen.modes.split(","):
        for name in chosen.suites or SUITES:
            result = run_suite(name, mode, chosen.sample, allowed, chosen.kept)
            results.append(result)
            tell(result)
    if chosen.page:
        patterns = {name: suite.pattern for name, suite in SUITES.items()}
        text = page(results, allowed.listed, patterns, versions())
        chosen.page.write_text(text)
    return any(list(result.wrong()) for result in results)


if __name__ == "__main__":
    sys.exit(main())
