"""The audit counts calls, finds lines, and accuses no guarded function."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import collections
    import numpy as np
    import cow

    def one(x): x[0] = 5                            # one
    sorts = lambda x: x.sort()                      # lambda
    def loop(x):
        for i in range(50):
            x[i] += 1                               # loop
    def generator(x):
        for i in range(5):
            x[i] += 1                               # generator
            yield i
    def views(x):
        return [x[i:] for i in range(5)]
    def once(x):
        return x[1:]
    def of_guarded(x):
        x += 1                                      # of_guarded
    @cow.no_mutate
    def guarded(x):
        of_guarded(x)
        return x
    @cow.no_mutate
    def guarded_line(x): x[0] = 1
    @cow.no_mutate
    class Model:
        def fit(self, x):
            of_guarded(x[1:])
    Pair = collections.namedtuple("Pair", "a b")

    for _ in range(3):
        a = np.arange(100.0)[::-1].copy()
        one(a), sorts(a), loop(a), list(generator(a)), views(a)
        guarded(a), guarded_line(a), Model().fit(a), Pair(a, a)
    once(a)
"""


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audited")
    (folder / "program.py").write_text(textwrap.dedent(PROGRAM))
    command = [sys.executable, "-m", "cow", "audit", "--json=out.json", "program.py"]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, env=os.environ
    )
    assert run.returncode == 1, run.stderr
    return json.loads((folder / "out.json").read_text()), run.stderr


def writes(found, external):
    return {
        w["function"].rpartition(".")[2]: w
        for w in found["writes"]
        if w["external"] == external
    }


def line_of(mark):
    lines = textwrap.dedent(PROGRAM).splitlines()
    return next(i for i, s in enumerate(lines, 1) if s.endswith("# " + mark))


@pytest.mark.parametrize("name", ["one", "<lambda>", "loop", "generator"])
def test_calls_are_counted_and_each_write_has_its_line(audited, name):
    write = writes(audited[0], True)[name]
    assert write["times"] == 3
    assert write["line"] == line_of(name.strip("<>"))
    assert f"__main__.{name}(x), 3 times" in audited[1]


def test_nothing_else_is_accused(audited):
    assert {*writes(audited[0], True)} == {"one", "<lambda>", "loop", "generator"}


def test_what_is_called_with_the_copies_of_a_guarded_function_writes_those(audited):
    assert {*writes(audited[0], False)} == {"of_guarded"}
    assert "Write into arrays of their own package (1)" in audited[1]


def test_results_are_counted_by_calls(audited):
    times = {a["function"]: a["times"] for a in audited[0]["aliases"]}
    assert times == {"__main__.views": 3, "__main__.once": 1}
    assert "\n     once  __main__.once(x): shares its memory" in audited[1]
    assert "\n  3 times  __main__.views(x): shares its memory" in audited[1]
